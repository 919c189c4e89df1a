"""Therapeutic links: the relation between a patient and a care party that lets the party look.

Security facts, part 4.3. How long a link of a kind lasts, and which proof it needs, is policy (`link_policy`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id
from hub.domain.recorded import Recorded, bounded

MOST_STANDING = 20
"""Links of different kinds that may stand at once between a patient and a care party."""


class Proof(StrEnum):
    """What shows that patient and care party met (CD-PROOFTYPE, as far as the hub tells them apart)."""

    NONE = "none"
    EID_READING = "eidreading"
    ISI_READING = "isireading"
    SIS_READING = "sisreading"
    PATIENT = "patient"
    """The patient said so himself."""
    ORGANISATION = "organisation"
    """A recognised organisation answers for it, with its own proof (circle of trust)."""
    AUTHENTIC_SOURCE = "authenticsource"


@dataclass(frozen=True, slots=True, kw_only=True)
class TherapeuticLink:
    """A link, both days included. `party` are the ids of the care party as put; `kind` is CD-THERAPEUTICLINKTYPE.

    `revoked_on` is the day since which it does not hold any more, None for never.
    """

    party: tuple[Id, ...]
    kind: str
    start: date
    end: date
    proof: Proof
    recorded: Recorded
    comment: str = ""
    revoked_on: date | None = None
    revocation: Recorded | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.start <= day <= self.end and self.revoked_on is None

    @property
    def last_day(self) -> date:
        """The last day on which it held, or will hold; for one that was revoked at once its first day."""
        if self.revoked_on is None:
            return self.end
        return min(self.end, max(self.start, self.revoked_on - timedelta(days=1)))

    def has_ended_by(self, day: date) -> bool:
        """Whether it is over, or was revoked before it was."""
        return self.revoked_on is not None or self.end < day

    def overlaps(self, begin: date | None, end: date | None) -> bool:
        """Whether it holds, or held, on some day from `begin` to `end`, both included; None has no limit."""
        return (begin is None or self.last_day >= begin) and (end is None or self.start <= end)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSelection:
    """Which links of a patient: with this care party, of these kinds, that held or hold on some day of a period.

    Without a patient those of who asks are meant, without a period those in force; other absent parts match everything.
    `most` is how many, None for all.
    """

    patient: Ssin | None
    party: tuple[Id, ...] = ()
    kinds: frozenset[str] = frozenset()
    begin: date | None = None
    end: date | None = None
    most: int | None = None


def put(before: Sequence[TherapeuticLink], link: TherapeuticLink) -> tuple[TherapeuticLink, ...]:
    """Make a link, in place of one of the same kind that ends earlier.

    Nothing changes when one of the kind stands that ends no earlier. Raises HubError (content) for a kind too many.
    """
    today = link.recorded.at.date()
    standing = [other for other in before if not other.has_ended_by(today)]
    same = [other for other in standing if other.kind == link.kind]
    if any(other.end >= link.end for other in same):
        return tuple(before)
    if len(standing) - len(same) >= MOST_STANDING:
        raise HubError(Reason.CONTENT, where="therapeuticlink/cd", limit=f"at most {MOST_STANDING} kinds of links")
    return (*revoke(before, link.kind, link.recorded), link)


def restate(before: Sequence[TherapeuticLink], link: TherapeuticLink) -> tuple[TherapeuticLink, ...]:
    """Make a link in place of the one of its kind, even if that ends later; nothing changes when that says the same.

    Raises HubError (content) for a kind too many.
    """
    today = link.recorded.at.date()
    if any(not other.has_ended_by(today) and replace(other, recorded=link.recorded) == link for other in before):
        return tuple(before)
    return put(revoke(before, link.kind, link.recorded), link)


def revoke(before: Sequence[TherapeuticLink], kind: str | None, recorded: Recorded) -> tuple[TherapeuticLink, ...]:
    """End the links of a kind, or all of them, at once; nothing changes when none stands."""
    today = recorded.at.date()
    revoked = [
        replace(link, revoked_on=today, revocation=recorded)
        if kind in (None, link.kind) and not link.has_ended_by(today)
        else link
        for link in before
    ]
    return bounded(revoked, lambda link: link.has_ended_by(today))
