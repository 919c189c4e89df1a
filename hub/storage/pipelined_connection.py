"""A connection to a Redis server on which nobody waits for the answer of somebody else before he sends.

The library makes it (address, TLS, password, protocol); from then on its bytes are ours. What that is for is said in
docs/adr/0011-commands-that-share-a-connection.md.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import hiredis
from redis.asyncio.connection import Connection, DefaultParser
from redis.connection import HiredisRespSerializer
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse
from redis.exceptions import TimeoutError as RedisTimeoutError

Command = Sequence[Any]
"""Its name and what is behind it: bytes, text or numbers."""

_IDLE_SECONDS = 30
"""A connection that was silent for longer may have been forgotten on its way: it is not used again."""
_INCOMPLETE = object()
_PACKING = HiredisRespSerializer()


@dataclass(slots=True)
class _Exchange:
    """Commands that were sent together, and the answers to them so far."""

    answered: asyncio.Future[list[Any]]
    commands: int
    deadline: float
    answers: list[Any] = field(default_factory=list)


class PipelinedConnection(asyncio.Protocol):
    """Commands are sent at once, and answered in the order in which they were sent.

    Who gives up waiting, or has waited for `patience` seconds, leaves an answer to nobody. A server that was late once
    gets no more commands here; those that it has got may still be answered in their time.
    """

    def __init__(self, writer: asyncio.StreamWriter, patience: float) -> None:
        self._patience, self._loop = patience, asyncio.get_running_loop()
        self._writer = writer  # which would close its transport if nobody had it any more
        self._transport = writer.transport
        self._transport.set_protocol(self)
        self._reader = hiredis.Reader(
            protocolError=InvalidResponse, replyError=DefaultParser.parse_error, notEnoughData=_INCOMPLETE
        )
        self._exchanges = deque[_Exchange]()
        self._unsent: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self._used_at, self._was_late = self._loop.time(), False

    @classmethod
    async def take_over(cls, connection: Connection, patience: float) -> "PipelinedConnection":
        """Open a connection of the library and make it ours. Raises what the library raises."""
        try:
            await connection.connect()  # type: ignore[no-untyped-call]  # the library has no types here
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        writer, connection._reader, connection._writer = connection._writer, None, None  # noqa: SLF001 - or it closes them
        if writer is None:
            raise RedisConnectionError("the connection was lost")
        return cls(writer, patience)

    @property
    def is_usable(self) -> bool:
        """Whether it is open, as far as one can see, and its server has not been late."""
        if self._was_late or self._transport.is_closing():
            return False
        return bool(self._exchanges) or self._loop.time() < self._used_at + _IDLE_SECONDS

    @property
    def waiting(self) -> int:
        """How many are waiting for answers."""
        return len(self._exchanges)

    def exchange(self, commands: Sequence[Command]) -> Awaitable[list[Any]]:
        """Send commands together; their answers, among them the errors that the server answers with.

        Raises RedisTimeoutError, and RedisConnectionError when the connection is lost: nobody knows then what became of
        the commands.
        """
        data = b"".join(part for command in commands for part in _PACKING.pack(*command))
        self._used_at = self._loop.time()
        exchange = _Exchange(self._loop.create_future(), len(commands), self._used_at + self._patience)
        self._exchanges.append(exchange)
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(data)
        if self._timer is None:
            self._timer = self._loop.call_at(exchange.deadline, self._end_late)
        return exchange.answered

    def _send(self) -> None:
        """Send what came together in one turn of the loop: each write is a call of the system, and wakes the server."""
        self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    def close(self) -> None:
        """Close it, whoever is waiting."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Give answers to those who wait for them."""
        try:
            self._reader.feed(data)
            while (answer := self._reader.gets()) is not _INCOMPLETE:
                if not isinstance(answer, hiredis.PushNotification):
                    self._take(answer)
        except (InvalidResponse, IndexError) as error:
            self._end("the server does not speak the protocol", error)
            self._transport.abort()

    def connection_lost(self, reason: Exception | None) -> None:
        """Tell those who are waiting."""
        self._end("the connection was lost", reason)

    def _take(self, answer: object) -> None:
        exchange = self._exchanges[0]
        exchange.answers.append(answer)
        if len(exchange.answers) == exchange.commands:
            self._exchanges.popleft()
            if not exchange.answered.done():
                exchange.answered.set_result(exchange.answers)
            if self._was_late and not self._exchanges:
                self._transport.abort()

    def _end_late(self) -> None:
        """Let those go who have waited too long: they came first. One timer is enough, for all are equally patient."""
        self._timer, now = None, self._loop.time()
        in_time = [exchange for exchange in self._exchanges if now < exchange.deadline]
        for exchange in list(self._exchanges)[: len(self._exchanges) - len(in_time)]:
            self._was_late = True
            if not exchange.answered.done():
                exchange.answered.set_exception(RedisTimeoutError("no answer in time"))
        if in_time:
            self._timer = self._loop.call_at(in_time[0].deadline, self._end_late)
        elif self._was_late:
            self._transport.abort()

    def _end(self, why: str, reason: Exception | None = None) -> None:
        if self._timer:
            self._timer.cancel()
        for exchange in self._exchanges:
            if not exchange.answered.done():
                error = RedisConnectionError(why)
                error.__cause__ = reason
                exchange.answered.set_exception(error)
        self._exchanges.clear()


class PipelinedConnections:
    """Up to `most` connections to one server, of which each command takes the one with the fewest waiting.

    A connection that is not usable any more is given up; answers that are on their way through it still arrive.
    """

    def __init__(self, open_one: Callable[[], Awaitable[PipelinedConnection]], *, most: int) -> None:
        self._open, self._most = open_one, most
        self._connections: list[PipelinedConnection] = []
        self._opening = asyncio.Lock()

    def ready(self) -> PipelinedConnection | None:
        """The connection to use now; None when one has to be opened first."""
        best = min(self._connections, key=lambda connection: connection.waiting, default=None)
        is_missing = best is None or not best.is_usable or (best.waiting and len(self._connections) < self._most)
        return None if is_missing else best

    async def opened(self) -> PipelinedConnection:
        """The connection to use, opened when it has to be. Raises what opening raises."""
        async with self._opening:
            while (connection := self.ready()) is None:
                self._give_up_unusable()
                self._connections.append(await self._open())
            return connection

    def close(self) -> None:
        """Close all."""
        for connection in self._connections:
            connection.close()

    def _give_up_unusable(self) -> None:
        for connection in self._connections:
            if not connection.is_usable and not connection.waiting:
                connection.close()
        self._connections = [connection for connection in self._connections if connection.is_usable]
