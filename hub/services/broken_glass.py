"""The review of broken glass: what the staff of the hub sees of it, and what it says about it (security facts, 4.9).

Both are in the audit trail themselves: a review is an event that names the event it is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from hub.domain.audit import AuditEvent, Outcome
from hub.domain.broken_glass import broke_the_glass, day_in, name_of
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.search import PageRequest
from hub.domain.staff import Staff
from hub.ports.audit_trail import AuditQuery, AuditTrail
from hub.services.attempts import Attempts, Matter

LIST_BROKEN_GLASS: Final = "ListBrokenGlass"
REVIEW_BROKEN_GLASS: Final = "ReviewBrokenGlass"
_ROWS_AT_ONCE: Final = 1000
_REVIEWED: Final = "reviewed"
_VERDICT: Final = "verdict"
_REMARK: Final = "remark"


class Verdict(StrEnum):
    """What a review comes to."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"
    UNDER_INQUIRY = "under-inquiry"


@dataclass(frozen=True, slots=True)
class Review:
    """What a member of the staff said of a break."""

    event: AuditEvent

    @property
    def by(self) -> str:
        """The name of who said it."""
        return self.event.actor.parties[-1].name or ""

    @property
    def verdict(self) -> Verdict:
        """What it came to."""
        return Verdict(self.event.details[_VERDICT])

    @property
    def remark(self) -> str:
        """What was said besides; mostly nothing."""
        return self.event.details.get(_REMARK, "")


@dataclass(frozen=True, slots=True)
class Break:
    """The event by which somebody broke the glass, and its reviews, oldest first."""

    event: AuditEvent
    reviews: Sequence[Review] = ()

    @property
    def name(self) -> str:
        """By which it is reviewed."""
        return name_of(self.event)


class BrokenGlass:
    """Lists breaks, and takes reviews of them."""

    def __init__(self, *, trail: AuditTrail, attempts: Attempts) -> None:
        self._trail, self._attempts = trail, attempts

    async def breaks(
        self, staff: Staff, *, begin: date | None = None, end: date | None = None, unreviewed: bool = False
    ) -> Sequence[Break]:
        """The breaks of a period, newest first, both days included; on demand those that nobody has reviewed.

        Raises HubError (audit-unavailable).
        """
        criteria = " ".join(f"{name}={day}" for name, day in (("from", begin), ("to", end)) if day)
        async with self._attempts.attempt(staff.doing(LIST_BROKEN_GLASS), Matter(criteria=criteria)) as attempt:
            found = await self._breaks(begin, end)
            reviews = await self._reviews(found)
            all_of_them = [replace(one, reviews=reviews.get(one.name, ())) for one in found]
            shown = [one for one in all_of_them if not (unreviewed and one.reviews)]
            await attempt.answer(len(shown))
            return shown

    async def review(self, staff: Staff, name: str, verdict: Verdict, *, remark: str = "") -> Break:
        """Say of a break what a review came to; it can be said again. The break with all its reviews.

        Raises HubError: content when there is no break of this name, audit-unavailable.
        """
        async with self._attempts.attempt(
            staff.doing(REVIEW_BROKEN_GLASS), Matter(details={_REVIEWED: name})
        ) as attempt:
            day = day_in(name)
            of_the_day = await self._breaks(day, day) if day else []
            found = next((one for one in of_the_day if one.name == name), None)
            if found is None:
                raise HubError(Reason.CONTENT, where="name", limit="the name of a break")
            attempt.matter = Matter(
                patient=found.event.patient,
                transaction=found.event.transaction,
                subject=found.event.actor.parties,
                details={_REVIEWED: name, _VERDICT: verdict.value} | ({_REMARK: remark} if remark else {}),
            )
            await self._trail.record(attempt.granted())
            return replace(found, reviews=(await self._reviews([found]))[name])

    async def _breaks(self, begin: date | None, end: date | None) -> Sequence[Break]:
        query = AuditQuery(
            broke_the_glass=True, of_everybody=True, outcomes=frozenset({Outcome.GRANTED}), begin=begin, end=end
        )
        return [Break(event) for event in await self._all(query) if broke_the_glass(event)]

    async def _reviews(self, breaks: Sequence[Break]) -> dict[str, tuple[Review, ...]]:
        """The reviews of all the patients of these breaks, by the names of the breaks."""
        patients: set[Ssin] = {one.event.patient for one in breaks if one.event.patient}
        by_name: dict[str, tuple[Review, ...]] = {}
        for patient in patients:
            query = AuditQuery(
                patient=patient, operations=frozenset({REVIEW_BROKEN_GLASS}), outcomes=frozenset({Outcome.GRANTED})
            )
            for event in reversed(await self._all(query)):
                name = event.details[_REVIEWED]
                by_name[name] = (*by_name.get(name, ()), Review(event))
        return by_name

    async def _all(self, query: AuditQuery) -> Sequence[AuditEvent]:
        found: list[AuditEvent] = []
        while True:
            page = await self._trail.find(query, PageRequest(len(found) + 1, _ROWS_AT_ONCE))
            found += page.events
            if not page.events or len(found) >= page.total:
                return found
