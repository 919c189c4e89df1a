"""Where an element is in a message, in the words of the message: names without prefixes, positions among namesakes."""

import re

from lxml import etree

from hub.wire.xml import local_name

LONGEST_SEEN = 80
_WHITE_SPACE = re.compile(r"[ \t\r\n]+")
"""What XML calls white space; a no-break space is none."""

# In XPath, for an element may have very many siblings.
_NUMBERED = etree.XPath("concat($name, '[', count(preceding-sibling::*[local-name() = $name]) + 1, ']')")
_ALONE = etree.XPath("count(../*[local-name() = $name]) <= 1")


def path_of(element: etree._Element, message: etree._Element, attribute: str = "") -> str:
    """The path of an element from the root of its message: `/kmehrmessage/folder[1]/patient/id[2]`.

    A position is given where the parent has several children of that name. `attribute` is added as `/@name`.
    """
    steps: list[str] = []
    here: etree._Element | None = element
    while here is not None and here is not message:
        steps.append(_step(here))
        here = here.getparent()
    steps.append(local_name(message))
    path = "/" + "/".join(reversed(steps))
    return f"{path}/@{attribute}" if attribute else path


def cut(value: str) -> str:
    """A value as people can read it: one line, of a length that fits one, with what cannot be seen made visible."""
    # Enough for any line, so that a long value is not copied whole.
    line = _WHITE_SPACE.sub(" ", value[: 4 * LONGEST_SEEN])
    inner = visible(line.strip(" "))
    if inner != line:
        # White space at the ends may be all that is wrong with a value.
        inner = "␣" * line.startswith(" ") + inner + "␣" * (line.endswith(" ") and line != " ")
    return inner if len(inner) <= LONGEST_SEEN else inner[: LONGEST_SEEN - 1] + "…"


def visible(text: str) -> str:
    """The text with everything that no reader would see, such as a no-break space, written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def start_tag(element: etree._Element) -> str:
    """The start tag of an element without prefixes, as a reader would look for it."""
    attributes = "".join(f' {etree.QName(name).localname}="{value!s}"' for name, value in element.attrib.items())
    return cut(f"<{local_name(element)}{attributes}>")


def _step(element: etree._Element) -> str:
    name = local_name(element)
    return name if _ALONE(element, name=name) else str(_NUMBERED(element, name=name))
