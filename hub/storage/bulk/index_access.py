"""The way to an index, for this process and for worker processes, which are given it through a pipe."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from redis.asyncio import Redis

from hub.storage.connection import connect
from hub.storage.known_keys import require_known
from hub.storage.secrets import Pseudonyms

_CONNECTIONS = 64


class KeyReplacedError(Exception):
    """Patients are named by either of two pseudonym keys, of which one replaces the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexAccess:
    """Where the index is, and its keys. `timeout` is in seconds.

    Of a single server `wait_replicas` replicas have what stands before a checkpoint, of a cluster every change.
    """

    url: str = field(repr=False)
    timeout: float
    wait_replicas: int = 0
    pseudonyms: Pseudonyms = field(repr=False)
    secret: bytes = field(repr=False)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Redis]:
        """A client, closed at the end."""
        client = connect(self.url, timeout=self.timeout, connections=_CONNECTIONS, wait_replicas=self.wait_replicas)
        try:
            yield client
        finally:
            await client.aclose()

    @asynccontextmanager
    async def checked_client(self) -> AsyncIterator[Redis]:
        """The same, of an index that has one pseudonym key, which is this one.

        Raises KeyReplacedError, WrongKeyError, and HubError (index-unavailable).
        """
        if self.pseudonyms.previous or self.pseudonyms.following:
            raise KeyReplacedError
        async with self.client() as client:
            await require_known(client, self.pseudonyms)
            yield client
