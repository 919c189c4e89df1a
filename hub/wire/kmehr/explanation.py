"""Why a message is refused, as fully as the schemas can say it: what may stand where, which values, in what order.

libxml2 has decided; xmlschema, which is a hundred times slower (about 1 ms for each KiB) and knows the whole content
model, explains. What both saw is worded from what xmlschema knows; what only one of them saw is kept.
"""

import copy
import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import xmlschema
from elementpath import ElementPathError
from lxml import etree
from xmlschema.validators import (
    XMLSchemaChildrenValidationError,
    XMLSchemaValidationError,
    XsdAtomicBuiltin,
    XsdAttribute,
    XsdAttributeGroup,
    XsdElement,
    XsdEnumerationFacets,
    XsdGroup,
    XsdPatternFacets,
)
from xmlschema.validators.facets import XsdFacet, XsdMaxInclusiveFacet, XsdMinInclusiveFacet
from xmlschema.validators.models import ModelVisitor

from hub.wire.kmehr import schema_texts as texts
from hub.wire.kmehr.paths import LONGEST_SEEN, start_tag
from hub.wire.kmehr.refusals import Refusal, facet_text, refusal_at
from hub.wire.kmehr.schema_verdict import attribute_value, children, namespace_meant, text_between

_Judge = XsdFacet | XsdAtomicBuiltin | XsdAttribute
"""What of a schema can find a value wrong."""

_XS = "{http://www.w3.org/2001/XMLSchema}"
_IN_ATTRIBUTE = re.compile(r"attribute (?:'([^']*)'|([^'=\s]+)=)")
_NAMED = re.compile(r"'(?:\{[^}]*\})?([^']*)'")

