"""A client of a Redis Cluster: every command goes to the server that has its key now, also while keys and masters move.

The library has such a client too; docs/adr/0006-a-cluster-client-of-our-own.md says what it does that we cannot accept.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from redis.asyncio import ConnectionPool, Redis
from redis.cluster import RedisCluster
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    BusyLoadingError,
    ClusterDownError,
    ClusterError,
    MovedError,
    ReadOnlyError,
    RedisError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from hub.storage.server import ONLY_READS, CommandEnded, NotSentError, ServerClient, only_reads, watched

Address = tuple[str, int]
"""Host and port of a server."""

_PASSING = (NotSentError, BusyLoadingError, TryAgainError, ClusterDownError, ReadOnlyError)
"""The command was not executed, and that may change soon."""

_PAUSE = (0.02, 0.1)
_LEARNS_AT_MOST_EVERY = 0.2

_KEY_AT = {"EVAL": 3, "EVALSHA": 3, "XREAD": 4}
"""Where the first key stands when it is not behind the name; `XREAD` is written with COUNT."""


class ClusterClient(Redis):
    """Commands that name a key, on all masters of a cluster; for others ask each of `masters`.

    For up to `patience` seconds a command follows its key and waits for the cluster to agree on who has it. It is sent
    again only when it surely was not executed, or when it only reads. Several keys of one command share a hash tag.
    """

    def __init__(
        self,
        start: Sequence[Address],
        *,
        client_of: Callable[[Address], ServerClient],
        patience: float,
        on_command: CommandEnded | None = None,
    ) -> None:
        super().__init__(connection_pool=_NoPool())
        self._start, self._client_of, self._patience, self._on_command = start, client_of, patience, on_command
        self._owners: dict[int, Address] = {}
        # Kept for good, also when a server leaves the cluster: it may have answers on their way to us.
        self._servers: dict[Address, ServerClient] = {}
        self._is_stale, self._learned_at, self._learning = True, float("-inf"), asyncio.Lock()

    async def execute_command(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the library has it
        """The one place that all commands go through."""
        with watched(self._on_command):
            return await self._route(arguments, options)

    async def masters(self) -> list[ServerClient]:
        """A client for each server that has keys. Raises ClusterError when none can be found."""
        await self._refresh()
        if not self._owners:
            raise ClusterError("no server of the cluster can be found")
        return [self._server(address) for address in dict.fromkeys(self._owners.values())]

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001 - as the library has it
        """Close the connections to all servers."""
        for server in self._servers.values():
            await server.aclose(close_connection_pool)

    async def _route(self, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:  # noqa: ANN401 - see above
        slot, loop = key_slot(self._key_of(arguments)), asyncio.get_running_loop()
        until = loop.time() + self._patience
        address, asking, is_redirected = self._start[0], False, False
        failure: RedisError
        while True:
            try:
                if not is_redirected:
                    address, asking = await self._owner(slot), False
                return await self._server(address).exchange(arguments, options, asking=asking)
            except AskError as error:
                failure, pauses, is_redirected = error, is_redirected, True
                address, asking = self._redirected(error, address)
            except (*_PASSING, RedisConnectionError, RedisTimeoutError) as error:
                self._is_stale = True
                if not (isinstance(error, _PASSING) or only_reads(arguments, options)):
                    raise
                failure, pauses, is_redirected = error, True, False
            if loop.time() > until:
                raise failure
            if pauses:
                await asyncio.sleep(random.uniform(*_PAUSE))  # noqa: S311 - spreading retries

    def _key_of(self, arguments: Sequence[Any]) -> bytes:
        name, at = arguments[0], _KEY_AT.get(arguments[0], 1)
        if name in RedisCluster.COMMAND_FLAGS or len(arguments) <= at:
            _refuse(name)
        key = arguments[at]
        return key.encode() if isinstance(key, str) else bytes(key)

    def _redirected(self, error: AskError, by: Address) -> tuple[Address, bool]:
        """Whom to ask next, and whether for a key that is on its way there. A server may leave out its own host."""
        address = (error.host or by[0], error.port)
        if isinstance(error, MovedError):
            self._owners[error.slot_id] = address
            self._is_stale = True  # where one slot has gone, others may have gone too
            return address, False
        return address, True

    async def _owner(self, slot: int) -> Address:
        """Who has a slot, as far as we know. Raises NotSentError when nobody knows."""
        if slot not in self._owners or not self._learning.locked():
            await self._refresh()
        if slot not in self._owners:
            raise NotSentError(ClusterError("no server of the cluster says who has the key"))
        return self._owners[slot]

    async def _refresh(self) -> None:
        """Learn again who has what, when what we know has proved wrong."""
        if self._is_stale:
            async with self._learning:
                await self._learn()

    async def _learn(self) -> None:
        """Ask one server after the other until one answers; not again before some time has passed."""
        now = asyncio.get_running_loop().time()
        if not self._is_stale or now < self._learned_at + _LEARNS_AT_MOST_EVERY:
            return
        self._learned_at = now
        known = list(dict.fromkeys((*self._owners.values(), *self._start)))
        for address in random.sample(known, len(known)):
            try:
                async with asyncio.timeout(min(1.0, self._patience / 4)):
                    layout = await self._server(address).exchange(("CLUSTER", "SLOTS"), {ONLY_READS: True})
            except (RedisError, OSError):
                continue
            self._owners = {
                slot: (host.decode() if host else address[0], port)
                for first, last, (host, port, *_), *_ in layout
                for slot in range(first, last + 1)
            }
            self._is_stale = False
            return

    def _server(self, address: Address) -> ServerClient:
        if address not in self._servers:
            self._servers[address] = self._client_of(address)
        return self._servers[address]


class _NoPool(ConnectionPool):
    """A cluster has no connection of its own: what the library would send past `execute_command` is refused."""

    async def get_connection(self, command_name: object = None, *_keys: object, **_options: object) -> NoReturn:
        _refuse(str(command_name or "this"))


def _refuse(name: str) -> NoReturn:
    raise RedisError(f"{name} names no key: ask each master of the cluster")
