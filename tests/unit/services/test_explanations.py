"""Explanations say what the guard decides, of the same facts, and leave a trace."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from hub.domain.access import Granted
from hub.domain.access_facts import Refused
from hub.domain.access_matrix import Level
from hub.domain.access_policy import AccessPolicy
from hub.domain.audit import AuditEvent, Outcome
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Kind, Reason
from hub.domain.identifiers import Ssin
from hub.domain.national import NationalWord
from hub.domain.parties import HcParty, Id
from hub.domain.references import Relevance, declare, revoke
from hub.domain.search import PageRequest
from hub.domain.staff import Staff
from hub.domain.subjects import Subject
from hub.ports.audit_trail import AuditQuery
from hub.services.access_guard import AccessGuard
from hub.services.attempts import Attempts
from hub.services.auditing import Auditing
from hub.services.broken_glass import BrokenGlass, Verdict
from hub.services.deciding import Deciding
from hub.services.explanations import EXPLAIN, AccessQuestion, Explained, Explanations
from hub.services.lookup import TransactionLookup
from hub.services.national_facts import NationalFacts
from hub.services.permissions import NothingPermitted
from hub.services.provider_standing import ProviderStandings
from hub.storage.memory import MemoryPatientRegistry, MemoryProviderRegistry, MemoryReferenceIndex
from hub.storage.memory_access import MemoryAccessRegistry, MemoryAuditTrail
from hub.storage.secrets import EncryptedLocalIds
from tests.access_builders import POLICY, REASON, with_glass
from tests.allowed import allow, enrol
from tests.builders import (
    GP_NIHII,
    JAN,
    MILA,
    OTHER_GP_NIHII,
    a_context,
    a_declaration,
    a_hospital,
    a_patient,
    a_person,
    a_requester,
)
from tests.fakes.notices import KeptNotices
from tests.unit.services.statements_world import MovableClock

LINKED, UNLINKED, NURSE = a_person(), a_person(OTHER_GP_NIHII), a_person(profession="persnurse")
STAFF = Staff(hub=a_hospital(), name="Agnès Exemple", request_id="request-7")


class NationalSilence(NationalFacts):
    """The registers are down."""

    async def of(self, context: RequestContext, patient: Ssin, subjects: Iterable[Subject]) -> NationalWord:  # noqa: ARG002
        """Nothing."""
        raise HubError(Reason.NATIONAL_SERVICE_UNAVAILABLE)


@dataclass
class World:
    """A hub without wires, in which everybody takes part and only one doctor has links, with Jan."""

    policy: AccessPolicy = field(default_factory=with_glass)
    national: NationalFacts = field(default_factory=NationalFacts)

    def __post_init__(self) -> None:
        self.clock, self.trail, self.notices = MovableClock(), MemoryAuditTrail(), KeptNotices()
        self.clock.moment = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
        self.patients, self.providers = MemoryPatientRegistry(self.trail), MemoryProviderRegistry()
        self.registry = MemoryAccessRegistry(self.patients, self.trail)
        self.index = MemoryReferenceIndex(self.patients, self.registry, self.trail)
        self.lookup = TransactionLookup(index=self.index, local_ids=EncryptedLocalIds(bytes(32), scheme="RSBID"))
        standings = ProviderStandings(registry=self.providers, circles_of_trust=frozenset(), seconds=0)
        deciding = Deciding(policy=self.policy, standings=standings, national=self.national, clock=self.clock)
        attempts = Attempts(permissions=NothingPermitted(), auditing=Auditing(clock=self.clock), trail=self.trail)
        self.guard = AccessGuard(
            deciding=deciding,
            registry=self.registry,
            trail=self.trail,
            notifications=self.notices,
            clock=self.clock,
        )
        self.explanations = Explanations(
            deciding=deciding,
            patients=self.patients,
            registry=self.registry,
            lookup=self.lookup,
            attempts=attempts,
        )
        self.glass = BrokenGlass(trail=self.trail, attempts=attempts)

    async def explain(
        self, *parties: HcParty, patient: Ssin = JAN, transaction: Id | None = None, glass: str | None = None
    ) -> Explained:
        """As the staff asks."""
        question = AccessQuestion(
            requester=a_requester(*parties), patient=patient, transaction=transaction, break_the_glass=glass
        )
        return await self.explanations.explain(STAFF, question)

    async def looks(self, *parties: HcParty, document: Id | None = None, glass: str | None = None) -> Reason | None:
        """The same as a request: why it is refused, None when it is not."""
        context = a_context(*parties, break_the_glass=glass)
        try:
            async with self.guard.look(context, JAN) as look:
                view = await look.view(await self.patients.get(JAN))
                if document is not None:
                    look.access(view, await self.lookup.reference(JAN, document))
                await look.grant()
        except HubError as error:
            return error.reason
        return None

    async def document(self, kind: str = "sumehr") -> Id:
        """The hub's id of a new document of Jan, by a hospital."""
        declaration = a_declaration(kind=kind, author=(a_hospital(),))
        change = await self.index.change(
            JAN, lambda before: declare(before, declaration, "chu"), Relevance(), witness=None
        )
        (local_id,) = self.lookup.ids_of(JAN, [change.reference])
        return Id("LOCAL", "1.0", local_id.value, local_id.scheme)

    async def last(self, patient: Ssin = JAN) -> AuditEvent:
        """The newest event about a patient."""
        return (await self.trail.find(AuditQuery(patient=patient), PageRequest())).events[0]


