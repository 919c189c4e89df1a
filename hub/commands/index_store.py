"""The store of the index for commands that work on it beside a hub or without one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub.config import Settings
from hub.storage.embedded import EmbeddedServer


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[str]:
    """The URL of the configured server, or of the embedded one: that of a hub that runs, else one for the time being.

    Raises ServerError.
    """
    if settings.redis.url:
        yield settings.redis.full_url()
        return
    of_a_hub = EmbeddedServer(settings.redis_folder, fsync=settings.redis.fsync)
    if await _answers(of_a_hub.url):
        yield of_a_hub.url
        return
    async with EmbeddedServer.running(settings.redis_folder, fsync=settings.redis.fsync) as server:
        yield server.url


async def _answers(url: str) -> bool:
    try:
        async with Redis.from_url(url) as client:
            return bool(await client.ping())
    except (RedisError, OSError):
        return False
