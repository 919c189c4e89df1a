"""The statements of a hub without wires, for the tests of its services: who is there, and who asks."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from hub.config.access_settings import AccessSettings
from hub.config.link_policy import load_link_policy
from hub.domain.access_facts import ProviderStanding
from hub.domain.audit import AuditEvent
from hub.domain.cards import Card, CardKind
from hub.domain.consent import ConsentKind
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.link_policy import LinkClaim
from hub.domain.parties import Id, Requester
from hub.domain.references import Relevance, declare
from hub.domain.search import PageRequest
from hub.domain.therapeutic_links import LinkSelection, TherapeuticLink
from hub.ports.audit_trail import AuditQuery
from hub.services.access_rights import AccessRights
from hub.services.attempts import Attempts
from hub.services.audit_trails import AuditTrails
from hub.services.auditing import Auditing
from hub.services.consents import Consents
from hub.services.exclusions import Exclusions
from hub.services.lookup import TransactionLookup
from hub.services.mandates import Mandates
from hub.services.patient_records import PatientRecords
from hub.services.patients import KnownPatients
from hub.services.policy_permissions import PolicyPermissions
from hub.services.therapeutic_links import TherapeuticLinks
from hub.storage.memory import MemoryPartyRegistry, MemoryPatientRegistry, MemoryReferenceIndex
from hub.storage.memory_access import MemoryAccessRegistry, MemoryAuditTrail, MemoryCardDirectory
from hub.storage.secrets import EncryptedLocalIds
from tests.builders import (
    JAN,
    MILA,
    OTHER_GP_NIHII,
    a_context,
    a_declaration,
    a_patient,
    a_person,
)
from tests.statements import party_ids, the_patient

DAY = timedelta(days=1)
POLICY = AccessSettings().policy()
BY_JAN, BY_GP, BY_OTHER_GP = (
    a_context(party, operation="PutTherapeuticLink") for party in (the_patient(), a_person(), a_person(OTHER_GP_NIHII))
)
INSS = Id("INSS", "1.0", JAN.digits)
JANS_CARD, MILAS_CARD, UNKNOWN_CARD = "591123456753", "000000000097", "000000000101"
RETROSPECTIVE = frozenset({ConsentKind.RETROSPECTIVE})
GP_LINK = LinkClaim(party=party_ids(), kind="gpconsultation")


class MovableClock:
    """It is the moment it was told."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """That moment."""
        return self.moment


@dataclass
class World:
    """The statements of a hub without wires, which knows Jan and Mila, their eID cards and a pharmacy."""

    registers_patients: bool = False
    clock: MovableClock = field(default_factory=MovableClock)

    def __post_init__(self) -> None:
        self.trail, self.parties = MemoryAuditTrail(), MemoryPartyRegistry()
        self.patients = MemoryPatientRegistry(self.trail)
        self.registry = MemoryAccessRegistry(self.patients, self.trail)
        self.index = MemoryReferenceIndex(self.patients, self.registry, self.trail)
        lookup = TransactionLookup(index=self.index, local_ids=EncryptedLocalIds(bytes(32), scheme="RSBID"))
        self.lookup = lookup
        cards = {Card(CardKind.EID, JANS_CARD): JAN, Card(CardKind.EID, MILAS_CARD): MILA}
        known = KnownPatients(patients=self.patients, cards=MemoryCardDirectory(cards))
        permissions = PolicyPermissions(
            policy=POLICY,
            standing=self.standing,
            registry=self.registry,
            patients=self.patients,
            clock=self.clock,
        )
        attempts = Attempts(permissions=permissions, auditing=Auditing(clock=self.clock), trail=self.trail)
        self.consents = Consents(
            registry=self.registry,
            attempts=attempts,
            patients=known,
            clock=self.clock,
            registers_patients=self.registers_patients,
            tolerance=DAY,
        )
        self.links = TherapeuticLinks(
            registry=self.registry,
            attempts=attempts,
            policy=load_link_policy(),
            patients=known,
            parties=self.parties,
            clock=self.clock,
        )
        self.exclusions = Exclusions(registry=self.registry, attempts=attempts, clock=self.clock)
        self.rights = AccessRights(registry=self.registry, attempts=attempts, lookup=lookup, clock=self.clock)
        self.mandates = Mandates(registry=self.registry, attempts=attempts, clock=self.clock)
        self.trails = AuditTrails(trail=self.trail, attempts=attempts, patients=known, lookup=lookup)
        self.records = PatientRecords(
            registry=self.registry,
            trail=self.trail,
            attempts=attempts,
            patients=known,
            clock=self.clock,
        )

    async def standing(self, _: Requester) -> ProviderStanding:
        """Everybody is registered and has consented."""
        return ProviderStanding(registered=True, consented=True)

    async def told(self, context: RequestContext, selection: LinkSelection) -> Sequence[TherapeuticLink]:
        """The links that somebody is told of."""
        return (await self.links.links(context, selection)).links

    async def events(self) -> list[AuditEvent]:
        """What the trail has of Jan, newest first."""
        return list((await self.trail.find(AuditQuery(patient=JAN), PageRequest())).events)

    async def document(self, name: str = "DOC-1", *, kind: str = "note", recorded: str = "2026-03-02T10:05:00") -> Id:
        """The hub's id of a new document of Jan, by his doctor; a later version of one that was recorded before."""
        declaration = a_declaration(name, kind=kind, recorded=recorded)
        change = await self.index.change(
            JAN, lambda before: declare(before, declaration, "chu"), Relevance.of(declaration), witness=None
        )
        (local_id,) = self.lookup.ids_of(JAN, [change.reference])
        return Id("LOCAL", "1.0", local_id.value, local_id.scheme)


async def a_world(*, registers_patients: bool = False) -> World:
    """A hub of which nothing was asked yet."""
    world = World(registers_patients)
    world.patients.add(a_patient())
    world.patients.add(a_patient(MILA))
    return world


def with_card(number: str, scheme: str = "EID-CARDNO") -> tuple[Id, ...]:
    """The ids of Jan, with the number of a card unless it is empty."""
    return (INSS, Id(scheme, "1.0", number)) if number else (INSS,)


async def reason_of(awaitable: Awaitable[object]) -> Reason:
    """Why something is refused."""
    with pytest.raises(HubError) as refusal:
        await awaitable
    return refusal.value.reason
