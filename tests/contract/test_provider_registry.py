"""What every registry of care providers promises."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest

from hub.domain.audit import AuditEvent
from hub.domain.errors import HubError, Reason
from hub.domain.party_consents import give_consent, revoke_consent
from hub.domain.providers import DirectoryFinding, Provider, approve, register
from hub.domain.search import PageRequest
from hub.domain.subjects import Subject, SubjectKind
from hub.ports.providers import ProviderRegistry
from hub.storage.audit_lanes import EVENT, PATIENT, EventSealer, Written, lane_of
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.keys import PROVIDERS_TAG
from hub.storage.memory import MemoryProviderRegistry
from hub.storage.provider_registry import RedisProviderRegistry
from hub.storage.secrets import Pseudonyms
from tests.builders import JAN
from tests.fakes.providers import GP, NOON, OTHER_GP, POLICY, a_change, a_pending, an_application, recorded

SECRET = bytes(range(32))
NOT_FOUND = DirectoryFinding.NOT_FOUND


class World:
    """A registry, and what was recorded."""

    registry: ProviderRegistry

    async def events(self) -> list[AuditEvent]:
        raise NotImplementedError

    async def keep(self, provider: Provider) -> None:
        await self.registry.change(provider.subject, lambda _: provider, a_change())


class InMemory(World):
    def __init__(self) -> None:
        self.registry = self._memory = MemoryProviderRegistry()

    async def events(self) -> list[AuditEvent]:
        return self._memory.events


class OnRedis(World):
    def __init__(self, url: str) -> None:
        self.client = connect(url, timeout=5, connections=8)
        self._sealer = EventSealer(SECRET)
        self.registry = RedisProviderRegistry(
            self.client, secrets=IndexSecrets.of(SECRET, Pseudonyms(SECRET, key_id="1"))
        )

    async def events(self) -> list[AuditEvent]:
        entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", await self.client.xrange(lane_of(PROVIDERS_TAG)))
        return [self._sealer.read(Written(fields[PATIENT], fields[EVENT])) for _, fields in entries]


@pytest.fixture(params=["memory", "redis_url", "cluster_url"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "memory":
        yield InMemory()
        return
    on_redis = OnRedis(request.getfixturevalue(request.param))
    async with on_redis.client:
        yield on_redis


async def test_nobody_is_known_at_first(world: World) -> None:
    assert await world.registry.get([GP, OTHER_GP]) == {}
    assert await world.registry.get([]) == {}
    assert [provider async for provider in world.registry.everybody()] == []
    assert (await world.registry.pending(PageRequest())).total == 0


async def test_what_was_kept_is_found_by_its_subject_as_it_was(world: World) -> None:
    full = revoke_consent(
        give_consent(approve(a_pending(), recorded(3)), GP, NOON.date(), recorded(4)), NOON.date(), recorded(5)
    )
    assert full is not None
    by_inss = give_consent(None, Subject(SubjectKind.INSS, JAN.digits), NOON.date(), recorded())
    for provider in (full, by_inss):
        await world.keep(provider)
    assert await world.registry.get([GP, OTHER_GP, by_inss.subject]) == {GP: full, by_inss.subject: by_inss}
    assert {provider.subject async for provider in world.registry.everybody()} == {GP, by_inss.subject}


async def test_a_rule_is_shown_what_is_kept_and_its_result_is_given(world: World) -> None:
    shown = []

    def rule(before: Provider | None) -> Provider:
        shown.append(before)
        return a_pending() if before is None else approve(before, recorded(1))

    first = await world.registry.change(GP, rule, a_change())
    second = await world.registry.change(GP, rule, a_change())
    assert shown == [None, first]
    assert second == approve(a_pending(), recorded(1))


async def test_every_change_is_recorded_even_one_of_nothing(world: World) -> None:
    assert await world.registry.change(GP, lambda before: before, a_change()) is None
    await world.keep(a_pending())
    await world.keep(a_pending())
    assert await world.events() == [a_change()] * 3
    assert len(await world.registry.get([GP])) == 1


async def test_a_rule_that_refuses_leaves_nothing(world: World) -> None:
    def rule(before: Provider | None) -> Provider:
        return approve(before, recorded())

    with pytest.raises(HubError) as caught:
        await world.registry.change(GP, rule, a_change())
    assert caught.value.reason is Reason.PARTY_UNKNOWN
    assert await world.events() == []
    assert await world.registry.get([GP]) == {}


async def test_who_waits_is_in_the_queue_the_longest_waiting_first(world: World) -> None:
    numbers = [f"1999{number:04d}" for number in range(7)]
    waiting = [a_pending(Subject(SubjectKind.NIHII, number), minutes) for minutes, number in enumerate(numbers)]
    for provider in reversed(waiting):
        await world.keep(provider)
    await world.keep(approve(a_pending(GP), recorded(1)))
    page = await world.registry.pending(PageRequest(first=3, size=2))
    assert (list(page.providers), page.total) == (waiting[2:4], 7)
    await world.keep(approve(waiting[0], recorded(9)))
    waiting[1] = register(
        waiting[1], an_application(waiting[1].subject, "persnurse", guarantor=""), POLICY, NOT_FOUND, recorded(9)
    )
    await world.keep(waiting[1])
    page = await world.registry.pending(PageRequest())
    assert (list(page.providers), page.total) == (waiting[1:], 6)


async def test_of_changes_at_the_same_time_none_is_lost(world: World) -> None:
    async def add(minutes: int) -> None:
        def rule(before: Provider | None) -> Provider:
            given = give_consent(before, GP, NOON.date(), recorded(minutes))
            return revoke_consent(given, NOON.date(), recorded(minutes)) or given

        await world.registry.change(GP, rule, a_change())

    await asyncio.gather(*(add(minutes) for minutes in range(4)))
    (provider,) = (await world.registry.get([GP])).values()
    assert len(provider.consents) == len(await world.events()) == 4


async def test_a_store_that_is_gone_is_told_as_that() -> None:
    gone = OnRedis("unix:///nowhere/redis.sock")
    async with gone.client:
        for asked in (gone.registry.get([GP]), gone.registry.pending(PageRequest()), gone.keep(a_pending())):
            with pytest.raises(HubError) as caught:
                await asked
            assert caught.value.reason is Reason.INDEX_UNAVAILABLE
