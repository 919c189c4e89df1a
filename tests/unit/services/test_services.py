"""The use cases, on the index in memory and a vault in a dictionary."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from hub.config.access_settings import AccessSettings
from hub.domain.consent import ConsentState
from hub.domain.context import RequestContext
from hub.domain.declarations import Declaration
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.national import NationalConsent, NationalWord
from hub.domain.parties import HcParty, Id
from hub.domain.references import VAULT
from hub.domain.search import Criteria, PageRequest, PublicationWish, Scope
from hub.domain.submissions import Submission
from hub.ports.registries import RegisteredParty
from hub.services.access_guard import AccessGuard
from hub.services.attempts import Attempts
from hub.services.auditing import Auditing
from hub.services.deciding import Deciding
from hub.services.lookup import TransactionLookup
from hub.services.national_facts import NationalFacts
from hub.services.permissions import NothingPermitted
from hub.services.provider_standing import ProviderStandings
from hub.services.publication import Publication
from hub.services.publication_guard import PublicationGuard
from hub.services.publication_requests import PublicationAnswer, PublicationRequests
from hub.services.registration import Registration
from hub.services.retrieval import Retrieval
from hub.services.routing import Routing, Source
from hub.services.search import Search
from hub.storage.memory import (
    MemoryPartyRegistry,
    MemoryPatientRegistry,
    MemoryProviderRegistry,
    MemoryReferenceIndex,
)
from hub.storage.memory_access import MemoryAccessRegistry, MemoryAuditTrail
from hub.storage.secrets import EncryptedLocalIds
from tests.allowed import CONSENT, SAID, allow, enrol
from tests.builders import (
    HOSPITAL_NIHII,
    JAN,
    MILA,
    OTHER_GP_NIHII,
    OTHER_HOSPITAL_NIHII,
    a_context,
    a_declaration,
    a_hospital,
    a_patient,
    a_person,
    a_requester,
)
from tests.fakes.notices import KeptNotices
from tests.fakes.sources import DictionaryVault, ScriptedSource

HOSPITAL = a_requester(a_hospital())
OTHER_HOSPITAL = a_requester(a_hospital(OTHER_HOSPITAL_NIHII))


class StoppedClock:
    """It is always the same moment."""

    def now(self) -> datetime:
        """That moment."""
        return datetime(2026, 3, 2, 11, 0, 0, tzinfo=UTC)


class NationalYes(NationalFacts):
    """The national register of consents says yes."""

    async def of(self, *_: object) -> NationalWord:
        """That."""
        return NationalWord(consent=NationalConsent(state=ConsentState.GIVEN, recorded=SAID, consent=CONSENT))


@dataclass
class World:
    """A hub without wires."""

    registers_patients: bool = False
    national: NationalFacts = field(default_factory=NationalFacts)
    vault: DictionaryVault = field(default_factory=DictionaryVault)
    chu: ScriptedSource = field(default_factory=lambda: ScriptedSource("chu"))
    az: ScriptedSource = field(default_factory=lambda: ScriptedSource("az", refuses=Reason.SOURCE_CANNOT_BE_ASKED))

    def __post_init__(self) -> None:
        self.trail, clock = MemoryAuditTrail(), StoppedClock()
        self.patients, self.providers = MemoryPatientRegistry(self.trail), MemoryProviderRegistry()
        self.registry = MemoryAccessRegistry(self.patients, self.trail)
        self.index = MemoryReferenceIndex(self.patients, self.registry, self.trail)
        self.local_ids = EncryptedLocalIds(bytes(32), scheme="RSBID")
        self.lookup = TransactionLookup(index=self.index, local_ids=self.local_ids)
        self.routing = Routing(
            [
                Source("chu", HOSPITAL_NIHII, self.chu),
                Source("az", OTHER_HOSPITAL_NIHII, self.az),
                Source(VAULT, "", self.vault),
            ]
        )
        self.publication = Publication(
            index=self.index,
            vault=self.vault,
            lookup=self.lookup,
            routing=self.routing,
            guard=PublicationGuard(
                registry=self.registry,
                national=self.national,
                trail=self.trail,
                lookup=self.lookup,
                clock=clock,
            ),
            clock=clock,
            registers_patients=self.registers_patients,
            one_current=frozenset({"sumehr"}),
        )
        guard = AccessGuard(
            deciding=Deciding(
                policy=AccessSettings().policy(),
                standings=ProviderStandings(registry=self.providers, circles_of_trust=frozenset(), seconds=60),
                national=self.national,
                clock=clock,
            ),
            registry=self.registry,
            trail=self.trail,
            notifications=KeptNotices(),
            clock=clock,
        )
        self.search = Search(index=self.index, lookup=self.lookup, patients=self.patients, guard=guard)
        self.retrieval = Retrieval(lookup=self.lookup, patients=self.patients, routing=self.routing, guard=guard)

    async def listed(self, patient: Ssin = JAN) -> list[LocalId]:
        """The ids in a list of everything."""
        found = await self.search.find(BY_GP, patient, Criteria(), Scope.LOCAL, PageRequest())
        return [local_id for _, local_id in found.rows]


@pytest.fixture
async def world() -> World:
    """A hub that knows Jan and Mila."""
    world = World()
    await allow(world.registry, [a_patient(), a_patient(MILA)])
    await enrol(world.providers)
    return world


def asked_by(*parties: HcParty) -> RequestContext:
    """The context of a request."""
    return a_context(*parties)


BY_HOSPITAL = asked_by(a_hospital())
BY_OTHER_HOSPITAL = asked_by(a_hospital(OTHER_HOSPITAL_NIHII))
BY_GP = asked_by()


def hub_id(local_id: LocalId) -> Id:
    """An id of ours as a caller sends it."""
    return Id("LOCAL", "1.0", local_id.value, local_id.scheme)


def a_submission(declaration: Declaration, message: bytes = b"<kmehrmessage/>", *, members: int = 1) -> Submission:
    """A document for the vault."""
    return Submission(a_patient(), declaration, message, members, new_version_of=frozenset(), stated_version=None)


async def reason_of(awaitable: Awaitable[object]) -> Reason:
    """Why something is refused."""
    with pytest.raises(HubError) as refusal:
        await awaitable
    return refusal.value.reason


async def test_a_hospital_declares_and_the_list_has_it(world: World) -> None:
    local_id = await world.publication.declare(BY_HOSPITAL, a_patient(), a_declaration())
    assert await world.listed() == [local_id]
    assert await world.publication.declare(BY_HOSPITAL, a_patient(), a_declaration()) == local_id


async def test_a_doctor_without_an_institution_declares_nothing(world: World) -> None:
    declaring = world.publication.declare(BY_GP, a_patient(), a_declaration())
    assert await reason_of(declaring) is Reason.SOURCE_UNKNOWN


async def test_an_institution_does_not_declare_for_another(world: World) -> None:
    foreign = a_declaration(author=(a_hospital(OTHER_HOSPITAL_NIHII), a_person()))
    assert await reason_of(world.publication.declare(BY_HOSPITAL, a_patient(), foreign)) is Reason.NOT_CUSTODIAN


async def test_an_unknown_patient_is_refused_unless_the_hub_registers_patients() -> None:
    world = World(national=NationalYes())
    assert await reason_of(world.publication.declare(BY_HOSPITAL, a_patient(), a_declaration())) is (
        Reason.PATIENT_UNKNOWN
    )
    world = World(registers_patients=True, national=NationalYes())
    await world.publication.declare(BY_HOSPITAL, a_patient(), a_declaration())
    assert await world.patients.get(JAN) == a_patient()


async def test_nothing_is_published_of_a_patient_without_consent() -> None:
    world = World(registers_patients=True)
    for publishing in (
        world.publication.declare(BY_HOSPITAL, a_patient(), a_declaration()),
        world.publication.put(BY_GP, a_submission(a_declaration())),
        world.publication.put_set(BY_GP, a_submission(a_declaration(), members=2)),
    ):
        assert await reason_of(publishing) is Reason.CONSENT_MISSING
    assert not world.vault.documents


async def test_only_the_custodian_revokes(world: World) -> None:
    local_id = await world.publication.declare(BY_HOSPITAL, a_patient(), a_declaration())
    revoking = world.publication.revoke(BY_OTHER_HOSPITAL, JAN, hub_id(local_id))
    assert await reason_of(revoking) is Reason.NOT_CUSTODIAN
    await world.publication.revoke(BY_HOSPITAL, JAN, hub_id(local_id))
    assert await world.listed() == []


async def test_a_hospital_revokes_by_its_own_identifier(world: World) -> None:
    await world.publication.declare(BY_HOSPITAL, a_patient(), a_declaration("DOC-9"))
    await world.publication.revoke(BY_HOSPITAL, JAN, Id("LOCAL", "1.0", "DOC-9", "testemr"))
    assert await world.listed() == []


async def test_a_set_is_revoked_as_a_whole_and_not_by_the_id_of_a_part(world: World) -> None:
    local_ids = await world.publication.put_set(BY_GP, a_submission(a_declaration(kind="medicationscheme"), members=3))
    revoking = world.publication.revoke(BY_GP, JAN, hub_id(local_ids[2]))
    assert await reason_of(revoking) is Reason.CONTENT
    assert await world.listed() == [local_ids[0]]
    await world.publication.revoke(BY_GP, JAN, hub_id(local_ids[0]))
    assert await world.listed() == []


async def test_a_document_is_kept_and_listed_or_neither(world: World) -> None:
    world.vault.is_full = True
    putting = world.publication.put(BY_GP, a_submission(a_declaration()))
    assert await reason_of(putting) is Reason.VAULT_UNAVAILABLE
    assert await world.listed() == []
    world.vault.is_full = False
    await world.publication.put(BY_GP, a_submission(a_declaration()))
    assert len(await world.listed()) == 1


async def test_what_the_index_refuses_is_not_kept(world: World) -> None:
    await world.publication.put(BY_GP, a_submission(a_declaration()))
    putting = world.publication.put(asked_by(a_person(OTHER_GP_NIHII)), a_submission(a_declaration(), b"<other/>"))
    assert await reason_of(putting) is Reason.NOT_AUTHOR
    assert len(world.vault.documents) == 1


async def test_a_document_that_does_not_say_when_is_recorded_now(world: World) -> None:
    await world.publication.put(BY_GP, a_submission(a_declaration(recorded="")))
    found = await world.search.find(BY_GP, JAN, Criteria(), Scope.LOCAL, PageRequest())
    assert found.rows[0][0].declaration.recorddatetime == "2026-03-02T11:00:00"


async def test_a_set_has_an_id_for_each_transaction_and_one_row(world: World) -> None:
    submission = a_submission(a_declaration(kind="medicationscheme"), members=3)
    local_ids = await world.publication.put_set(BY_GP, submission)
    assert len(set(local_ids)) == 3
    assert await world.listed() == [local_ids[0]]
    async with world.retrieval.open(BY_GP, JAN, hub_id(local_ids[2])) as opened:
        assert opened.member == 3
        assert opened.ids == local_ids
    async with world.retrieval.open(BY_GP, JAN, hub_id(local_ids[0])) as opened:
        assert opened.member == 0


async def test_unknown_revoked_and_another_patients_documents_are_the_same_answer(world: World) -> None:
    mine = await world.publication.declare(BY_HOSPITAL, a_patient(), a_declaration("A"))
    revoked = await world.publication.declare(BY_HOSPITAL, a_patient(), a_declaration("B"))
    await world.publication.revoke(BY_HOSPITAL, JAN, hub_id(revoked))
    answers = []
    for patient, name in (
        (MILA, hub_id(mine)),
        (JAN, hub_id(revoked)),
        (JAN, hub_id(LocalId("RSBID", "a" * 32))),
        (JAN, hub_id(LocalId("OTHERID", mine.value))),
        (JAN, Id("ID-KMEHR", "1.0", "1")),
    ):
        with pytest.raises(HubError) as refusal:
            async with world.retrieval.open(BY_GP, patient, name):
                pass
        answers.append((refusal.value.reason, refusal.value.where, refusal.value.details))
    assert answers == [(Reason.TRANSACTION_UNKNOWN, "select/transaction/id", {})] * 5


async def test_a_document_is_opened_where_it_is_and_closed_again(world: World) -> None:
    local_id = await world.publication.declare(BY_HOSPITAL, a_patient(), a_declaration())
    async with world.retrieval.open(BY_GP, JAN, hub_id(local_id)) as opened:
        assert [chunk async for chunk in opened.document.chunks] == [b"chu"]
        assert world.chu.open_documents == 1
    assert world.chu.open_documents == 0


async def test_an_old_version_is_readable_by_its_own_id(world: World) -> None:
    old = await world.publication.put(BY_GP, a_submission(a_declaration(), b"<old/>"))
    new = await world.publication.put(BY_GP, a_submission(a_declaration(recorded="2026-03-03T00:00:00"), b"<new/>"))
    assert await world.listed() == [new]
    async with world.retrieval.open(BY_GP, JAN, hub_id(old)) as opened:
        assert [chunk async for chunk in opened.document.chunks] == [b"<old/>"]


@pytest.mark.parametrize("scope", [Scope.GLOBAL, Scope.EXTERNAL])
async def test_a_wider_scope_says_that_the_answer_is_local(world: World, scope: Scope) -> None:
    found = await world.search.find(BY_GP, JAN, Criteria(), scope, PageRequest())
    assert found.gaps == (Reason.FEDERATION_NOT_CONFIGURED,)


async def test_a_wish_goes_to_the_institution_it_names_or_to_all(world: World) -> None:
    requests = PublicationRequests(routing=world.routing)
    everybody = await requests.ask(BY_GP, PublicationWish(JAN, Criteria()))
    assert set(everybody) == {
        PublicationAnswer("chu", None),
        PublicationAnswer("az", Reason.SOURCE_CANNOT_BE_ASKED),
    }
    named = await requests.ask(BY_GP, PublicationWish(JAN, Criteria(author=(a_hospital(),))))
    assert named == (PublicationAnswer("chu", None),)
    assert len(world.chu.wishes) == 2


async def test_registries_give_back_what_was_put(world: World) -> None:
    attempts = Attempts(permissions=NothingPermitted(), auditing=Auditing(clock=StoppedClock()), trail=world.trail)
    registration = Registration(patients=world.patients, parties=MemoryPartyRegistry(), attempts=attempts)
    assert await registration.patient(BY_GP, JAN) == a_patient()
    assert await reason_of(registration.patient(BY_GP, Ssin("45713199797"))) is Reason.PATIENT_UNKNOWN
    party = RegisteredParty(a_person(), "2026-03-02T10:00:00")
    await registration.put_party(BY_GP, party)
    assert await registration.party(BY_GP, a_person().ids) == party
    assert await reason_of(registration.party(BY_GP, a_hospital().ids)) is Reason.PARTY_UNKNOWN
