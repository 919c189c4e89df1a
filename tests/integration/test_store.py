"""The Redis that a hub runs on: how it is judged, and the example configuration for one of one's own."""

import asyncio
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path

import pytest
from redis.asyncio import Redis

from hub.config import HubSettings, IndexSettings, RedisSettings, SecretKey, Settings, VaultSettings
from hub.observability.logging import open_log
from hub.storage.embedded import EmbeddedServer, ServerError, find_server
from hub.supervisor.store import Store

KEY = SecretKey.sample("test")
EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "redis.conf"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedServer]:
    """A server of one's own."""
    async with EmbeddedServer.running(tmp_path / "own") as own:
        yield own


def settings(url: str, *, strict: bool = True) -> Settings:
    return Settings(
        strict=strict,
        hub=HubSettings(id="1990000728", name="Test"),
        redis=RedisSettings(url=url, timeout=1),
        index=IndexSettings(secret=KEY),
        vault=VaultSettings(key_id="1", keys={"1": KEY}),
    )


async def judged(url: str, *, strict: bool = True) -> str:
    async with Store.open(settings(url, strict=strict), open_log(StringIO())) as store:
        await store.require_persistence()
        return (await store.state()).detail


async def test_a_server_that_keeps_what_it_is_told_will_do(server: EmbeddedServer) -> None:
    assert await judged(server.url) == "answers and keeps what it is told"


async def test_strict_mode_refuses_one_that_does_not(server: EmbeddedServer) -> None:
    async with Redis.from_url(server.url) as client:
        await client.config_set("appendonly", "no")
    with pytest.raises(ServerError, match="does not keep what it is told"):
        await judged(server.url)
    assert await judged(server.url, strict=False) == "does not keep what it is told (appendonly no)"


async def test_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="does not answer"):
        await judged(f"unix://{tmp_path}/nobody.sock")


async def test_the_example_configuration_starts_a_server_that_will_do(tmp_path: Path) -> None:
    place = tmp_path / "redis.sock"
    process = await asyncio.create_subprocess_exec(
        *(
            find_server(),
            EXAMPLE,
            "--port",
            "0",
            "--unixsocket",
            place,
            "--dir",
            tmp_path,
            "--logfile",
            tmp_path / "log",
        )
    )
    try:
        async with asyncio.timeout(20):
            while not place.exists():
                await asyncio.sleep(0.02)
        assert await judged(f"unix://{place}") == "answers and keeps what it is told"
    finally:
        process.terminate()
        await process.wait()
