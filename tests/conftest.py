"""What all tests share: a real Redis for those that ask, and no sockets for unit tests."""

import asyncio
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings
from redis import Redis

from bench.redis_cluster import LocalCluster
from hub.storage.embedded import EmbeddedServer, ServerError
from tests.postgres import PostgresServer, find_programs

_UNIT = Path(__file__).parent / "unit"

# A busy machine is no fault of the hub: properties are held for as long as that takes.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real server that lives as long as the test run."""
    folder = tmp_path_factory.mktemp("redis")
    with _beside_the_tests(lambda: _server(folder)) as url:
        yield url


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a cluster, three masters with a replica each, that lives as long as the test run."""
    folder = tmp_path_factory.mktemp("cluster")
    with _beside_the_tests(lambda: _cluster(folder)) as url:
        yield url


@asynccontextmanager
async def _server(folder: Path) -> AsyncIterator[str]:
    async with EmbeddedServer.running(folder, fsync="everysec") as server:
        yield server.url


@asynccontextmanager
async def _cluster(folder: Path) -> AsyncIterator[str]:
    async with LocalCluster.running(folder) as cluster:
        yield cluster.url


@contextmanager
def _beside_the_tests(serve: Callable[[], AbstractAsyncContextManager[str]]) -> Iterator[str]:
    """The URL of what is served in a thread of its own: it may be asked for while a test's event loop runs."""
    url: Future[str] = Future()
    over = threading.Event()

    async def serving() -> None:
        try:
            async with serve() as place:
                url.set_result(place)
                await asyncio.to_thread(over.wait)
        except (ServerError, RuntimeError, OSError) as error:
            url.set_exception(error)

    thread = threading.Thread(target=lambda: asyncio.run(serving()))
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


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of a real, empty server."""
    with Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture
def cluster_url(redis_cluster: str) -> str:
    """The URL of a real, empty cluster."""
    for place in redis_cluster.removeprefix("redis+cluster://").split(","):
        with Redis.from_url(f"redis://{place}") as server:
            if server.role()[0] == b"master":
                server.flushall()
    return redis_cluster


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL that lives as long as the test run."""
    programs = find_programs()
    if programs is None:
        if os.environ.get("CI"):
            raise RuntimeError("no PostgreSQL was found: install the package postgresql")
        pytest.skip("no PostgreSQL was found: install the package postgresql")
    with PostgresServer.running(programs) as server:
        yield server


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> PostgresServer:
    """A real, empty PostgreSQL."""
    postgres_server.clear()
    return postgres_server


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
