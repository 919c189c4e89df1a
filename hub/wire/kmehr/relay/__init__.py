"""Documents on their way from a source to a caller, rewritten as they pass (style guide, 3.3; limits, part 4).

Nothing here is ever held whole: what goes in comes out, and memory stays flat whatever the size of a document.
"""
