"""The patient takes home what the hub keeps about him: what was said about access, and who did what."""

from hub.domain.access_policy import Action
from hub.domain.audit import AuditEvent
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.patient_record import PatientRecord
from hub.domain.search import PageRequest
from hub.ports.access_registry import AccessRegistry
from hub.ports.audit_trail import AuditQuery, AuditTrail
from hub.ports.runtime import Clock
from hub.services.attempts import Attempts, Matter
from hub.services.patients import KnownPatients
from hub.services.permissions import Voice, Wish

_PAGE = 10_000
"""Events of a page: each costs a look at all that waits for the archive, so few and large ones."""


class PatientRecords:
    """Collects the record of a patient."""

    def __init__(
        self,
        *,
        registry: AccessRegistry,
        trail: AuditTrail,
        attempts: Attempts,
        patients: KnownPatients,
        clock: Clock,
    ) -> None:
        self._registry, self._trail, self._attempts = registry, trail, attempts
        self._patients, self._clock = patients, clock

    async def record(self, context: RequestContext, patient: Ssin) -> PatientRecord:
        """Everything, refused attempts included.

        For the patient only: raises HubError (not-yours) for others, patient-unknown, audit-unavailable, and what
        `Permissions` raises.
        """
        async with self._attempts.attempt(context, Matter(patient=patient)) as attempt:
            permit = await attempt.permit(Wish(action=Action.READ_TRAIL, patient=patient))
            if permit.voice is not Voice.PATIENT:
                raise HubError(Reason.NOT_YOURS)
            known = await self._patients.known(patient, where="patient")
            await attempt.answer(0)
            facts = await self._registry.everything(patient)
            return PatientRecord(known, self._clock.now(), facts, await self._whole_trail(patient))

    async def _whole_trail(self, patient: Ssin) -> list[AuditEvent]:
        """All events of before, page by page; those that arrive meanwhile move them by as much as the total grows."""
        query = AuditQuery(patient=patient)
        page = await self._trail.find(query, PageRequest(1, _PAGE))
        events, total, moved = list(page.events), page.total, 0
        while page.events and len(events) < total:
            page = await self._trail.find(query, PageRequest(len(events) + moved + 1, _PAGE))
            repeated = page.total - total - moved
            events += page.events[repeated:]
            moved += repeated
        return events
