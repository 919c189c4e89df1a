"""What the commands that go through a whole index have in common: its store, and how they fail.

They may be ended at any moment and run again: what is left to do is seen in the index.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

import uvloop
from redis.asyncio import Redis

from hub.commands.index_store import open_store
from hub.commands.progress import fail
from hub.config import Settings
from hub.domain.errors import HubError
from hub.storage.backup_file import BackupError
from hub.storage.connection import connect, masters, translated
from hub.storage.embedded import ServerError
from hub.storage.known_keys import WrongKeyError

Result = TypeVar("Result")


def sweep(command: str, settings: Settings, work: Callable[[Redis], Awaitable[Result]]) -> Result:
    """What a piece of work on the store gives; ends the command with status 1 when it fails."""

    async def run() -> Result:
        async with _opened(settings) as client:
            return await work(client)

    try:
        return uvloop.run(run())
    except (BackupError, ServerError, WrongKeyError) as error:
        raise fail(f"{command}: {error}") from error
    except HubError as error:
        raise fail(f"{command}: {error}; run it again to go on") from error
    except KeyboardInterrupt as error:
        raise fail(f"{command}: interrupted; run it again to go on") from error


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Redis]:
    """A client whose changes are answered when a replica has them, where there are replicas."""
    async with open_store(settings) as url:
        open_client = partial(connect, url, timeout=settings.redis.timeout, connections=settings.redis.connections)
        probe = open_client()
        try:
            has_replicas = await _all_have_replicas(probe)
        finally:
            await probe.aclose()
        client = open_client(wait_replicas=int(has_replicas))
        try:
            yield client
        finally:
            await client.aclose()


async def _all_have_replicas(client: Redis) -> bool:
    with translated():
        facts = [await server.info("replication") for server in await masters(client)]
    return all(fact.get("connected_slaves") for fact in facts)
