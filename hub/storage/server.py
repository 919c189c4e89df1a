"""A client of one Redis server: every command is sent once, watched, and confirmed by replicas when that is wanted."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.connection import Connection
from redis.commands.cluster import READ_COMMANDS
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

CommandEnded = Callable[[float, Exception | None], None]
"""Told of each command how many seconds it took, and why it failed if it did."""

ONLY_READS = "only_reads"
"""Option of a command that changes nothing though its name does not say so: a script."""


class NotSentError(RedisConnectionError):
    """No connection could be had, for this reason: the server knows nothing of the command, it may be sent again."""

    def __init__(self, reason: RedisError | OSError) -> None:
        super().__init__(type(reason).__name__)
        self.reason = reason


class NotReplicatedError(RedisError):
    """The command was executed, but too few replicas have said in time that they have it."""


class ServerClient(Redis):
    """A client of one server, with connections of its own.

    What was sent is never repeated: after a lost answer only the caller can find out what became of it. When all
    `connections` are in use a command waits for one, up to `patience` seconds, and as long for its answer. A change is
    answered when `wait_replicas` replicas have it; it fails (NotReplicatedError) when they do not say so in time.

    Pipelines are the library's: on connections of their own, neither watched nor confirmed.
    """

    def __init__(
        self,
        url: str,
        *,
        patience: float,
        connections: int,
        wait_replicas: int = 0,
        on_command: CommandEnded | None = None,
    ) -> None:
        # Without a socket timeout: the library's costs a task for each command and, before Python 3.12, may lose a
        # cancellation. `exchange` keeps the time.
        super().__init__(connection_pool=_pool(url, patience=patience, connections=connections, socket_timeout=None))
        self._pipelines = _pool(url, patience=patience, connections=connections, socket_timeout=patience)
        self._patience, self._wait_replicas, self._on_command = patience, wait_replicas, on_command
        self._wait = ("WAIT", wait_replicas, int(patience * 800))  # it answers before the connection is given up
        self._free = asyncio.Semaphore(connections)

    async def execute_command(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the library has it
        """The one place that all commands go through. Raises NotReplicatedError and what the library raises."""
        with watched(self._on_command):
            return await self.exchange(arguments, options)

    async def exchange(self, arguments: Sequence[Any], options: Mapping[str, Any], *, asking: bool = False) -> Any:  # noqa: ANN401 - as the library has it
        """Send a command, unwatched; `asking` one server of a cluster for a key that is on its way there.

        What belongs to a command travels with it on one connection: the permission before it, the confirmation behind.
        Raises NotSentError besides what `execute_command` raises.
        """
        waits = self._wait_replicas > 0 and not only_reads(arguments, options)
        commands = [*([("ASKING",)] if asking else []), arguments, *([self._wait] if waits else [])]
        await self._turn()
        try:
            answers = await self._answers(commands, options)
        finally:
            self._free.release()
        answer = answers[int(asking)]
        if isinstance(answer, ResponseError):
            raise answer
        if waits and answers[-1] < self._wait_replicas:
            raise NotReplicatedError(f"{answers[-1]} of {self._wait_replicas} replicas")
        return answer

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:  # noqa: FBT001, FBT002 - as the library has it
        """Commands that travel together."""
        return Pipeline(self._pipelines, self.response_callbacks, transaction, shard_hint)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: ARG002, FBT001 - as the library has it
        """Close all connections."""
        await self.connection_pool.aclose()
        await self._pipelines.aclose()

    async def _turn(self) -> None:
        """Wait until one more connection may be used."""
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError as error:
            raise NotSentError(RedisTimeoutError("all connections are in use")) from error

    async def _answers(self, commands: Sequence[Sequence[Any]], options: Mapping[str, Any]) -> list[Any]:
        connection: Connection | None = None
        try:
            async with asyncio.timeout(self._patience):
                connection = await self._connected()
                await connection.send_packed_command(connection.pack_commands(commands))
                return [await self._answer(connection, command[0], options) for command in commands]
        except TimeoutError as error:
            late = RedisTimeoutError("no answer in time")
            raise (late if connection else NotSentError(late)) from error
        finally:
            if connection:
                await self.connection_pool.release(connection)

    async def _connected(self) -> Connection:
        """A connection that is open, as far as one can see."""
        try:
            connection: Connection = await self.connection_pool.get_connection()  # type: ignore[no-untyped-call]  # not typed there
        except (RedisError, OSError) as error:
            raise NotSentError(error) from error
        return connection

    async def _answer(self, connection: Connection, command: str, options: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as the library has it
        """An answer, or the error that the server answers with: the answers behind it have to be read as well."""
        try:
            return await self.parse_response(connection, command, **options)
        except ResponseError as error:
            return error


def _pool(url: str, *, patience: float, connections: int, socket_timeout: float | None) -> ConnectionPool:
    return ConnectionPool.from_url(
        url,
        socket_timeout=socket_timeout,
        socket_connect_timeout=patience,
        max_connections=connections,
        health_check_interval=30,
    )


def only_reads(arguments: Sequence[Any], options: Mapping[str, Any]) -> bool:
    """Whether a command changes nothing: it may be sent again, and no replica has to confirm it."""
    return arguments[0] in READ_COMMANDS or ONLY_READS in options


@contextmanager
def watched(on_command: CommandEnded | None) -> Iterator[None]:
    """Tell of the command inside when it has ended, but not when its caller has gone meanwhile.

    To callers it is all one whether a command was sent: they get the reason why it was not.
    """
    started = time.monotonic()

    def tell(failure: Exception | None) -> None:
        if on_command:
            on_command(time.monotonic() - started, failure)

    try:
        yield
    except NotSentError as error:
        tell(error.reason)
        raise error.reason from error
    except NoScriptError:  # no failure: the script is sent as a whole now
        tell(None)
        raise
    except (RedisError, OSError) as error:
        tell(error)
        raise
    else:
        tell(None)
