"""The client of Redis tells of every command: how long it took, and why it failed."""

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from hub.storage.connection import connect, script


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
