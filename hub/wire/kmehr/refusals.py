"""A refusal by the schema: gathered as facts, from libxml2's messages or from xmlschema, and worded here once."""

from dataclasses import dataclass

from lxml import etree

from hub.domain.findings import Finding
from hub.domain.texts import Text
from hub.wire.kmehr import schema_texts as texts
from hub.wire.kmehr.paths import cut, path_of
from hub.wire.kmehr.rule_texts import Rule
from hub.wire.xml import local_name

_MOST_NAMES = 60
"""Longer lists are cut: nobody reads two hundred codes in a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The facts of one refusal by a schema.

    `name` is the element or attribute it is about, `allowed` what may stand there instead (elements, attributes or
    values), `order` the whole content of the parent in its order, `namespace` the one in which this very name would
    have been right. `datatype` is an XSD built-in type; `facet` states a pattern or bound; `detail` is the
    validator's own sentence, for what has no wording of ours. `line` puts refusals in the order of the document.
    """

    rule: Rule
    line: int
    where: str
    seen: str
    name: str = ""
    allowed: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    namespace: str = ""
    datatype: str = ""
    facet: str = ""
    detail: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two refusals the same one, whoever saw it."""
        # Two attributes can be missing at one place.
        return self.where, self.rule.id, self.name if self.rule is texts.MISSING_ATTRIBUTE else ""

    def finding(self) -> Finding:
        """This refusal in words."""
        return Finding(self.rule.severity, self.rule.id, self.where, cut(self.seen), self._wanted())

    def _wanted(self) -> Text:
        if self.rule is texts.VALUE:
            return _value_wanted(self)
        sentence = self.rule.wanted.fill(
            name=self.name, allowed=_listed(self.allowed), detail=self.detail, datatype=self.datatype
        )
        return _joined(sentence, *self._additions())

    def _additions(self) -> list[Text]:
        additions = []
        if self.namespace:
            additions.append(texts.NAMESPACE.fill(namespace=self.namespace))
        elif self.allowed and self.rule is not texts.MISSING_ELEMENT:
            sentence = texts.ALLOWED_VALUES if self.rule is texts.MISSING_ATTRIBUTE else texts.ALLOWED_HERE
            additions.append(sentence.fill(allowed=_listed(self.allowed)))
        elif self.rule is texts.UNEXPECTED_ELEMENT and (self.name in self.order or not self.order):
            additions.append(texts.NOTHING_MORE)
        if self.order:
            additions.append(texts.ORDER.fill(order=_listed(self.order)))
        return additions


def refusal_at(
    element: etree._Element, message: etree._Element, rule: Rule, *, seen: str, attribute: str = ""
) -> Refusal:
    """A refusal of an element of the message, or of one of its attributes; what else is known is added to it."""
    return Refusal(
        rule=rule,
        line=_line(element),
        where=path_of(element, message, attribute),
        seen=seen,
        name=attribute or local_name(element),
    )


def _line(element: etree._Element) -> int:
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


def facet_text(facet: str, value: str) -> str:
    """A narrowing of a type in signs that read alike in all languages."""
    return {"minInclusive": "≥ ", "maxInclusive": "≤ ", "pattern": "pattern "}.get(facet, f"{facet} ") + value


def _value_wanted(refusal: Refusal) -> Text:
    """Allowed values say it all; otherwise the type, and the facet that narrows it."""
    if refusal.allowed:
        kind = texts.ONLY if len(refusal.allowed) == 1 else texts.ONE_OF
        return _filled(texts.VALUE.wanted, kind.fill(allowed=_listed(refusal.allowed)))
    name = refusal.datatype
    datatype = texts.DATATYPES.get(name) or (Text(fr=name, nl=name, en=name) if name else texts.ANY_VALUE)
    if refusal.facet:
        datatype = _joined(datatype, Text(fr=refusal.facet, nl=refusal.facet, en=refusal.facet))
    return _filled(texts.VALUE.wanted, datatype)


def _filled(sentence: Text, datatype: Text) -> Text:
    return Text(
        fr=sentence.fr.format(datatype=datatype.fr),
        nl=sentence.nl.format(datatype=datatype.nl),
        en=sentence.en.format(datatype=datatype.en),
    )


def _joined(*sentences: Text) -> Text:
    return Text(
        fr="; ".join(sentence.fr for sentence in sentences),
        nl="; ".join(sentence.nl for sentence in sentences),
        en="; ".join(sentence.en for sentence in sentences),
    )


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    return shown if len(names) <= _MOST_NAMES else f"{shown}, …"
