"""What every access registry promises, on each implementation."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from hub.domain import access_rights, mandates, therapeutic_links
from hub.domain.access_rights import AccessRight, Right
from hub.domain.consent import ConsentKind, PatientConsent, give, withdraw
from hub.domain.errors import HubError, Reason
from hub.domain.exclusions import Exclusion, exclude
from hub.domain.identifiers import Ssin
from hub.domain.mandates import Mandate, MandateKind
from hub.domain.parties import Code, HcParty
from hub.domain.patient_facts import BrokenGlass, PatientFacts, SubjectFacts, SubjectRule
from hub.domain.search import PageRequest
from hub.domain.subjects import EVERYBODY, Subject, SubjectKind
from hub.domain.therapeutic_links import Proof, TherapeuticLink
from hub.ports.access_registry import AccessRegistry
from hub.ports.audit_trail import AuditQuery, AuditTrail
from hub.ports.registries import PatientRegistry
from hub.storage.access_registry import RedisAccessRegistry
from hub.storage.memory import MemoryPatientRegistry
from hub.storage.memory_access import MemoryAccessRegistry, MemoryAuditTrail
from hub.storage.registries import RedisPatientRegistry
from tests.audit_world import AuditWorld
from tests.builders import GP_NIHII, JAN, MILA, OTHER_GP_NIHII, a_patient, a_person, an_event
from tests.statements import NOW, TODAY, party_ids, recorded

GP = Subject(SubjectKind.NIHII, GP_NIHII[:8])
OTHER_GP = Subject(SubjectKind.NIHII, OTHER_GP_NIHII[:8])
NURSES = Subject(SubjectKind.PROFESSION, "persnurse")
CONSENT = PatientConsent(kinds=frozenset({ConsentKind.RETROSPECTIVE}), signed_on=TODAY, recorded=recorded())
LINK = TherapeuticLink(
    party=party_ids(),
    kind="gpconsultation",
    start=TODAY,
    end=TODAY.replace(year=2027),
    proof=Proof.EID_READING,
    recorded=recorded(a_person()),
    comment='Suivi <annuel> & "vaccin"\n',
)
EVENT = an_event(operation="PutTherapeuticLink")


@dataclass
class World:
    """A registry with the registries beside it; Jan is known, Mila is not."""

    patients: PatientRegistry
    registry: AccessRegistry
    trail: AuditTrail

    async def trailed(self, patient: Ssin = JAN) -> int:
        """How many events the trail has of a patient."""
        return (await self.trail.find(AuditQuery(patient=patient), PageRequest())).total


@pytest.fixture(params=["memory", "redis", "cluster"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """An empty registry of each kind."""
    if request.param == "memory":
        trail = MemoryAuditTrail()
        patients = MemoryPatientRegistry(trail)
        world = World(patients, MemoryAccessRegistry(patients, trail), trail)
        await patients.put(a_patient(), replace(EVENT, patient=None))
        yield world
        return
    url = request.getfixturevalue(f"{request.param}_url")
    async with AuditWorld.open(url, f"sqlite:///{tmp_path / 'audit.sqlite'}") as audit:
        stored = RedisPatientRegistry(audit.client, secrets=audit.secrets)
        await stored.put(a_patient(), replace(EVENT, patient=None))
        yield World(stored, RedisAccessRegistry(audit.client, secrets=audit.secrets), audit.trail)


def linking(link: TherapeuticLink) -> SubjectRule:
    """The rule that makes a link."""
    return lambda before: replace(before, links=therapeutic_links.put(before.links, link))


async def test_nothing_is_known_of_a_patient_of_whom_nothing_was_said(world: World) -> None:
    for patient in (JAN, MILA):
        assert await world.registry.facts(patient, [GP]) == PatientFacts()
        assert await world.registry.everything(patient) == PatientFacts()


async def test_all_that_was_said_about_a_subject_comes_back_exactly(world: World) -> None:
    end = recorded(a_person(OTHER_GP_NIHII))
    nurses = HcParty(ids=(), cds=(Code("CD-HCPARTY", "1.16", "persnurse", display="Infirmier", language="fr"),))
    mandate = Mandate(holder=MILA, kind=MandateKind.PARENT, start=TODAY, end=None, accepted=True, recorded=recorded())
    facts = SubjectFacts(
        links=(*therapeutic_links.revoke((LINK,), None, end), replace(LINK, kind="gmd", comment="")),
        exclusions=(Exclusion(party=party_ids(), start=TODAY, recorded=recorded(), lifted_on=TODAY, lifting=end),),
        rights=(
            AccessRight(serial=7, lineage=(3, 5), party=nurses, right=Right.ALLOW, recorded=recorded(), revocation=end),
            AccessRight(serial=70000, lineage=(70000,), party=a_person(), right=Right.DISALLOW, recorded=recorded()),
        ),
        mandates=(mandate, replace(mandate, end=TODAY, revoked_on=TODAY, revocation=end)),
        broken_glass=(BrokenGlass(reason="Inconscient, aux urgences", until=NOW, recorded=recorded()),),
    )
    await world.registry.change_subject(JAN, GP, lambda _: facts, EVENT)
    assert await world.registry.facts(JAN, [GP]) == PatientFacts((), {GP: facts})


async def test_consents_come_back_exactly_and_oldest_first(world: World) -> None:
    await world.registry.change_consent(JAN, partial(give, consent=CONSENT), EVENT)
    await world.registry.change_consent(
        JAN, lambda before: withdraw(before, CONSENT.kinds, TODAY, recorded(a_person())), EVENT
    )
    again = replace(CONSENT, kinds=frozenset({ConsentKind.LOCAL, ConsentKind.PROSPECTIVE}))
    await world.registry.change_consent(JAN, partial(give, consent=again), EVENT)
    ended = replace(CONSENT, revoked_on=TODAY, revocation=recorded(a_person()))
    assert (await world.registry.facts(JAN, [])).consents == (ended, again)


async def test_a_reader_gets_the_subjects_he_asks_for_and_everything_is_all_of_them(world: World) -> None:
    for subject in (GP, NURSES, EVERYBODY):
        await world.registry.change_subject(JAN, subject, linking(LINK), EVENT)
    asked = await world.registry.facts(JAN, {GP, OTHER_GP, EVERYBODY})
    assert asked.by_subject.keys() == {GP, EVERYBODY}
    assert (await world.registry.everything(JAN)).by_subject.keys() == {GP, NURSES, EVERYBODY}


async def test_patients_do_not_see_each_other(world: World) -> None:
    await world.patients.put(a_patient(MILA), EVENT)
    await world.registry.change_subject(JAN, GP, linking(LINK), EVENT)
    await world.registry.change_consent(JAN, partial(give, consent=CONSENT), EVENT)
    assert await world.registry.everything(MILA) == PatientFacts()


async def test_a_rule_is_asked_on_what_stands(world: World) -> None:
    seen: list[SubjectFacts] = []

    def rule(before: SubjectFacts) -> SubjectFacts:
        seen.append(before)
        return replace(
            before,
            exclusions=exclude(before.exclusions, Exclusion(party=party_ids(), start=TODAY, recorded=recorded())),
        )

    await world.registry.change_subject(JAN, GP, linking(LINK), EVENT)
    await world.registry.change_subject(JAN, GP, rule, EVENT)
    assert seen[-1] == SubjectFacts(links=(LINK,))
    (facts,) = (await world.registry.facts(JAN, [GP])).by_subject.values()
    assert (len(facts.links), len(facts.exclusions)) == (1, 1)


async def test_a_change_leaves_its_event_even_when_it_changes_nothing(world: World) -> None:
    for _ in range(2):
        await world.registry.change_subject(JAN, GP, linking(LINK), EVENT)
        await world.registry.change_consent(JAN, partial(give, consent=CONSENT), EVENT)
    assert await world.trailed() == 4
    await world.registry.change_subject(JAN, OTHER_GP, lambda before: before, EVENT)
    assert await world.trailed() == 5
    assert (await world.registry.facts(JAN, [OTHER_GP])).by_subject == {}


async def test_what_a_rule_refuses_changes_nothing_and_leaves_no_event(world: World) -> None:
    def refuse(_: object) -> SubjectFacts:
        raise HubError(Reason.LINK_PERIOD)

    await world.registry.change_subject(JAN, GP, linking(LINK), EVENT)
    with pytest.raises(HubError) as refusal:
        await world.registry.change_subject(JAN, GP, refuse, EVENT)
    assert refusal.value.reason is Reason.LINK_PERIOD
    assert await world.trailed() == 1
    assert (await world.registry.facts(JAN, [GP])).by_subject[GP].links == (LINK,)


async def test_an_unknown_patient_is_refused_unless_he_is_registered_by_his_consent(world: World) -> None:
    giving = partial(give, consent=CONSENT)
    for change in (
        world.registry.change_subject(MILA, GP, linking(LINK), EVENT),
        world.registry.change_consent(MILA, giving, EVENT),
    ):
        with pytest.raises(HubError) as refusal:
            await change
        assert refusal.value.reason is Reason.PATIENT_UNKNOWN
    await world.registry.change_consent(MILA, giving, replace(EVENT, patient=MILA), register=a_patient(MILA))
    assert (await world.registry.facts(MILA, [])).consents == (CONSENT,)
    assert await world.patients.get(MILA) == a_patient(MILA)
    assert await world.trailed(MILA) == 1


async def test_registering_leaves_a_patient_who_is_known_as_he_is(world: World) -> None:
    other = replace(a_patient(), familyname="Autre")
    await world.registry.change_consent(JAN, partial(give, consent=CONSENT), EVENT, register=other)
    assert await world.patients.get(JAN) == a_patient()


async def test_mandates_and_rights_stand_in_the_same_place(world: World) -> None:
    right = AccessRight(
        serial=3, lineage=(3,), party=HcParty(ids=(), cds=()), right=Right.DISALLOW, recorded=recorded()
    )
    mandate = Mandate(
        holder=MILA, kind=MandateKind.TRUSTED_PERSON, start=TODAY, end=TODAY, accepted=False, recorded=recorded()
    )
    holder = Subject(SubjectKind.INSS, MILA.digits)
    await world.registry.change_subject(
        JAN, EVERYBODY, lambda before: replace(before, rights=access_rights.put(before.rights, right)), EVENT
    )
    await world.registry.change_subject(
        JAN, holder, lambda before: replace(before, mandates=mandates.name(before.mandates, mandate)), EVENT
    )
    said = (await world.registry.everything(JAN)).by_subject
    assert said == {EVERYBODY: SubjectFacts(rights=(right,)), holder: SubjectFacts(mandates=(mandate,))}


async def test_ten_thousand_links_of_one_patient(world: World) -> None:
    subjects = [Subject(SubjectKind.NIHII, f"{number:08d}") for number in range(10_000)]
    for subject in subjects:
        await world.registry.change_subject(JAN, subject, linking(LINK), EVENT)
    assert len((await world.registry.everything(JAN)).by_subject) == 10_000
    asked = await world.registry.facts(JAN, subjects[5_000:5_003])
    assert list(asked.by_subject.values()) == [SubjectFacts(links=(LINK,))] * 3
