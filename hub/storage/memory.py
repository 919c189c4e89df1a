"""The same ports in dictionaries, for unit tests and as the plainest statement of what they promise."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from hub.domain.access_matrix import Level
from hub.domain.access_view import Document
from hub.domain.audit import AuditEvent
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id, Patient
from hub.domain.providers import Provider
from hub.domain.references import Change, PatientReferences, Relevance, TransactionReference
from hub.domain.search import Criteria, PageRequest, select
from hub.domain.subjects import Subject
from hub.ports.access_registry import AccessRegistry
from hub.ports.audit_trail import AuditTrail
from hub.ports.providers import PendingPage, ProviderRule
from hub.ports.reference_index import Found, Gate, Rule, Witness
from hub.ports.registries import RegisteredParty


class MemoryPatientRegistry:
    """Implements `hub.ports.registries.PatientRegistry`."""

    def __init__(self, trail: AuditTrail) -> None:
        self._trail = trail
        self._patients: dict[Ssin, Patient] = {}

    async def get(self, ssin: Ssin) -> Patient | None:
        """See the port."""
        return self._patients.get(ssin)

    async def put(self, patient: Patient, event: AuditEvent) -> None:
        """See the port."""
        await self._trail.record(event)
        self._patients[patient.ssin] = patient

    def add(self, patient: Patient) -> None:
        """Register a patient who is not, as part of a change that leaves an event of its own."""
        self._patients.setdefault(patient.ssin, patient)


class MemoryReferenceIndex:
    """Implements `hub.ports.reference_index.ReferenceIndex` beside the registries and an audit trail."""

    def __init__(self, patients: MemoryPatientRegistry, registry: AccessRegistry, trail: AuditTrail) -> None:
        self._patients, self._registry, self._trail = patients, registry, trail
        self._references: dict[Ssin, PatientReferences] = {}

    async def find(self, patient: Ssin, criteria: Criteria, page: PageRequest, gate: Gate) -> Found:
        """See the port."""
        registered = await self._patients.get(patient)
        view = gate.open(registered, await self._registry.facts(patient, gate.subjects))
        rows = [row for row in self._of(patient).rows if view.access(Document.of(row)).level is not Level.NONE]
        return Found(registered, select(rows, criteria, page))

    async def get(self, patient: Ssin, serial: int) -> TransactionReference | None:
        """See the port."""
        return self._of(patient).by_serial(serial)

    async def named(self, patient: Ssin, name: Id) -> TransactionReference | None:
        """See the port."""
        named = [row for row in self._of(patient).rows if name.key in row.declaration.names()]
        return named[-1] if named else None

    async def latest(self, patient: Ssin, types: frozenset[str]) -> Sequence[TransactionReference]:
        """See the port."""
        by_type = {row.declaration.transaction_type: row for row in self._of(patient).current()}
        return [row for transaction_type, row in by_type.items() if transaction_type in types]

    async def preview(
        self, patient: Ssin, rule: Rule, relevance: Relevance, *, register: Patient | None = None
    ) -> Change:
        """See the port."""
        if register is None and await self._patients.get(patient) is None:
            raise HubError(Reason.PATIENT_UNKNOWN)
        before = self._of(patient)
        rows = [row for row in before.rows if relevance.covers(row)]
        return rule(PatientReferences(rows, before.next_serial))

    async def change(
        self,
        patient: Ssin,
        rule: Rule,
        relevance: Relevance,
        *,
        register: Patient | None = None,
        witness: Witness | None,
    ) -> Change:
        """See the port."""
        change = await self.preview(patient, rule, relevance, register=register)
        if change.is_empty:
            return change
        if witness:
            await self._trail.record(witness(change))
        if register:
            self._patients.add(register)
        before = self._of(patient)
        statuses = dict(change.marked)
        rows = [row._replace(status=statuses.get(row.serial, row.status)) for row in before.rows]
        next_serial = max(before.next_serial, *(new.serial + 1 for new in change.added), 1)
        self._references[patient] = PatientReferences((*rows, *change.added), next_serial)
        return change

    def _of(self, patient: Ssin) -> PatientReferences:
        return self._references.get(patient, PatientReferences())


class MemoryPartyRegistry:
    """Implements `hub.ports.registries.PartyRegistry`."""

    def __init__(self) -> None:
        self._parties: dict[tuple[str, str, str], RegisteredParty] = {}

    async def get(self, ids: tuple[Id, ...]) -> RegisteredParty | None:
        """See the port."""
        return next((self._parties[id_.key] for id_ in ids if id_.key in self._parties), None)

    async def put(self, party: RegisteredParty) -> None:
        """See the port."""
        self._parties |= {id_.key: party for id_ in party.party.ids}


class MemoryProviderRegistry:
    """Implements `hub.ports.providers.ProviderRegistry`; `events` are those that were recorded, oldest first."""

    def __init__(self) -> None:
        self._providers: dict[Subject, Provider] = {}
        self.events: list[AuditEvent] = []

    async def get(self, subjects: Collection[Subject]) -> Mapping[Subject, Provider]:
        """See the port."""
        return {subject: self._providers[subject] for subject in subjects if subject in self._providers}

    async def change(self, subject: Subject, rule: ProviderRule, event: AuditEvent) -> Provider | None:
        """See the port."""
        after = rule(self._providers.get(subject))
        if after is not None:
            self._providers[subject] = after
        self.events.append(event)
        return after

    async def pending(self, page: PageRequest) -> PendingPage:
        """See the port."""
        waiting = sorted(
            (provider for provider in self._providers.values() if provider.is_pending),
            key=lambda provider: (provider.since, provider.subject),
        )
        return PendingPage(page.cut(waiting), len(waiting))

    async def everybody(self) -> AsyncIterator[Provider]:
        """See the port."""
        for provider in tuple(self._providers.values()):
            yield provider