# xmlschema lets errors of its own escape on some messages, for one a QName in xsi:type that names no type.
_GAVE_UP = (
    xmlschema.XMLSchemaException,
    ElementPathError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


class Explainer:
    """The content model of one set of schemas, loaded when first asked: half a second and some tens of megabytes."""

    def __init__(self, entry: Path) -> None:
        """`entry` is the schema of the hub messages, which imports that of KMEHR documents."""
        self._entry = entry

    @cached_property
    def _schema(self) -> xmlschema.XMLSchema10:
        return xmlschema.XMLSchema10(str(self._entry), allow="local")

    def load(self) -> None:
        """Load the content model now."""
        self._schema.build()

    def refusals(self, message: etree._Element, verdict: Iterable[Refusal], *, most: int) -> list[Refusal]:
        """The refusals of libxml2's `verdict`, explained, with those that only xmlschema sees; in document order."""
        known = {refusal.key: self._with_roots(refusal) for refusal in verdict}
        for refusal in self._explained(message, most):
            # For what we have no words of our own, libxml2's are better.
            if refusal.rule is not texts.OTHER or refusal.key not in known:
                known[refusal.key] = refusal
        return sorted(_without_inner(list(known.values())), key=lambda refusal: refusal.line)[:most]

    def _with_roots(self, refusal: Refusal) -> Refusal:
        """For an unknown root element, the roots of about that name."""
        if refusal.rule is not texts.ROOT:
            return refusal
        roots = {etree.QName(name).localname for name in self._schema.maps.elements}
        return replace(refusal, allowed=tuple(difflib.get_close_matches(refusal.name[:LONGEST_SEEN], roots, n=3)))

    def accepts(self, message: etree._Element) -> bool:
        """Whether xmlschema finds nothing to say; slow, for comparing the two validators."""
        return next(iter(self._errors(message)), None) is None

    def _errors(self, message: etree._Element) -> Iterator[XMLSchemaValidationError]:
        # A message inside an envelope becomes a document of its own.
        root = message if message.getparent() is None else copy.deepcopy(message)
        return self._schema.iter_errors(root)

    def _explained(self, message: etree._Element, most: int) -> list[Refusal]:
        explained: list[Refusal] = []
        try:
            for error in islice(self._errors(message), most):
                refusal = _refusal(error)
                if refusal is not None:
                    explained.append(refusal)
        except _GAVE_UP:
            pass
        return explained


def _without_inner(refusals: list[Refusal]) -> list[Refusal]:
    """What is inside an element that may not be there need not be right."""
    misplaced = {one.where for one in refusals if one.rule is texts.UNEXPECTED_ELEMENT}
    inside = tuple(f"{where}/" for where in misplaced)
    return [
        one
        for one in refusals
        if one.rule is texts.UNEXPECTED_ELEMENT or not (one.where in misplaced or one.where.startswith(inside))
    ]


def _refusal(error: XMLSchemaValidationError) -> Refusal | None:
    """One error in our terms; None for what libxml2 words as well (an unknown root)."""
    # The elements are lxml's: xmlschema hands back what it was given.
    element: Any = error.elem
    message: Any = error.root
    validator, reason = error.validator, error.reason or ""
    if element is None or message is None:
        return None
    if isinstance(validator, XsdGroup):
        return _content(error, validator, element, message)
    if isinstance(validator, XsdAttributeGroup):
        return _attribute(validator, reason, element, message)
    if isinstance(validator, XsdElement):
        return _element(reason, element, message)
    return _value(validator, reason, element, message) if isinstance(validator, _Judge) else None


def _element(reason: str, element: etree._Element, message: etree._Element) -> Refusal:
    if len(element) and "simple content" in reason:
        return refusal_at(element[0], message, texts.UNEXPECTED_ELEMENT, seen=start_tag(element[0]))
    return replace(refusal_at(element, message, texts.OTHER, seen=start_tag(element)), detail=reason)


def _content(
    error: XMLSchemaValidationError, group: XsdGroup, element: etree._Element, message: etree._Element
) -> Refusal:
    if not isinstance(error, XMLSchemaChildrenValidationError):
        return refusal_at(element, message, texts.TEXT, seen=text_between(element))
    if error.index >= len(element):
        refusal = refusal_at(element, message, texts.MISSING_ELEMENT, seen=children(element))
        return replace(refusal, allowed=_local(_names(error.expected or ())))
    child, order = element[error.index], _names(group.iter_elements())
    return replace(
        refusal_at(child, message, texts.UNEXPECTED_ELEMENT, seen=start_tag(child)),
        allowed=_local(_next_names(group, list(element)[: error.index])),
        order=_local(order),
        namespace=namespace_meant(child, order),
    )


def _attribute(attributes: XsdAttributeGroup, reason: str, element: etree._Element, message: etree._Element) -> Refusal:
    named = _NAMED.search(reason)
    name = named.group(1) if named else ""
    if "missing required" in reason:
        refusal = refusal_at(element, message, texts.MISSING_ATTRIBUTE, seen=start_tag(element))
        return replace(refusal, name=name, allowed=_values(attributes[name]) if name in attributes else ())
    seen = attribute_value(element, name)
    refusal = refusal_at(element, message, texts.UNEXPECTED_ATTRIBUTE, seen=seen, attribute=name)
    return replace(refusal, allowed=tuple(str(known) for known in attributes if known))


def _value(judge: _Judge, reason: str, element: etree._Element, message: etree._Element) -> Refusal:
    matched = _IN_ATTRIBUTE.match(reason)
    attribute = (matched.group(1) or matched.group(2)).rpartition(":")[2] if matched else ""
    seen = attribute_value(element, attribute) if attribute else element.text or ""
    return replace(
        refusal_at(element, message, texts.VALUE, seen=seen, attribute=attribute),
        allowed=_values(judge),
        datatype=_datatype(judge),
        facet=_facet(judge),
    )


def _values(judge: object) -> tuple[str, ...]:
    """The values that an attribute or a list of values accepts; empty when there is no such list."""
    if isinstance(judge, XsdAttribute) and judge.fixed is not None:
        return (judge.fixed,)
    if isinstance(judge, XsdAttribute):
        return tuple(str(value) for value in judge.type.enumeration or ())
    return tuple(str(value) for value in judge.enumeration) if isinstance(judge, XsdEnumerationFacets) else ()


def _datatype(judge: _Judge) -> str:
    """The built-in type that a value is judged by."""
    type_: Any = judge.parent if isinstance(judge, XsdFacet) else judge
    while type_ is not None and not (type_.name or "").startswith(_XS):
        type_ = getattr(type_, "base_type", None)
    return str(type_.local_name) if type_ is not None else ""


def _facet(judge: _Judge) -> str:
    """How a built-in type is narrowed. By what patterns XSD itself defines a type helps nobody."""
    if isinstance(judge.parent, XsdAtomicBuiltin):
        return ""
    if isinstance(judge, XsdPatternFacets):
        return facet_text("pattern", " | ".join(str(pattern) for pattern in judge.regexps))
    if isinstance(judge, XsdMinInclusiveFacet):
        return facet_text("minInclusive", str(judge.value))
    return facet_text("maxInclusive", str(judge.value)) if isinstance(judge, XsdMaxInclusiveFacet) else ""


def _next_names(group: XsdGroup, before: list[etree._Element]) -> list[etree.QName]:
    """The names that the content model accepts after these children, in the order of the model."""
    model = ModelVisitor(group)
    if not all(_advance(model, str(child.tag)) for child in before):
        return []
    return [name for name in _names(group.iter_elements()) if _advance(copy.copy(model), name.text)]


def _advance(model: ModelVisitor, name: str) -> bool:
    """Move over one child; whether the model has a place for it."""
    while model.element is not None:
        matched = model.match_element(name) is not None
        if any(True for _ in model.advance(matched)):
            return False
        if matched:
            return True
    return False


def _names(particles: Iterable[Any]) -> list[etree.QName]:
    """The names of the elements of a content model, each once; wildcards have none."""
    return [etree.QName(name) for name in dict.fromkeys(particle.name for particle in particles) if name]


def _local(names: Iterable[etree.QName]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.localname for name in names))
