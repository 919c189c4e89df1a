"""What a decision about access needs to know, and what its rules say they found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from hub.domain.access_policy import Authentication
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Requester
from hub.domain.patient_facts import PatientFacts


class ProviderStanding(NamedTuple):
    """Whether a care provider, or the organisation that answers for him, is registered and has consented."""

    registered: bool = False
    consented: bool = False

    @property
    def is_good(self) -> bool:
        """Whether both hold."""
        return self.registered and self.consented


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFacts:
    """Everything that is known when somebody asks.

    `registered` holds at least what was said about `asking_subjects(requester)`; about others it may hold more.
    `standing` is that of the person who asks and of the organisation that answers for him. `birthdate` is the
    patient's, lexical, possibly a year or a month only, or empty. `now` is aware, and its day is the Belgian one.
    `break_the_glass` is the reason that the caller gives, None without one. `peer` is the number of the hub that asks
    for its users, empty for a caller of our own.
    """

    requester: Requester
    authentication: Authentication
    standing: ProviderStanding
    patient: Ssin
    registered: PatientFacts
    now: datetime
    deceased: bool = False
    birthdate: str = ""
    break_the_glass: str | None = None
    peer: str = ""

    @property
    def today(self) -> date:
        """The day of the decision."""
        return self.now.date()


class Rule(StrEnum):
    """The rules, in their order."""

    PROFESSION = "profession"
    AUTHENTICATION = "authentication"
    PROVIDER_REGISTRATION = "provider-registration"
    PROVIDER_CONSENT = "provider-consent"
    PATIENT_ALIVE = "patient-alive"
    CONSENT = "consent"
    EXCLUSION = "exclusion"
    LINK = "link"
    BREAK_THE_GLASS = "break-the-glass"
    MANDATE = "mandate"
    ACTION = "action"
    """Who may say something about access; asked in place of those from `consent` on."""


class Result(StrEnum):
    """How a rule ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"


_NOTHING: Mapping[str, str] = {}


class RuleOutcome(NamedTuple):
    """What a rule found, in a word such as `gmd` or `missing`, and values for a sentence about it.

    Neither holds a number or a name of anybody.
    """

    rule: Rule
    result: Result
    found: str = ""
    values: Mapping[str, str] = _NOTHING

    @property
    def id(self) -> str:
        """The rule with what it found, such as `link/gmd`."""
        return f"{self.rule}/{self.found}" if self.found else self.rule.value


def passed(rule: Rule, found: str, **values: str) -> RuleOutcome:
    """A rule that is met."""
    return RuleOutcome(rule, Result.PASSED, found, values)


def failed(rule: Rule, found: str, **values: str) -> RuleOutcome:
    """A rule that is not met."""
    return RuleOutcome(rule, Result.FAILED, found, values)


def not_applicable(rule: Rule) -> RuleOutcome:
    """A rule that has nothing to say here."""
    return RuleOutcome(rule, Result.NOT_APPLICABLE)


def decisive(outcomes: tuple[RuleOutcome, ...]) -> tuple[str, ...]:
    """The ids of the rules that decided, in order, up to the first that failed."""
    ids = []
    for outcome in outcomes:
        if outcome.result is not Result.NOT_APPLICABLE:
            ids.append(outcome.id)
        if outcome.result is Result.FAILED:
            break
    return tuple(ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """No, and why; `details` are for the sentence that callers are told."""

    reason: Reason
    outcomes: tuple[RuleOutcome, ...]
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that decided, in order; the last one is the reason."""
        return decisive(self.outcomes)

    def error(self) -> HubError:
        """The same as the hub's answer."""
        return HubError(self.reason, where="", findings=(), **self.details)
