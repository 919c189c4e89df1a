"""The audit trail: written before anything leaves the hub, read by patients and by those who answer for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from hub.domain.audit import AuditEvent, Outcome
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.search import PageRequest
from hub.domain.subjects import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which events. Absent parts match everything; days are Belgian days, both included.

    `patient` or `actor` must be there: the trail is never read as a whole. Only the staff, who review how the glass is
    broken, read `of_everybody`, and only events with `broke_the_glass`. That asks for events with a reason for it
    (True) or without (False). Raises ValueError for what may not be asked.
    """

    patient: Ssin | None = None
    actor: Subject | None = None
    transaction: LocalId | None = None
    operations: frozenset[str] = frozenset()
    outcomes: frozenset[Outcome] = frozenset()
    begin: date | None = None
    end: date | None = None
    broke_the_glass: bool | None = None
    of_everybody: bool = False

    def __post_init__(self) -> None:
        if not (self.patient or self.actor or (self.of_everybody and self.broke_the_glass)):
            raise ValueError("the audit trail is not read as a whole: a patient or an actor is wanted")


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of events, newest first, and how many there are in all."""

    events: Sequence[AuditEvent]
    total: int


class AuditRecorder(Protocol):
    """Keeps audit events. Methods raise HubError (audit-unavailable): then nothing may leave the hub."""

    async def record(self, event: AuditEvent) -> None:
        """Keep an event; when this returns it is as durable as the index, and the next `find` sees it."""
        ...


class AuditTrail(AuditRecorder, Protocol):
    """Keeps audit events and finds them again. Methods raise HubError (audit-unavailable)."""

    async def find(self, query: AuditQuery, page: PageRequest) -> AuditPage:
        """The events that fit, newest first, archived or not yet; of one patient and moment the last recorded first."""
        ...
