"""The embedded Redis: a real server that keeps what it acknowledged, alone on its folder."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from redis.asyncio import Redis

from hub.storage import embedded
from hub.storage.embedded import EmbeddedServer, ServerError, find_server


async def _write(url: str, name: str) -> None:
    async with Redis.from_url(url) as client:
        await client.set(name, "kept")


async def _read(url: str, name: str) -> object:
    async with Redis.from_url(url) as client:
        return await client.get(name)


async def test_what_was_acknowledged_is_there_after_a_clean_stop(tmp_path: Path) -> None:
    async with EmbeddedServer.running(tmp_path) as server:
        await _write(server.url, "a")
    async with EmbeddedServer.running(tmp_path) as server:
        assert await _read(server.url, "a") == b"kept"


async def test_what_was_acknowledged_is_there_after_the_server_was_killed(tmp_path: Path) -> None:
    async with EmbeddedServer.running(tmp_path) as server:
        await _write(server.url, "a")
        os.kill(server.pid, signal.SIGKILL)
        assert await server.ended() == -signal.SIGKILL
        await server.start(patience=20)
        assert await _read(server.url, "a") == b"kept"


async def test_it_says_that_it_keeps_everything(tmp_path: Path) -> None:
    async with EmbeddedServer.running(tmp_path) as server, Redis.from_url(server.url) as client:
        settings = await client.config_get("appendonly", "appendfsync", "maxmemory-policy")
    assert settings == {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}


async def test_two_hubs_never_share_a_folder(tmp_path: Path) -> None:
    async with EmbeddedServer.running(tmp_path):
        with pytest.raises(ServerError, match="another hub uses"):
            async with EmbeddedServer.running(tmp_path):
                pass


async def test_a_server_left_by_a_crash_is_stopped_and_its_data_kept(tmp_path: Path) -> None:
    left = EmbeddedServer(tmp_path, fsync="always")
    await left.start(patience=20)
    await _write(left.url, "a")
    async with EmbeddedServer.running(tmp_path) as server:
        assert await left.ended() == 0
        assert server.pid != left.pid
        assert await _read(server.url, "a") == b"kept"


async def test_a_left_server_that_does_not_stop_is_not_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_STOP_PATIENCE", 0.2)
    left = EmbeddedServer(tmp_path, fsync="always")
    await left.start(patience=20)
    os.kill(left.pid, signal.SIGSTOP)
    try:
        with pytest.raises(ServerError, match="does not stop"):
            async with EmbeddedServer.running(tmp_path):
                pass
    finally:
        os.kill(left.pid, signal.SIGCONT)
        await left.stop()


async def test_a_socket_left_by_a_crash_is_no_obstacle(tmp_path: Path) -> None:
    async with EmbeddedServer.running(tmp_path) as server:
        os.kill(server.pid, signal.SIGKILL)
        await server.ended()
        assert (tmp_path / "redis.sock").exists()
    async with EmbeddedServer.running(tmp_path) as server:
        await _write(server.url, "a")


async def test_a_folder_with_a_very_long_name_or_spaces_works(tmp_path: Path) -> None:
    folder = tmp_path / "a folder with spaces" / ("x" * 120)
    async with EmbeddedServer.running(folder) as server:
        await _write(server.url, "a")
        assert await _read(server.url, "a") == b"kept"


async def test_a_server_that_cannot_start_says_where_to_look(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").write_text("not a folder")
    with pytest.raises(ServerError, match=r"ended with status \d+; see .*redis.log"):
        async with EmbeddedServer.running(tmp_path):
            pass


async def test_a_cancelled_start_leaves_no_process(tmp_path: Path) -> None:
    """A library that loses a cancellation does so at few moments only: many are tried."""
    for number in range(30):
        folder = tmp_path / str(number)
        server = EmbeddedServer(folder, fsync="always")

        async def start_and_wait(folder: Path = folder) -> None:
            async with EmbeddedServer.running(folder) as running:
                await running.ended()

        task = asyncio.create_task(start_and_wait())
        async with asyncio.timeout(20):
            while not await server._accepts():
                await asyncio.sleep(0)
            for _ in range(number):  # a little further on its way each time
                await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=5)
        assert task.cancelled()
        assert not await server._accepts()


def test_without_any_server_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ServerError, match="install the package redis-server or valkey-server"):
        find_server()


def test_the_server_of_the_system_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "redis-server"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_server() == own
