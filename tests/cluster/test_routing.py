"""The client of a cluster finds the server that has a key, and says what it cannot do."""

import asyncio
from pathlib import Path

import pytest
from redis.crc import key_slot
from redis.exceptions import RedisError

from bench.redis_cluster import LocalCluster
from hub.storage.connection import connect, masters, script


async def test_every_key_is_found_whoever_has_it(cluster_url: str) -> None:
    async with connect(cluster_url, timeout=5, connections=4) as client:
        for number in range(50):
            await client.set(f"key {number}", number)
        assert [await client.get(f"key {number}") for number in range(50)] == [b"%d" % n for n in range(50)]
        sizes = [await master.dbsize() for master in await masters(client)]
    assert len(sizes) == 3
    assert all(sizes)
    assert sum(sizes) == 50


async def test_one_server_of_the_cluster_is_enough_to_begin_with(cluster_url: str) -> None:
    one = cluster_url.partition(",")[0]
    async with connect(f"{one},127.0.0.1:1", timeout=5, connections=4) as client:
        await asyncio.gather(*(client.set(f"key {number}", number) for number in range(20)))
        assert len(await masters(client)) == 3


async def test_a_cluster_that_is_not_there_is_given_up_in_time() -> None:
    async with connect("redis+cluster://127.0.0.1:1,127.0.0.1:2", timeout=0.3, connections=1) as client:
        async with asyncio.timeout(3):
            with pytest.raises(RedisError):
                await client.get("key")
            with pytest.raises(RedisError):
                await masters(client)


async def test_what_names_no_key_is_refused(cluster_url: str) -> None:
    async with connect(cluster_url, timeout=5, connections=4) as client:
        for command in (client.info("persistence"), client.ping(), client.bgrewriteaof()):
            with pytest.raises(RedisError, match="names no key: ask each master"):
                await command
        with pytest.raises(RedisError, match="ask each master"):
            async with client.pipeline() as pipeline:
                pipeline.get("key")
                await pipeline.execute()


async def test_a_single_server_is_its_own_master(redis_url: str) -> None:
    async with connect(redis_url, timeout=5, connections=4) as client:
        assert await masters(client) == [client]


async def test_a_script_is_brought_to_the_server_that_does_not_know_it(cluster_url: str) -> None:
    failures: list[Exception | None] = []
    async with connect(
        cluster_url, timeout=5, connections=4, on_command=lambda _, error: failures.append(error)
    ) as client:
        for master in await masters(client):
            await master.script_flush()
        intern = script(client, "intern")
        for number in range(20):
            keys = [f"{{d{number}}}:values", f"{{d{number}}}:numbers"]
            assert await intern(keys=keys, args=[b"digest", b"sealed"])
    assert failures
    assert set(failures) == {None}


async def test_a_command_that_fails_is_told_of_once(cluster_url: str) -> None:
    failures: list[Exception | None] = []
    async with connect(
        cluster_url, timeout=5, connections=4, on_command=lambda _, error: failures.append(error)
    ) as client:
        await client.set("text", "value")
        with pytest.raises(RedisError) as refused:
            await client.incr("text")
    assert failures == [None, refused.value]


async def test_a_slot_that_has_moved_is_followed(tmp_path: Path) -> None:
    async with LocalCluster.running(tmp_path) as cluster, connect(cluster.url, timeout=5, connections=4) as client:
        await client.set("key", "value")
        source = await cluster.master_of(b"key")
        target = next(node for node in await cluster.masters() if node is not source)
        await cluster.move_slot(key_slot(b"key"), target)
        assert await client.get("key") == b"value"
        assert await cluster.master_of(b"key") is target


async def test_a_server_that_hangs_is_given_up_in_time(tmp_path: Path) -> None:
    """Nobody takes its place: it has no replica."""
    async with (
        LocalCluster.running(tmp_path, replicas=0, node_timeout=30) as cluster,
        connect(cluster.url, timeout=0.5, connections=4) as client,
    ):
        await client.set("key", "value")
        master = await cluster.master_of(b"key")
        master.pause()
        try:
            async with asyncio.timeout(5):
                with pytest.raises(RedisError):
                    await client.get("key")
        finally:
            master.resume()
        assert await client.get("key") == b"value"
