"""Going through everything that is stored, while it is used and changed: for what is not done at once.

Redis promises of a scan that whatever is there from its beginning to its end is found at least once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import NamedTuple, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub.domain.errors import HubError
from hub.storage.connection import masters, stored, translated

_BATCH = 1000
_AT_ONCE = 32


class Batch(NamedTuple):
    """Some keys, and the server that had them a moment ago."""

    server: Redis
    keys: list[str]


async def batches(client: Redis, pattern: str) -> AsyncIterator[Batch]:
    """All keys like a pattern, on all servers. Raises HubError (index-unavailable)."""
    with translated():
        servers = await masters(client)
    for server in servers:
        cursor = None
        while cursor != 0:
            with translated():
                cursor, found = await server.scan(cursor or 0, match=pattern, count=_BATCH)
            if found:
                yield Batch(server, [key.decode() for key in cast("list[bytes]", found)])


async def fields(client: Redis, key: str, pattern: str = "*") -> AsyncIterator[dict[bytes, bytes]]:
    """All fields like a pattern of a hash, with their values. Raises HubError (index-unavailable)."""
    cursor = None
    while cursor != 0:
        with translated():
            cursor, found = await client.hscan(key, cursor or 0, match=pattern, count=_BATCH)
        if found:
            yield cast("dict[bytes, bytes]", found)


async def beginnings(client: Redis, batch: Batch) -> dict[str, bytes]:
    """The byte that references begin with, for each of some keys; empty where there are none any more.

    Raises HubError (index-unavailable).
    """
    with translated():
        async with batch.server.pipeline(transaction=False) as pipeline:
            for key in batch.keys:
                pipeline.getrange(key, 0, 0)
            read = await pipeline.execute(raise_on_error=False)
        found = dict(zip(batch.keys, read, strict=True))
        for key, value in found.items():
            if isinstance(value, RedisError):  # a long record, or one that another server has now
                is_long = await client.type(key) == b"hash"
                first = await client.hget(key, "d") if is_long else await client.getrange(key, 0, 0)
                found[key] = (stored(first) or b"")[:1]
    return found


async def each(keys: Iterable[str], act: Callable[[str], Awaitable[None]]) -> None:
    """Act on every key, on some at once. Raises what an action raises, once the others have ended."""
    waiting = iter(keys)

    async def work() -> None:
        for key in waiting:
            await act(key)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(work())
    except ExceptionGroup as errors:  # `except*` would wrap what is raised, before Python 3.11.4
        if not (found := errors.subgroup(HubError)):
            raise
        raise found.exceptions[0] from None
