"""The client of Redis: it tells of every command, keeps commands in line, and waits for replicas."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from hub.storage.connection import connect, script
from hub.storage.server import NotReplicatedError


def watched(url: str) -> tuple[Redis, list[Exception | None]]:
    """A client, and what it tells of its commands."""
    failures: list[Exception | None] = []
    client = connect(url, timeout=5, connections=2, on_command=lambda _, error: failures.append(error))
    return client, failures


async def test_commands_are_told_of_by_how_they_end(redis_url: str) -> None:
    client, failures = watched(redis_url)
    async with client:
        await client.set("text", "value")
        with pytest.raises(ResponseError) as refused:
            await client.incr("text")
    assert failures == [None, refused.value]


async def test_a_script_that_the_server_does_not_know_yet_is_no_failure(redis_url: str) -> None:
    client, failures = watched(redis_url)
    async with client:
        await client.script_flush()
        await script(client, "intern")(keys=["{d}:values", "{d}:numbers"], args=[b"digest", b"sealed"])
    assert set(failures) == {None}


async def test_a_server_that_is_not_there_is_a_failure_of_the_command() -> None:
    client, failures = watched("unix:///nowhere")
    async with client:
        with pytest.raises(RedisError) as refused:
            await client.get("text")
    assert failures == [refused.value]


async def test_more_commands_than_connections_wait_for_their_turn(redis_url: str) -> None:
    async with connect(redis_url, timeout=5, connections=2) as client:
        await asyncio.gather(*(client.incr("count") for _ in range(200)))
        assert await client.get("count") == b"200"
        assert len(await client.client_list()) <= 2


async def test_a_command_that_waits_too_long_for_its_turn_is_given_up(redis_url: str) -> None:
    async with connect(redis_url, timeout=0.2, connections=1) as client:
        with pytest.raises(RedisError):
            await asyncio.gather(client.blpop(["nothing"], timeout=3), client.get("key"))
        assert await client.get("key") is None


async def test_a_command_that_is_cancelled_leaves_its_answer_to_nobody(redis_url: str) -> None:
    async with connect(redis_url, timeout=5, connections=1) as client:
        await client.set("key", "value")
        for _ in range(50):
            task = asyncio.ensure_future(client.get("key"))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert await client.strlen("key") == 5


async def test_a_change_that_no_replica_confirms_fails(redis_url: str) -> None:
    async with connect(redis_url, timeout=2.0, connections=1, wait_replicas=1) as client:
        with pytest.raises(NotReplicatedError):
            await client.set("key", "value")
        assert await client.get("key") == b"value", "those who only read do not wait"
        with pytest.raises(ResponseError):
            await client.incr("key")
