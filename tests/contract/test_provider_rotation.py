"""The pseudonym key is replaced while care providers register: every worker finds them, and none waits twice."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from hub.domain.errors import HubError, Reason
from hub.domain.providers import approve
from hub.domain.search import PageRequest
from hub.storage import keys
from hub.storage.renaming import Renaming
from hub.storage.secrets import Pseudonyms, Sealer
from tests.contract.rotating import (
    AFTER,
    BEFORE,
    INDEX_SECRET,
    KNOWS,
    MOVES,
    Worker,
    connected,
    forget,
    rotate,
)
from tests.fakes.providers import GP, OTHER_GP, a_change, a_pending, recorded

STEPS = pytest.mark.parametrize("pseudonyms", [KNOWS, MOVES], ids=["knows the next", "moves"])
APPROVED = approve(a_pending(), recorded(1))


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    """A client of an empty server."""
    async with connected(redis_url) as client:
        yield client


async def waiting(worker: Worker) -> list[object]:
    """Who waits, as a worker tells it."""
    page = await worker.providers.pending(PageRequest())
    assert page.total == len(page.providers)
    return [provider.subject for provider in page.providers]


@STEPS
@pytest.mark.parametrize("is_rotated", [False, True], ids=["not moved", "moved"])
async def test_a_provider_is_found_and_changed(client: Redis, pseudonyms: Pseudonyms, is_rotated: bool) -> None:
    before, during, after = Worker.of(client, BEFORE), Worker.of(client, pseudonyms), Worker.of(client, AFTER)
    await before.providers.change(GP, lambda _: a_pending(), a_change())
    await before.providers.change(OTHER_GP, lambda _: a_pending(OTHER_GP, 1), a_change())
    if is_rotated:
        await rotate(client)
    assert await during.providers.get([GP]) == {GP: a_pending()}
    assert await waiting(during) == [GP, OTHER_GP]
    assert await during.providers.change(GP, lambda before: approve(before, recorded(1)), a_change()) == APPROVED
    assert await waiting(during) == [OTHER_GP]
    assert {provider.subject async for provider in during.providers.everybody()} == {GP, OTHER_GP}
    await rotate(client)
    assert await during.providers.get([GP]) == await after.providers.get([GP]) == {GP: APPROVED}
    assert await waiting(during) == await waiting(after) == [OTHER_GP]


async def test_a_worker_that_knows_only_the_older_key_is_refused(client: Redis) -> None:
    await Worker.of(client, MOVES).providers.change(GP, lambda _: a_pending(), a_change())
    before = Worker.of(client, BEFORE)
    for asked in (before.providers.get([GP]), before.providers.change(GP, lambda _: APPROVED, a_change())):
        with pytest.raises(HubError) as caught:
            await asked
        assert caught.value.reason is Reason.INDEX_UNAVAILABLE
    assert await Worker.of(client, AFTER).providers.get([GP]) == {GP: a_pending()}


async def test_what_a_rotation_moved_is_told_and_its_marks_are_taken_away(client: Redis) -> None:
    await Worker.of(client, BEFORE).providers.change(GP, lambda _: a_pending(), a_change())
    renaming = Renaming(client, pseudonyms=MOVES, previous=BEFORE, sealer=Sealer(INDEX_SECRET))
    assert (await forget(client)).left == {"1": 2}
    renamed = await renaming.providers()
    assert (renamed.moved, renamed.unreadable) == (1, 0)
    assert (await renaming.providers()).moved == 0
    forgotten = await forget(client)
    assert (forgotten.marks, forgotten.left) == (1, {})
    assert await client.hlen(keys.PROVIDERS) == await client.hlen(keys.PENDING_PROVIDERS) == 1


async def test_what_cannot_be_read_is_told_and_stays(client: Redis) -> None:
    await client.hset(keys.PROVIDERS, BEFORE.of("somebody"), b"nonsense")
    await client.hset(keys.PENDING_PROVIDERS, BEFORE.of("somebody"), b"nonsense")
    renaming = Renaming(client, pseudonyms=MOVES, previous=BEFORE, sealer=Sealer(INDEX_SECRET))
    assert (await renaming.providers()).unreadable == 2
    assert await client.hlen(keys.PROVIDERS) == 1
