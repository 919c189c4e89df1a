"""Where an element is in a message, in the words of the message: names without prefixes, positions among namesakes."""

from lxml import etree

from hub.wire.xml import local_name

LONGEST_SEEN = 80


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
    """A value as people can read it: one line, of a length that fits one."""
    # Enough for any line, so that a long value is not copied whole.
    line = " ".join(value[: 4 * LONGEST_SEEN].split())
    return line if len(line) <= LONGEST_SEEN else line[: LONGEST_SEEN - 1] + "…"


def start_tag(element: etree._Element) -> str:
    """The start tag of an element without prefixes, as a reader would look for it."""
    attributes = "".join(f' {etree.QName(name).localname}="{value!s}"' for name, value in element.attrib.items())
    return cut(f"<{local_name(element)}{attributes}>")


def _step(element: etree._Element) -> str:
    name = local_name(element)
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    alone = before == 0 and next(element.itersiblings(element.tag), None) is None
    return name if alone else f"{name}[{before + 1}]"
