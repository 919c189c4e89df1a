"""The standing of a requester, read once and remembered for a while."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from hub.domain.errors import HubError, Reason
from hub.domain.parties import HcParty, Id
from hub.domain.party_consents import give_consent
from hub.domain.providers import Provider, approve, suspend
from hub.domain.subjects import Subject, SubjectKind
from hub.services.provider_standing import ProviderStandings
from hub.storage.memory import MemoryProviderRegistry
from tests.builders import JAN, a_hospital, a_person, a_requester
from tests.fakes.providers import GP, HOSPITAL, NOON, a_change, a_pending, an_organisation, recorded

DOCTOR = replace(a_person(), ids=(*a_person().ids, Id("INSS", "1.0", JAN.digits)))
GOOD = give_consent(approve(a_pending(), recorded()), GP, NOON.date(), recorded())
ANSWERING = give_consent(an_organisation(), HOSPITAL, NOON.date(), recorded())


class CountingRegistry(MemoryProviderRegistry):
    """Counts its round trips; fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[frozenset[Subject]] = []
        self.is_gone = False

    async def get(self, subjects: Collection[Subject]) -> Mapping[Subject, Provider]:
        if self.is_gone:
            raise HubError(Reason.INDEX_UNAVAILABLE)
        self.asked.append(frozenset(subjects))
        return await super().get(subjects)


class World:
    def __init__(self, *, seconds: float = 30, circles: frozenset[str] = frozenset({"orghospital"})) -> None:
        self.registry, self.time = CountingRegistry(), 0.0
        self.standings = ProviderStandings(
            registry=self.registry, circles_of_trust=circles, seconds=seconds, now=lambda: self.time
        )

    async def keep(self, *providers: Provider) -> None:
        for provider in providers:
            await self.registry.change(provider.subject, lambda _, kept=provider: kept, a_change())  # type: ignore[misc]

    async def is_good(self, *parties: HcParty) -> bool:
        return (await self.standings.of(a_requester(*(parties or (DOCTOR,))))).is_good


async def test_all_numbers_of_a_person_are_looked_up_in_one_go() -> None:
    world = World()
    await world.keep(GOOD)
    assert await world.is_good(a_hospital(), DOCTOR)
    assert world.registry.asked == [{GP, HOSPITAL, Subject(SubjectKind.INSS, JAN.digits)}]


async def test_a_good_standing_is_remembered_until_its_time_is_over() -> None:
    world = World()
    await world.keep(GOOD)
    for _ in range(3):
        assert await world.is_good()
    assert len(world.registry.asked) == 1
    await world.keep(suspend(GOOD, recorded(1)))
    world.time = 29.9
    assert await world.is_good()
    world.time = 30.1
    assert not await world.is_good()


async def test_who_has_none_is_asked_for_again_so_that_an_approval_counts_at_once() -> None:
    world = World()
    assert not await world.is_good()
    await world.keep(GOOD)
    assert await world.is_good()


async def test_nothing_is_remembered_for_no_time() -> None:
    world = World(seconds=0)
    await world.keep(GOOD)
    assert await world.is_good()
    await world.keep(suspend(GOOD, recorded(1)))
    assert not await world.is_good()


async def test_a_circle_of_trust_answers_for_its_people_and_no_other_organisation_does() -> None:
    for circles, is_good in ((frozenset({"orghospital"}), True), (frozenset({"orglaboratory"}), False)):
        world = World(circles=circles)
        await world.keep(ANSWERING)
        assert await world.is_good(a_hospital(), DOCTOR) is is_good
        assert await world.is_good(a_hospital())
        assert not await world.is_good(DOCTOR)


async def test_who_was_remembered_with_an_organisation_is_not_good_without_it() -> None:
    world = World()
    await world.keep(ANSWERING)
    assert await world.is_good(a_hospital(), DOCTOR)
    assert not await world.is_good(DOCTOR)


async def test_without_the_registry_there_is_no_standing() -> None:
    world = World()
    await world.keep(GOOD)
    assert await world.is_good()
    world.registry.is_gone = True
    assert await world.is_good()
    world.time = 31
    with pytest.raises(HubError) as caught:
        await world.is_good()
    assert caught.value.reason is Reason.INDEX_UNAVAILABLE


async def test_who_names_no_number_has_no_standing() -> None:
    nobody = HcParty(ids=(), cds=a_person().cds, familyname="Zondernummer")
    assert not await World().is_good(nobody)
