"""What all tests share: a real Redis for those that ask, and no sockets for unit tests."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import NoReturn

import pytest
from redis import Redis

from hub.storage.embedded import EmbeddedServer, ServerError

_UNIT = Path(__file__).parent / "unit"


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real server that lives as long as the test run."""
    url: Future[str] = Future()
    over = threading.Event()
    folder = tmp_path_factory.mktemp("redis")
    # In a thread of its own: this may be asked for while a test's event loop runs.
    thread = threading.Thread(target=lambda: asyncio.run(_serve(folder, url, over)))
    thread.start()
    try:
        yield url.result(timeout=60)
    except ServerError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    finally:
        over.set()
        thread.join()


async def _serve(folder: Path, url: Future[str], over: threading.Event) -> None:
    try:
        async with EmbeddedServer.running(folder, fsync="everysec") as server:
            url.set_result(server.url)
            await asyncio.to_thread(over.wait)
    except ServerError as error:
        url.set_exception(error)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of a real, empty server."""
    with Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture(autouse=True)
def no_sockets_in_unit_tests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit test that reaches for the network fails."""
    if not request.path.is_relative_to(_UNIT):
        return
    for name in ("connect", "connect_ex", "bind"):
        monkeypatch.setattr(socket.socket, name, _refuse)
    monkeypatch.setattr(socket, "getaddrinfo", _refuse)


def _refuse(*_arguments: object, **_options: object) -> NoReturn:
    raise AssertionError("a unit test may not use the network")
