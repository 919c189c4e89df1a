"""Serving an application, with or without TLS, and stopping without losing a request.

Stopping takes these steps: no new connection is begun, those the system has accepted already are served, every answer
says `Connection: close`, connections that stay silent are closed after a moment, requests in flight are finished.

New certificates are for new connections: whoever takes those is replaced, the ones that are open end with their answer.
"""

import asyncio
import ctypes
import fcntl
import socket
import ssl
import struct
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_BACKLOG = 1024
_IDLE = 75.0
"""Seconds a connection may wait for a request, or for the head of one to be complete."""
_HANDSHAKE = 10.0
"""Seconds that a caller may take to agree on TLS."""
_ACCEPTING = 0.05
"""Seconds for connections that were begun before to reach us."""
_SILENCE = 1.0
"""Seconds that a connection without a request stays open, so that a request under way is not met by a closed door."""
_POLL = 0.02
_CUT = 0.2

_DROP_NEW_CONNECTIONS = (
    (0x30, 0, 0, 13),  # load the flags of the TCP header
    (0x54, 0, 0, 0x12),  # keep SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone?
    (0x06, 0, 0, 0),  # yes: drop the packet
    (0x06, 0, 0, 0xFFFFFFFF),  # no: take it
)
_SO_ATTACH_FILTER = 26


class Server:
    """An application on a socket."""

    def __init__(self, runner: web.AppRunner, place: socket.socket) -> None:
        self._runner, self._place = runner, place
        self._listening: asyncio.Server | None = None
        self._in_flight: set[asyncio.Transport | None] = set()
        self._tls: ssl.SSLContext | None = None
        self._is_draining = False

    @classmethod
    @asynccontextmanager
    async def serving(
        cls, application: web.Application, place: socket.socket, *, tls: ssl.SSLContext | None = None
    ) -> AsyncIterator["Server"]:
        """Serve on a bound socket, which is closed at the end. Leaving the context cuts what is open: `drain` first."""
        # A handler is to learn at once that its caller has gone; that is not the library's default.
        runner = web.AppRunner(
            application,
            handler_cancellation=True,
            keepalive_timeout=_IDLE,
            shutdown_timeout=_CUT,
            access_log=None,
            # Compressed messages are refused; the library would unpack them first, or answer in its own words.
            auto_decompress=False,
        )
        server = cls(runner, place)
        application.middlewares.insert(0, server._middleware())
        application.on_response_prepare.append(server._close_after_answer)
        await runner.setup()
        try:
            await server.listen(tls)
            yield server
        finally:
            await server._stop_listening()
            await runner.cleanup()

    async def listen(self, tls: ssl.SSLContext | None) -> None:
        """Take connections with these certificates from now on, instead of those before; nothing once it drains.

        A context of their own, rather than new files in the old one, so that neither an authority that was dropped nor
        a session that began under it counts any more.
        """
        if self._is_draining or self._runner.server is None:
            return
        former, self._tls = self._listening, tls
        self._listening = await asyncio.get_running_loop().create_server(
            self._runner.server,
            sock=self._place.dup(),
            backlog=_BACKLOG,
            ssl=tls,
            ssl_handshake_timeout=_HANDSHAKE if tls else None,
        )
        if former is not None:
            await _close(former)

    async def drain(self, grace: float) -> int:
        """Stop as described above, within `grace` seconds; how many requests were not done by then."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        self._is_draining = True
        _drop_new_connections(self._place)
        await asyncio.sleep(_ACCEPTING)
        await self._stop_listening()
        was_busy = True
        while (elapsed := loop.time() - started) < grace:
            is_busy = bool(self._unfinished())
            # Callers who are still agreeing on TLS are not among the connections.
            may_be_silent = self._tls is not None or self._connections()
            # Twice in a row: what has just left may make place for more of the same answer.
            if not (is_busy or was_busy) and (elapsed > _SILENCE or not may_be_silent):
                break
            was_busy = is_busy
            await asyncio.sleep(_POLL)
        return len(self._unfinished())

    async def _stop_listening(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            await _close(listening)
        self._place.close()

    def _unfinished(self) -> set[asyncio.Transport | None]:
        """The connections of which a request is being handled or an answer has not left."""
        return self._in_flight | {transport for transport in self._connections() if _has_unsent(transport)}

    def _connections(self) -> list[asyncio.Transport]:
        server = self._runner.server
        found = (connection.transport for connection in (server.connections if server else []))
        # By what they are not, because those with TLS are not derived from the class that they look like.
        return [transport for transport in found if transport is not None]

    def _middleware(self) -> Middleware:
        @web.middleware
        async def counting(request: web.Request, handler: Handler) -> web.StreamResponse:
            transport = request.transport
            self._in_flight.add(transport)
            try:
                response = await handler(request)
                # Sent here and not after us, so that it counts as in flight until it has left.
                await response.prepare(request)
                await response.write_eof()
                return response
            finally:
                self._in_flight.discard(transport)

        return counting

    async def _close_after_answer(self, request: web.Request, response: web.StreamResponse) -> None:
        if self._is_draining or self._is_of_former_certificates(request):
            response.headers["Connection"] = "close"
            response.force_close()

    def _is_of_former_certificates(self, request: web.Request) -> bool:
        """Whether its caller was let in by certificates that have been replaced since."""
        return request.transport is not None and request.transport.get_extra_info("sslcontext") is not self._tls


def bound(host: str, port: int, *, is_shared: bool = True) -> socket.socket:
    """A socket on an address, which the processes of one hub share; port 0 takes a free one. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    place = socket.socket(family, kind, protocol)
    try:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        place.bind(address)
    except OSError:
        place.close()
        raise
    return place


async def _close(listening: asyncio.Server) -> None:
    """Take no more connections, but let those in that have been taken.

    A caller is taken in one turn of asyncio's own loop and let in in the next. If the server is closed in between, he
    is forgotten with his connection open. On uvloop, where both are one, there is nothing to wait for.
    """
    loop = asyncio.get_running_loop()
    for place in listening.sockets:
        loop.remove_reader(place)
    await asyncio.sleep(0)
    listening.close()


def _has_unsent(transport: asyncio.Transport) -> bool:
    """Whether the other side has not had everything yet.

    Asked of the system as well, because behind TLS there is another buffer, which does not show: while anything is in
    that one, the system's is full.
    """
    if transport.get_write_buffer_size():
        return True
    place, waiting = transport.get_extra_info("socket"), bytearray(4)
    if place is not None and (number := place.fileno()) >= 0:
        with suppress(OSError):
            fcntl.ioctl(number, termios.TIOCOUTQ, waiting)
    return any(waiting)


def _drop_new_connections(place: socket.socket) -> None:
    """Let the system ignore new connections (their callers try again a second later) and finish those begun.

    Closing the socket at once would reset connections that the system has accepted and we have not seen yet.
    Only Linux can do this; elsewhere that gap of some milliseconds stays.
    """
    program = b"".join(struct.pack("HBBI", *step) for step in _DROP_NEW_CONNECTIONS)
    steps = ctypes.create_string_buffer(program, len(program))
    description = struct.pack("HP", len(_DROP_NEW_CONNECTIONS), ctypes.addressof(steps))
    with suppress(OSError):
        place.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, description)
