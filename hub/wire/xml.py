"""The one way XML comes into the hub, and escaping on the way out.

No DTD, no entities, no network, no XInclude; depth, number and length of attributes are bounded. Comments and
processing instructions are dropped: they carry no content in hub services, and a comment inside a value must not
split it.
"""

from collections.abc import Callable

from lxml import etree

from hub.domain.errors import HubError, Reason

LONGEST_ATTRIBUTE = 16 * 1024
MOST_ATTRIBUTES = 256
"""Of one element: a canonical form sorts them, which takes the square of their number."""
DEEPEST = 200
MOST_TAGS = 1_000_000
"""Of start and end tags together: a tree takes a hundred bytes and more for an element that takes four to write."""
_LONGEST_NAME = 50_000
"""As libxml2 has it."""
_SLICE = 1 << 20
_LARGE = 9_000_000
"""libxml2 refuses text nodes over 10 MB unless told otherwise; only larger bodies can hold one."""


def parse(data: bytes, *, encoding: str | None = None, with_comments: bool = False) -> etree._Element:
    """The root element of an XML document.

    `encoding` overrides the document's own declaration (the charset of the transport). The caller has bounded the
    size of `data`. `with_comments` keeps comments and processing instructions, for who looks at them and then drops
    them (`drop_comments`). Raises HubError: message-malformed with line and column, message-too-large for what is too
    deep, has too many or too long attributes or too many tags.
    """
    if len(data) > MOST_TAGS and _count_tags(data) > MOST_TAGS:
        raise HubError(Reason.MESSAGE_TOO_LARGE, where="tags", limit=f"{MOST_TAGS} tags")
    try:
        parser = etree.XMLParser(
            encoding=encoding,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=len(data) > _LARGE,
            remove_comments=not with_comments,
            remove_pis=not with_comments,
        )
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from error
    except (LookupError, ValueError) as error:
        raise HubError(Reason.MESSAGE_MALFORMED, where="encoding", problem="unknown encoding") from error
    if etree.ElementTree(root).docinfo.internalDTD is not None:
        raise HubError(Reason.MESSAGE_MALFORMED, where="DOCTYPE", problem="a document type declaration is not allowed")
    if len(data) > LONGEST_ATTRIBUTE:
        _check_bounds(root)
    return root


def has_comments(root: etree._Element) -> bool:
    """Whether there is a comment or a processing instruction in a tree that was parsed with them."""
    return next(root.iter(etree.Comment, etree.PI), None) is not None


def drop_comments(root: etree._Element) -> None:
    """Take all comments and processing instructions out of a tree; the text around them is joined."""
    etree.strip_tags(root, etree.Comment, etree.PI)


def text(element: etree._Element | None) -> str:
    """The text of an element without the white space around it; empty when there is no element."""
    return "" if element is None or element.text is None else element.text.strip()


def only_text(element: etree._Element) -> str:
    """The text of an element that may hold nothing else, without the white space around it. Raises ValueError."""
    if len(element):
        raise ValueError("text is wanted, not elements")
    return text(element)


def verbatim(element: etree._Element | None) -> str | None:
    """The text of an element exactly as written; None when there is no element."""
    return None if element is None else element.text or ""


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace; empty for a comment."""
    tag = element.tag
    return tag[tag.rfind("}") + 1 :] if isinstance(tag, str) else ""  # type: ignore[redundant-expr]  # not of a comment


def escape(value: str) -> str:
    """A text made safe between tags and within double quotes; line ends in it survive parsing."""
    if not _NEEDS_ESCAPE.isdisjoint(value):
        for character, entity in _ENTITIES:
            value = value.replace(character, entity)
    return value


def is_plain(value: str) -> bool:
    """Whether escaping would change nothing. Seven searches: for a long text far cheaper than `escape`."""
    return not any(character in value for character, _ in _ENTITIES)


_ENTITIES = (
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ('"', "&quot;"),
    ("\r", "&#13;"),
    ("\n", "&#10;"),
    ("\t", "&#9;"),
)
_NEEDS_ESCAPE = frozenset(character for character, _ in _ENTITIES)


def _count_tags(data: bytes) -> int:
    """In slices, so that the event loop may go on in between when this runs in a thread."""
    return sum(data.count(b"<", start, start + _SLICE) for start in range(0, len(data), _SLICE))


def _malformed(error: etree.XMLSyntaxError) -> HubError:
    line, column = error.position
    where, problem = f"line {line}, column {column}", error.msg or "no XML"
    if "depth" in problem:
        return HubError(Reason.MESSAGE_TOO_LARGE, where=where, limit=f"{DEEPEST} nested elements")
    if "Name too long" in problem:
        return HubError(Reason.MESSAGE_TOO_LARGE, where=where, limit=f"{_LONGEST_NAME} characters in a name")
    return HubError(Reason.MESSAGE_MALFORMED, where=where, problem=problem.partition(", line")[0])


def _check_bounds(root: etree._Element) -> None:
    """Compiled paths: walking the tree in Python would cost as much as parsing and validating it."""
    if _TOO_DEEP(root):
        raise HubError(Reason.MESSAGE_TOO_LARGE, where=local_name(root), limit=f"{DEEPEST} nested elements")
    if _TOO_MANY_ATTRIBUTES(root):
        limit = f"{MOST_ATTRIBUTES} attributes in an element"
        raise HubError(Reason.MESSAGE_TOO_LARGE, where=local_name(root), limit=limit)
    if _ATTRIBUTE_TOO_LONG(root):
        limit = f"{LONGEST_ATTRIBUTE} characters in an attribute"
        raise HubError(Reason.MESSAGE_TOO_LARGE, where=local_name(root), limit=limit)


_TOO_DEEP: Callable[[etree._Element], object] = etree.XPath(f"boolean(/*{'/*' * DEEPEST})")
_TOO_MANY_ATTRIBUTES: Callable[[etree._Element], object] = etree.XPath(
    f"boolean(/descendant::*/@*[{MOST_ATTRIBUTES + 1}])"
)
_ATTRIBUTE_TOO_LONG: Callable[[etree._Element], object] = etree.XPath(
    f"boolean(//@*[string-length() > {LONGEST_ATTRIBUTE}])"
)
