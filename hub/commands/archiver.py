"""`hub archiver`: the process that archives audit events. Hidden: `hub serve` starts it and gives it its order."""

from hub.archiver import archive


def archiver() -> None:
    """Archive audit events for `hub serve`."""
    archive()
