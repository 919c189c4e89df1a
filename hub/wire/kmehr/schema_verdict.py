"""libxml2's verdict on a message, and its messages turned into refusals.

This is all a caller gets when a document is too large to be explained; `explanation.py` knows more and takes longer.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import islice

from lxml import etree

from hub.wire.kmehr import schema_texts as texts
from hub.wire.kmehr.paths import start_tag
from hub.wire.kmehr.refusals import Refusal, facet_text, refusal_at
from hub.wire.xml import local_name

_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_STEP = re.compile(r"(?:([^:\[]+):)?([^:\[]+)(?:\[(\d+)\])?")
_NAMESPACE = re.compile(r"\{[^}]*\}")
_ATTRIBUTE = re.compile(r"^Element '[^']*', attribute '(?:\{[^}]*\})?([^']+)'")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)\.$")
_QUOTED = re.compile(r"'([^']*)'")
_DATATYPE = re.compile(r" type 'xs:(\w+)'\.$")
_FACET = re.compile(r"\[facet '(\w+)'\].*?(?:allowed \(|the pattern )'(.*)'\)?\.?$")

_Kind = etree.ErrorTypes


def refusals(schema: etree.XMLSchema, message: etree._Element, *, most: int) -> list[Refusal]:
    """What libxml2 refuses in a message, in its order, no more than `most`; nothing when the message is valid."""
    if schema.validate(message):
        return []
    log: Iterable[etree._LogEntry] = schema.error_log  # type: ignore[assignment]  # the stubs do not iterate a log
    return [_refusal(entry, message) for entry in islice(log, most)]


def _refusal(entry: etree._LogEntry, message: etree._Element) -> Refusal:
    reader = _READERS.get(entry.type, _other)
    return reader(entry, _find(message, entry.path or ""), message)


def _root(_: etree._LogEntry, element: etree._Element, message: etree._Element) -> Refusal:
    name = etree.QName(element)
    return refusal_at(element, message, texts.ROOT, seen=f"{name.localname} ({name.namespace or '-'})")


def _content(entry: etree._LogEntry, element: etree._Element, message: etree._Element) -> Refusal:
    found = _EXPECTED.search(entry.message)
    names = [etree.QName(name) for name in found.group(1).split(", ") if "*" not in name] if found else []
    # libxml2 lists ten at most, and not those behind an optional part.
    allowed = (*dict.fromkeys(name.localname for name in names), "…") if names else ()
    if ": Missing child element" in entry.message:
        refusal = refusal_at(element, message, texts.MISSING_ELEMENT, seen=children(element))
        return replace(refusal, allowed=allowed)
    refusal = refusal_at(element, message, texts.UNEXPECTED_ELEMENT, seen=start_tag(element))
    return replace(refusal, allowed=allowed, namespace=namespace_meant(element, names))


def _missing_attribute(entry: etree._LogEntry, element: etree._Element, message: etree._Element) -> Refusal:
    refusal = refusal_at(element, message, texts.MISSING_ATTRIBUTE, seen=start_tag(element))
    return replace(refusal, name=_QUOTED.findall(entry.message)[-1])


def _unexpected_attribute(entry: etree._LogEntry, element: etree._Element, message: etree._Element) -> Refusal:
    name = _attribute(entry)
    seen = attribute_value(element, name)
    return refusal_at(element, message, texts.UNEXPECTED_ATTRIBUTE, seen=seen, attribute=name)


def _value(entry: etree._LogEntry, element: etree._Element, message: etree._Element) -> Refusal:
    name = _attribute(entry)
    seen = attribute_value(element, name) if name else element.text or ""
    datatype, facet = _DATATYPE.search(entry.message), _FACET.search(entry.message)
    return replace(
        refusal_at(element, message, texts.VALUE, seen=seen, attribute=name),
        datatype=datatype.group(1) if datatype else "",
        facet=facet_text(facet.group(1), facet.group(2)) if facet else "",
    )


def _listed_value(entry: etree._LogEntry, element: etree._Element, message: etree._Element) -> Refusal:
    values = _QUOTED.findall(entry.message.rpartition(" of the set {")[2])
    return replace(_value(entry, element, message), allowed=tuple(values))


def _fixed_value(entry: etree._LogEntry, element: etree._Element, message: etree._Element) -> Refusal:
    return replace(_value(entry, element, message), allowed=(_QUOTED.findall(entry.message)[-1],))


def _text(_: etree._LogEntry, element: etree._Element, message: etree._Element) -> Refusal:
    return refusal_at(element, message, texts.TEXT, seen=text_between(element))


def _child_of_a_value(entry: etree._LogEntry, element: etree._Element, message: etree._Element) -> Refusal:
    if not len(element):
        return _other(entry, element, message)
    return refusal_at(element[0], message, texts.UNEXPECTED_ELEMENT, seen=start_tag(element[0]))


def _other(entry: etree._LogEntry, element: etree._Element, message: etree._Element) -> Refusal:
    seen = element.get(_XSI_TYPE) or start_tag(element)
    detail = _NAMESPACE.sub("", entry.message.partition(": ")[2] or entry.message)
    return replace(refusal_at(element, message, texts.OTHER, seen=seen), detail=detail)


_READERS: Mapping[int, Callable[[etree._LogEntry, etree._Element, etree._Element], Refusal]] = {
    _Kind.SCHEMAV_CVC_ELT_1: _root,
    _Kind.SCHEMAV_ELEMENT_CONTENT: _content,
    _Kind.SCHEMAV_CVC_COMPLEX_TYPE_4: _missing_attribute,
    _Kind.SCHEMAV_CVC_COMPLEX_TYPE_3_2_1: _unexpected_attribute,
    _Kind.SCHEMAV_CVC_TYPE_3_1_1: _unexpected_attribute,
    _Kind.SCHEMAV_CVC_DATATYPE_VALID_1_2_1: _value,
    _Kind.SCHEMAV_CVC_PATTERN_VALID: _value,
    _Kind.SCHEMAV_CVC_MININCLUSIVE_VALID: _value,
    _Kind.SCHEMAV_CVC_MAXINCLUSIVE_VALID: _value,
    _Kind.SCHEMAV_CVC_ENUMERATION_VALID: _listed_value,
    _Kind.SCHEMAV_CVC_AU: _fixed_value,
    _Kind.SCHEMAV_CVC_COMPLEX_TYPE_2_1: _text,
    _Kind.SCHEMAV_CVC_COMPLEX_TYPE_2_3: _text,
    _Kind.SCHEMAV_CVC_COMPLEX_TYPE_2_2: _child_of_a_value,
    _Kind.SCHEMAV_CVC_TYPE_3_1_2: _child_of_a_value,
}
"""How each kind of libxml2's messages is read; other kinds keep its own sentence."""


