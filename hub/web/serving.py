"""Serving an application, and stopping without losing a request.

Stopping takes these steps: no new connection is begun, those the system has accepted already are served, every answer
says `Connection: close`, connections that stay silent are closed after a moment, requests in flight are finished.
"""

import asyncio
import ctypes
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_BACKLOG = 1024
_IDLE = 75.0
"""Seconds a connection may wait for a request, or for the head of one to be complete."""
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
        self._requests = 0
        self._is_draining = False

    @classmethod
    @asynccontextmanager
    async def serving(cls, application: web.Application, place: socket.socket) -> AsyncIterator["Server"]:
        """Serve on a bound socket. Leaving the context cuts what is still open: `drain` first."""
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
            await web.SockSite(runner, place, backlog=_BACKLOG).start()
            yield server
        finally:
            await runner.cleanup()

    async def drain(self, grace: float) -> int:
        """Stop as described above, within `grace` seconds; how many requests were not done by then."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        self._is_draining = True
        _drop_new_connections(self._place)
        await asyncio.sleep(_ACCEPTING)
        for site in self._runner.sites:
            await site.stop()
        while (elapsed := loop.time() - started) < grace:
            if not self._is_busy() and (elapsed > _SILENCE or not self._connections()):
                break
            await asyncio.sleep(_POLL)
        return self._requests

    def _is_busy(self) -> bool:
        """Whether a request is being handled or an answer has not left."""
        return self._requests > 0 or any(
            transport.get_write_buffer_size() for transport in self._connections() if not transport.is_closing()
        )

    def _connections(self) -> list[asyncio.Transport]:
        server = self._runner.server
        found = (connection.transport for connection in (server.connections if server else []))
        return [transport for transport in found if isinstance(transport, asyncio.Transport)]

    def _middleware(self) -> Middleware:
        @web.middleware
        async def counting(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._requests += 1
            try:
                response = await handler(request)
                # Sent here and not after us, so that it counts as in flight until it has left.
                await response.prepare(request)
                await response.write_eof()
                return response
            finally:
                self._requests -= 1

        return counting

    async def _close_after_answer(self, _request: web.Request, response: web.StreamResponse) -> None:
        if self._is_draining:
            response.headers["Connection"] = "close"
            response.force_close()


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
