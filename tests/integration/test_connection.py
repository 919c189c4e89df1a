"""The client of Redis: it tells of every command, keeps commands in line, and waits for replicas."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from hub.storage.connection import connect, script
from hub.storage.server import NotReplicatedError, ServerClient


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


async def test_commands_share_a_connection_and_each_gets_its_own_answer(redis_url: str) -> None:
    async with connect(redis_url, timeout=5, connections=2) as client:
        said = [f"word {number}".encode() * number for number in range(500)]
        assert await asyncio.gather(*map(client.echo, said)) == said
        assert len(await client.client_list()) == 1


async def test_a_connection_that_is_free_is_used_while_another_is_being_opened(redis_url: str) -> None:
    async with connect(redis_url, timeout=0.5, connections=2) as client:
        await client.ping()
        assert isinstance(client, ServerClient)
        async with client._shared._opening:
            assert await client.ping() is True


async def test_a_connection_that_was_silent_for_long_is_replaced(redis_url: str) -> None:
    async with connect(redis_url, timeout=5, connections=1) as client:
        assert isinstance(client, ServerClient)
        first = await client.client_id()
        assert await client.client_id() == first
        client._shared._connections[0]._used_at -= 31
        assert await client.client_id() != first


async def test_changes_that_wait_for_replicas_spread_over_the_connections_there_are(redis_url: str) -> None:
    async with (
        connect(redis_url, timeout=0.5, connections=3, wait_replicas=1) as client,
        connect(redis_url, timeout=5, connections=1) as other,
    ):
        changes = [asyncio.ensure_future(client.set(f"key {number}", "value")) for number in range(9)]
        ended = await asyncio.gather(*changes, return_exceptions=True)
        assert {type(error) for error in ended} <= {NotReplicatedError, RedisTimeoutError}
        assert await other.dbsize() >= 3, "nobody waited for another's replicas"
        assert len(await other.client_list()) <= 1 + 3


async def test_a_server_that_is_late_is_given_up_and_asked_anew(redis_url: str) -> None:
    async with connect(redis_url, timeout=0.2, connections=1) as client:
        late = asyncio.gather(client.blpop(["nothing"], timeout=3), client.get("key"), return_exceptions=True)
        assert [type(error) for error in await late] == [RedisTimeoutError] * 2
        assert await client.get("key") is None


async def test_a_server_that_was_late_for_one_may_be_in_time_for_the_next(redis_url: str) -> None:
    patience = 2.0
    async with connect(redis_url, timeout=patience, connections=1) as client:
        first = asyncio.ensure_future(client.blpop(["list"], timeout=10))
        await asyncio.sleep(0.75 * patience)
        second = asyncio.ensure_future(client.ping())
        with pytest.raises(RedisTimeoutError):
            await first
        async with connect(redis_url, timeout=patience, connections=1) as other:
            await other.rpush("list", "value")
        assert await second is True


async def test_a_lost_connection_ends_all_who_wait_and_the_next_command_opens_another(redis_url: str) -> None:
    async with (
        connect(redis_url, timeout=5, connections=1) as client,
        connect(redis_url, timeout=5, connections=1) as other,
    ):
        await asyncio.gather(client.ping(), other.ping())
        waiting = [asyncio.ensure_future(client.blpop(["nothing"], timeout=4)) for _ in range(3)]
        await asyncio.sleep(0)
        await other.client_kill_filter(_type="normal", skipme=True)
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(error) for error in ended] == [RedisConnectionError] * 3
        assert await client.ping() is True


async def test_a_command_that_is_cancelled_leaves_its_answer_to_nobody(redis_url: str) -> None:
    async with connect(redis_url, timeout=5, connections=1) as client:
        await client.set("key", "value")
        for _ in range(50):
            task = asyncio.ensure_future(client.get("key"))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert await client.strlen("key") == 5


async def test_a_command_that_is_cancelled_while_its_connection_is_opened_ends_there(redis_url: str) -> None:
    for turns in range(30):
        async with connect(redis_url, timeout=5, connections=1) as client:
            task = asyncio.ensure_future(client.get("key"))
            for _ in range(turns):
                await asyncio.sleep(0)
            was_done = task.done()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert was_done or task.cancelled()


async def test_a_change_that_no_replica_confirms_fails(redis_url: str) -> None:
    async with connect(redis_url, timeout=2.0, connections=1, wait_replicas=1) as client:
        with pytest.raises(NotReplicatedError):
            await client.set("key", "value")
        assert await client.get("key") == b"value", "those who only read do not wait"
        with pytest.raises(ResponseError):
            await client.incr("key")