def _attribute(entry: etree._LogEntry) -> str:
    named = _ATTRIBUTE.match(entry.message)
    return named.group(1) if named else ""


def namespace_meant(element: etree._Element, names: Iterable[etree.QName]) -> str:
    """The namespace in which this very element would be right; empty when its name is wrong or its namespace is not."""
    found = etree.QName(element)
    if any(name.text == found.text for name in names):
        return ""
    return next((name.namespace or "" for name in names if name.localname == found.localname), "")


def attribute_value(element: etree._Element, name: str) -> str:
    """The value of an attribute by its local name; empty when it has none."""
    return next((str(value) for key, value in element.attrib.items() if etree.QName(key).localname == name), "")


def text_between(element: etree._Element) -> str:
    """The first text among the children of an element."""
    parts = (element.text, *(child.tail for child in element))
    return next((text for text in parts if text and text.strip(" \t\r\n")), "")


def children(element: etree._Element) -> str:
    """The names of the children of an element, each run of the same name once."""
    names: list[str] = []
    for child in element:
        if not names or names[-1] != local_name(child):
            names.append(local_name(child))
    return ", ".join(names)


def _find(message: etree._Element, path: str) -> etree._Element:
    """The element that libxml2 names by position: `/*/*[2]/x:ext[1]`; the message itself when there is no such one.

    A `*` counts all element children, a name only those of that prefix.
    """
    element = message
    for step in path.strip("/").split("/")[1:]:
        matched = _STEP.fullmatch(step)
        if matched is None:
            break
        prefix, name, position = matched.groups()
        among = (
            child
            for child in element.iterchildren("*")
            if name == "*" or (child.prefix == prefix and local_name(child) == name)
        )
        found = next(islice(among, int(position or 1) - 1, None), None)
        if found is None:
            break
        element = found
    return element