async def a_world(policy: AccessPolicy | None = None, national: NationalFacts | None = None) -> World:
    world = World(policy or with_glass(), national or NationalFacts())
    await allow(world.registry, [a_patient()], [LINKED])
    await enrol(world.providers, [LINKED, UNLINKED])
    return world


@pytest.mark.parametrize("asking", [LINKED, UNLINKED, a_person("19990314000"), NURSE], ids=str)
@pytest.mark.parametrize("glass", [None, "short", REASON])
async def test_what_is_explained_is_what_the_guard_does(asking: HcParty, glass: str | None) -> None:
    for policy in (POLICY, with_glass()):
        world = await a_world(policy)
        for document in (None, await world.document(), await world.document("note")):
            explained = await world.explain(asking, transaction=document, glass=glass)
            assert explained.reason is await world.looks(asking, document=document, glass=glass)


async def test_an_explanation_breaks_nothing_and_tells_nobody() -> None:
    world = await a_world()
    explained = await world.explain(UNLINKED, glass=REASON)
    assert isinstance(explained.decision, Granted)
    assert explained.decision.breaks_the_glass
    assert not world.notices.broken
    assert await world.looks(UNLINKED) is Reason.LINK_MISSING


async def test_a_document_is_explained_by_level_items_and_rule() -> None:
    world = await a_world()
    sumehr, note = await world.document(), await world.document("note")
    await enrol(world.providers, [NURSE])
    seen = (await world.explain(LINKED, transaction=sumehr)).document
    assert seen is not None
    assert (seen.level, seen.rule) == (Level.FULL, "matrix/2026-01-01/sumehr/doctor")
    unknown = await world.explain(LINKED, transaction=replace_value(note))
    assert unknown.document is not None
    assert (unknown.document.rule, unknown.reason) == ("transaction/unknown", Reason.TRANSACTION_UNKNOWN)
    reference = await world.lookup.reference(JAN, note)
    await world.index.change(
        JAN,
        lambda before: revoke(before, reference.serial, custodian_of=frozenset({"chu"}), by=()),
        Relevance(serials=frozenset({reference.serial})),
        witness=None,
    )
    revoked = await world.explain(LINKED, transaction=note)
    assert revoked.document is not None
    assert (revoked.document.rule, revoked.reason) == ("transaction/revoked", Reason.TRANSACTION_UNKNOWN)
    assert await world.looks(LINKED, document=note) is Reason.TRANSACTION_UNKNOWN
    assert (await world.last()).rules[-1] == "transaction/revoked"


