"""Somebody with the configuration of a hub, a shell, and files of references."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from hub.storage.connection import connect, masters, stored
from hub.storage.index_secrets import IndexSecrets
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.secrets import Pseudonyms
from tests.e2e import commands
from tests.e2e.commands import Ended

SECRET = bytes(range(32))
SOURCES = ("north", "chu", *(f"source-{number}" for number in range(5)))
SOURCE = """
[sources.{name}]
kind = "hospital_rest"
custodian = "{custodian}"
url = "https://documents.example/{{id}}"
"""


class Operator:
    """Works in a folder, with the index of one hub."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        self.folder, self.url = folder, redis_url
        (folder / "index.key").write_text(SECRET.hex())
        written = (SOURCE.format(name=name, custodian=_custodian(at)) for at, name in enumerate(SOURCES))
        self.configuration = commands.configured(folder, redis_url=redis_url, more=f'key_id = "0"\n{"".join(written)}')

    def running(
        self, command: str, *arguments: str | Path, given: bytes | None = None
    ) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
        """A command on the configuration: see `commands.running`."""
        return commands.running(self.configuration, command, *arguments, given=given)

    async def run(self, command: str, *arguments: str | Path, given: bytes | None = None) -> Ended:
        """Run a command to its end."""
        return await commands.run(self.configuration, command, *arguments, given=given)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Redis]:
        """A client of the store."""
        client = connect(self.url, timeout=5, connections=32)
        try:
            yield client
        finally:
            await client.aclose()

    @asynccontextmanager
    async def index(self) -> AsyncIterator[RedisReferenceIndex]:
        """The index as the hub has it."""
        async with self.client() as client:
            yield RedisReferenceIndex(client, secrets=IndexSecrets.of(SECRET, Pseudonyms(SECRET, key_id="0")))

    async def emptied(self) -> None:
        """Empty the store."""
        async with self.client() as client:
            for server in await masters(client):
                await server.flushall()

    async def everything_kept(self) -> dict[bytes, bytes]:
        """What is stored, by key; as dumps, which are the same for what was not touched."""
        async with self.client() as client:
            return {key: stored(await client.dump(key)) or b"" async for key in client.scan_iter()}


def _custodian(number: int) -> str:
    """A number of an institution."""
    body = 710000 + number
    return f"{body}{97 - body % 97:02d}"
