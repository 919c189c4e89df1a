"""The registry of access and the audit trail in dictionaries: the plainest statement of what both promise."""

from collections import defaultdict
from collections.abc import Collection
from zoneinfo import ZoneInfo

from hub.domain.audit import AuditEvent
from hub.domain.cards import Card
from hub.domain.consent import PatientConsent
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient
from hub.domain.patient_facts import ConsentRule, PatientFacts, SubjectFacts, SubjectRule
from hub.domain.search import PageRequest
from hub.domain.subjects import Subject, subjects_of
from hub.ports.audit_trail import AuditPage, AuditQuery
from hub.storage.memory import MemoryPatientRegistry

_BELGIUM = ZoneInfo("Europe/Brussels")


class MemoryAuditTrail:
    """Implements `hub.ports.audit_trail.AuditTrail`."""

    def __init__(self) -> None:
        self._events: list[AuditEvent] = []

    async def record(self, event: AuditEvent) -> None:
        """See the port."""
        self._events.append(event)

    async def find(self, query: AuditQuery, page: PageRequest) -> AuditPage:
        """See the port."""
        fitting = [event for event in reversed(self._events) if _fits(event, query)]
        fitting.sort(key=lambda event: event.at, reverse=True)
        return AuditPage(page.cut(fitting), len(fitting))


class MemoryAccessRegistry:
    """Implements `hub.ports.access_registry.AccessRegistry` beside a registry of patients and an audit trail."""

    def __init__(self, patients: MemoryPatientRegistry, trail: MemoryAuditTrail) -> None:
        self._patients, self._trail = patients, trail
        self._consents: dict[Ssin, tuple[PatientConsent, ...]] = {}
        self._subjects: defaultdict[Ssin, dict[Subject, SubjectFacts]] = defaultdict(dict)

    async def facts(self, patient: Ssin, subjects: Collection[Subject]) -> PatientFacts:
        """See the port."""
        said = self._subjects[patient]
        return PatientFacts(
            self._consents.get(patient, ()), {subject: said[subject] for subject in subjects if subject in said}
        )

    async def everything(self, patient: Ssin) -> PatientFacts:
        """See the port."""
        return await self.facts(patient, self._subjects[patient].keys())

    async def change_consent(
        self, patient: Ssin, rule: ConsentRule, event: AuditEvent, *, register: Patient | None = None
    ) -> None:
        """See the port."""
        known = await self._patients.get(patient)
        if known is None and register is None:
            raise HubError(Reason.PATIENT_UNKNOWN)
        consents = rule(self._consents.get(patient, ()))
        if known is None and register is not None:
            self._patients.add(register)
        self._consents[patient] = consents
        await self._trail.record(event)

    async def change_subject(self, patient: Ssin, subject: Subject, rule: SubjectRule, event: AuditEvent) -> None:
        """See the port."""
        if await self._patients.get(patient) is None:
            raise HubError(Reason.PATIENT_UNKNOWN)
        facts = rule(self._subjects[patient].get(subject, SubjectFacts()))
        if facts != SubjectFacts():
            self._subjects[patient][subject] = facts
        await self._trail.record(event)


class MemoryCardDirectory:
    """Implements `hub.ports.cards.CardDirectory`: it knows the cards it is given."""

    def __init__(self, owners: dict[Card, Ssin]) -> None:
        self._owners = owners

    async def owner(self, card: Card) -> Ssin | None:
        """See the port."""
        return self._owners.get(card)


def _fits(event: AuditEvent, query: AuditQuery) -> bool:
    day = event.at.astimezone(_BELGIUM).date()
    return (
        query.patient in (None, event.patient)
        and (query.actor is None or query.actor in subjects_of(event.actor.parties))
        and (query.transaction is None or (event.transaction is not None and event.transaction.id == query.transaction))
        and (not query.operations or event.origin.operation in query.operations)
        and (not query.outcomes or event.outcome in query.outcomes)
        and (query.begin is None or day >= query.begin)
        and (query.end is None or day <= query.end)
        and query.broke_the_glass in (None, bool(event.break_the_glass))
    )