def replace_value(name: Id) -> Id:
    return name._replace(value=name.value[::-1])


async def test_who_is_refused_is_told_nothing_of_a_document() -> None:
    world = await a_world()
    explained = await world.explain(UNLINKED, transaction=await world.document())
    assert isinstance(explained.decision, Refused)
    assert explained.document is None
    assert (await world.last()).transaction is None


async def test_an_explanation_is_in_the_trail_with_who_asked_about_whom() -> None:
    world = await a_world()
    await world.explain(LINKED, transaction=await world.document())
    event = await world.last()
    assert (event.origin.operation, event.origin.request_id, event.outcome) == (EXPLAIN, "request-7", Outcome.GRANTED)
    assert event.actor.parties[-1].name == "Agnès Exemple"
    assert event.subject == (LINKED,)
    assert event.transaction is not None
    assert event.details == {
        "decision": "granted",
        "rules": " ".join((await world.explain(LINKED)).decision.rules),
        "document": "full matrix/2026-01-01/sumehr/doctor",
    }
    await world.explain(UNLINKED, glass=REASON)
    asked = await world.last()
    assert (asked.break_the_glass, asked.details["decision"]) == ("", "granted")


async def test_what_cannot_be_found_out_is_said_and_recorded() -> None:
    world = await a_world(national=NationalSilence())
    with pytest.raises(HubError) as silence:
        await world.explain(LINKED)
    assert silence.value.kind is Kind.UNAVAILABLE
    assert (await world.last()).outcome is Outcome.FAILED
    with pytest.raises(HubError) as stranger:
        await world.explain(LINKED, patient=MILA)
    assert stranger.value.reason is Reason.PATIENT_UNKNOWN
    assert (await world.last(MILA)).outcome is Outcome.REFUSED


async def test_a_break_is_told_once_after_it_is_in_the_trail() -> None:
    world = await a_world()
    assert await world.looks(UNLINKED, glass=REASON) is None
    ((event, until),) = world.notices.broken
    assert event == await world.last()
    assert until == event.at + timedelta(hours=24)
    assert await world.looks(UNLINKED) is None
    assert await world.looks(UNLINKED, glass=REASON) is None
    assert await world.looks(LINKED, glass=REASON) is None
    assert len(world.notices.broken) == 1


async def test_breaks_are_listed_and_reviewed() -> None:
    world = await a_world()
    for glass in ("short", REASON, REASON):
        await world.looks(UNLINKED, glass=glass)
        world.clock.moment += timedelta(hours=1)
    (broken,) = await world.glass.breaks(STAFF)
    assert (broken.event.break_the_glass, broken.reviews) == (REASON, ())
    await world.glass.review(STAFF, broken.name, Verdict.UNDER_INQUIRY, remark="The doctor is asked")
    reviewed = await world.glass.review(STAFF, broken.name, Verdict.JUSTIFIED)
    said = [(review.verdict, review.by, review.remark) for review in reviewed.reviews]
    assert said == [
        (Verdict.UNDER_INQUIRY, "Agnès Exemple", "The doctor is asked"),
        (Verdict.JUSTIFIED, "Agnès Exemple", ""),
    ]
    assert await world.glass.breaks(STAFF) == [reviewed]
    assert await world.glass.breaks(STAFF, unreviewed=True) == []
    day = broken.event.at.date()
    assert await world.glass.breaks(STAFF, begin=day, end=day) == [reviewed]
    assert await world.glass.breaks(STAFF, end=day - timedelta(days=1)) == []
    assert (await world.last()).subject == broken.event.actor.parties


@pytest.mark.parametrize("name", ["", "20260302-0000000000", "20269902-0000000000", GP_NIHII])
async def test_only_a_break_can_be_reviewed(name: str) -> None:
    world = await a_world()
    with pytest.raises(HubError) as refusal:
        await world.glass.review(STAFF, name, Verdict.JUSTIFIED)
    assert refusal.value.reason is Reason.CONTENT
