"""What every rule beyond the schema is given: the message it looks at, and what it compares with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from lxml import etree

from hub.domain.findings import Finding
from hub.domain.identifiers import Ssin
from hub.wire.kmehr.limits import ValidationLimits
from hub.wire.kmehr.paths import cut, path_of
from hub.wire.kmehr.rule_texts import Rule
from hub.wire.namespaces import CORE, KMEHR


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """One message under examination.

    `transaction_kinds` are the CD-TRANSACTION values the schemas list (empty: not known). `patient` is the person
    that was asked for, where a document is relayed. `last_day` is the latest date that is not in the future anywhere.
    `reported` holds what need not be said again.
    """

    message: etree._Element
    now: datetime
    limits: ValidationLimits
    transaction_kinds: frozenset[str]
    patient: Ssin | None
    last_day: str = field(init=False)
    reported: set[tuple[str, str]] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        object.__setattr__(self, "last_day", (self.now + timedelta(days=1)).date().isoformat())

    def finding(self, rule: Rule, element: etree._Element, seen: str, *, attribute: str = "", **values: str) -> Finding:
        """What a rule says about one element or attribute of the message."""
        return rule.finding(path_of(element, self.message, attribute), cut(seen), **values)

    def once(self, rule: Rule, element: etree._Element, seen: str, **values: str) -> Iterator[Finding]:
        """The same, unless the rule has already said it of this very value."""
        if (rule.id, seen) not in self.reported:
            self.reported.add((rule.id, seen))
            yield self.finding(rule, element, seen, **values)


class ElementRule(Protocol):
    """What a group of rules finds at one element."""

    def __call__(self, element: etree._Element, examination: Examination, /) -> Iterator[Finding]:
        """The findings at one element of the message under examination."""
        ...


RulesByElement = Mapping[str, ElementRule]
"""Which rules look at which elements, by qualified name."""


def either(*names: str) -> tuple[str, ...]:
    """Qualified names of elements that a hub message has in the core namespace and a KMEHR document in its own.

    Given to lxml as a filter, they keep it from making Python objects of all the other children.
    """
    return tuple(f"{{{namespace}}}{name}" for name in names for namespace in (KMEHR, CORE))
