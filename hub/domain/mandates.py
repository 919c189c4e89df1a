"""Mandates: persons who may act for a patient (security facts, part 4.8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.recorded import Recorded, bounded


class MandateKind(StrEnum):
    """Why somebody may act for a patient; what each kind may do is policy."""

    PARENT = "parent"
    TRUSTED_PERSON = "trusted-person"
    LEGAL_REPRESENTATIVE = "legal-representative"
    HEALTH_DATA = "health-data"
    """A mandate of the type "management of health data"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """A mandate of `holder`, both days included; `end` is None for one without an end.

    One of a trusted person counts when both have agreed: `accepted` says that the holder has.
    """

    holder: Ssin
    kind: MandateKind
    start: date
    end: date | None
    accepted: bool
    recorded: Recorded
    revoked_on: date | None = None
    revocation: Recorded | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.accepted and self.start <= day and (self.end is None or day <= self.end) and not self.revoked_on

    def has_ended_by(self, day: date) -> bool:
        """Whether it is over, or was ended before it was."""
        return self.revoked_on is not None or (self.end is not None and self.end < day)


def name(before: Sequence[Mandate], mandate: Mandate) -> tuple[Mandate, ...]:
    """Name somebody, in place of a mandate of the same kind that he has for another period.

    Nothing changes when he has one for this period, accepted or not: who has agreed is not asked again. Raises
    HubError (content) for a mandate that ends before it starts.
    """
    if mandate.end is not None and mandate.end < mandate.start:
        raise HubError(Reason.CONTENT, where="mandate/end", limit="a day that is not before the start")
    today = mandate.recorded.at.date()
    same = [other for other in before if other.kind is mandate.kind and not other.has_ended_by(today)]
    if any((other.start, other.end) == (mandate.start, mandate.end) for other in same):
        return tuple(before)
    return (*end(before, mandate.kind, mandate.recorded), mandate)


def accept(before: Sequence[Mandate], kind: MandateKind, day: date) -> tuple[Mandate, ...]:
    """The holder agrees to his mandates of a kind that stand on a day. Raises HubError (mandate-missing)."""
    standing = [other for other in before if other.kind is kind and not other.has_ended_by(day)]
    if not standing:
        raise HubError(Reason.MANDATE_MISSING)
    return tuple(replace(mandate, accepted=True) if mandate in standing else mandate for mandate in before)


def end(before: Sequence[Mandate], kind: MandateKind, recorded: Recorded) -> tuple[Mandate, ...]:
    """End the mandates of a kind that stand; nothing changes when none does."""
    today = recorded.at.date()
    ended = [
        replace(mandate, revoked_on=today, revocation=recorded)
        if mandate.kind is kind and not mandate.has_ended_by(today)
        else mandate
        for mandate in before
    ]
    return bounded(ended, lambda mandate: mandate.has_ended_by(today))
