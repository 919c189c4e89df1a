"""A signed message is taken once, by all processes together, until it is too old anyway."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from hub.domain.errors import HubError, Reason
from hub.storage import keys
from hub.storage.replay import RedisReplayCache

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
MESSAGE, ANOTHER = bytes(range(32)), bytes(32)
LATER = NOW + timedelta(minutes=6)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


async def test_a_message_is_first_once(redis: Redis) -> None:
    cache = RedisReplayCache(redis)
    assert [await cache.is_first(MESSAGE, now=NOW, forget_at=LATER) for _ in range(3)] == [True, False, False]
    assert await cache.is_first(ANOTHER, now=NOW, forget_at=LATER)


async def test_it_is_first_for_one_of_many_processes(redis: Redis, redis_url: str) -> None:
    async with Redis.from_url(redis_url) as other:
        caches = [RedisReplayCache(client) for client in (redis, other)] * 20
        answers = await asyncio.gather(*(cache.is_first(MESSAGE, now=NOW, forget_at=LATER) for cache in caches))
    assert answers.count(True) == 1


async def test_it_is_remembered_until_it_would_be_refused_for_its_age(redis: Redis) -> None:
    await RedisReplayCache(redis).is_first(MESSAGE, now=NOW, forget_at=LATER)
    left = await redis.pttl(keys.signed_message(MESSAGE))
    assert 0 < left <= 360_000
    assert left > 350_000


async def test_what_is_forgotten_is_first_again(redis: Redis) -> None:
    cache = RedisReplayCache(redis)
    for forget_at in (NOW + timedelta(milliseconds=1), NOW, NOW - timedelta(seconds=1)):
        assert await cache.is_first(MESSAGE, now=NOW, forget_at=forget_at)
        async with asyncio.timeout(10):
            while await redis.exists(keys.signed_message(MESSAGE)):
                pass
    assert await cache.is_first(MESSAGE, now=NOW, forget_at=LATER)


async def test_nothing_of_a_message_is_kept_but_its_digest(redis: Redis) -> None:
    await RedisReplayCache(redis).is_first(MESSAGE, now=NOW, forget_at=LATER)
    (key,) = await redis.keys()
    assert key == keys.signed_message(MESSAGE).encode()
    assert await redis.get(key) == b""


async def test_without_the_store_nobody_knows() -> None:
    async with Redis.from_url("redis://127.0.0.1:1") as nowhere:
        with pytest.raises(HubError) as caught:
            await RedisReplayCache(nowhere).is_first(MESSAGE, now=NOW, forget_at=LATER)
    assert caught.value.reason is Reason.INDEX_UNAVAILABLE
