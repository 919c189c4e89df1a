"""The Redis of a running hub: the configured one, or the embedded one, which is started again should it end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub.config import Settings
from hub.observability.events import REDIS_ENDED, REDIS_STARTED, REDIS_STOPPED, Logger, emit
from hub.storage.connection import connect
from hub.storage.embedded import EmbeddedServer, ServerError
from hub.supervisor.stopping import Backoff, Stopping
from hub.web.health import Dependency

_PATIENCE = 120.0
"""Seconds for the server to load its data: the full index takes some ten."""


class Store:
    """A Redis that answers."""

    def __init__(self, url: str, client: Redis, *, server: EmbeddedServer | None, must_persist: bool) -> None:
        self.url = url
        self._client, self._server, self._must_persist = client, server, must_persist

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, logger: Logger) -> AsyncIterator["Store"]:
        """The configured server, or an embedded one that is stopped at the end. Raises ServerError."""
        if settings.redis.url:
            async with cls._at(settings.redis.full_url(), settings, server=None) as store:
                yield store
            return
        loop = asyncio.get_running_loop()
        started = loop.time()
        async with EmbeddedServer.running(
            settings.redis_folder, fsync=settings.redis.fsync, patience=_PATIENCE
        ) as server:
            seconds = round(loop.time() - started, 2)
            emit(logger, REDIS_STARTED, server=str(server.binary), folder=str(server.folder), seconds=seconds)
            async with cls._at(server.url, settings, server=server) as store:
                yield store
        emit(logger, REDIS_STOPPED)

    @classmethod
    @asynccontextmanager
    async def _at(cls, url: str, settings: Settings, *, server: EmbeddedServer | None) -> AsyncIterator["Store"]:
        client = connect(url, timeout=settings.redis.timeout, connections=2)
        try:
            yield cls(url, client, server=server, must_persist=settings.strict)
        finally:
            await client.aclose()

    async def state(self) -> Dependency:
        """Whether it answers, has loaded its data and keeps what it is told."""
        try:
            facts = await self._client.info("persistence")
        except (RedisError, OSError) as error:
            return _redis(is_well=False, detail=f"does not answer ({type(error).__name__})")
        if facts.get("loading"):
            return _redis(is_well=False, detail="is loading its data")
        if not facts.get("aof_enabled"):
            return _redis(is_well=not self._must_persist, detail="does not keep what it is told (appendonly no)")
        if facts.get("aof_last_write_status") != "ok":
            return _redis(is_well=False, detail="cannot write its append-only file")
        return _redis(is_well=True, detail="answers and keeps what it is told")

    async def require_persistence(self) -> None:
        """Raises ServerError when strict mode wants a server that keeps what it is told, and this one does not."""
        state = await self.state()
        if not state.is_well:
            raise ServerError(f"Redis {state.detail}")

    async def keep(self, stopping: Stopping, logger: Logger) -> None:
        """Start the embedded server again whenever it ends by itself, until the hub stops."""
        if self._server is None:
            return
        loop, backoff = asyncio.get_running_loop(), Backoff()
        while True:
            started = loop.time()
            status = await stopping.interrupts(self._server.ended())
            if stopping.is_asked:
                return
            pause = backoff.pause(ran_for=loop.time() - started)
            emit(logger, REDIS_ENDED, status=status, retry_in=pause)
            await stopping.interrupts(asyncio.sleep(pause))
            if stopping.is_asked:
                return
            try:
                await self._server.start(patience=_PATIENCE)
            except ServerError:
                continue  # it has ended again: said at the top, and tried again later
            emit(logger, REDIS_STARTED, server=str(self._server.binary), folder=str(self._server.folder))


def _redis(*, is_well: bool, detail: str) -> Dependency:
    return Dependency(name="redis", is_well=is_well, detail=detail)
