"""The floor without a web framework: asyncio.Protocol and httptools on uvloop. `python -m bench.floor.bare_server …`.

It understands what a load generator sends, one request after the other on a connection, and nothing more of HTTP.
"""

import asyncio
import sys
from typing import cast

import httptools
import uvloop

from bench.floor.answering import READY, ListAnswering, arguments
from bench.processes import HOST


class _Connection(asyncio.Protocol):
    def __init__(self, answering: ListAnswering) -> None:
        self._answering = answering
        self._parser = httptools.HttpRequestParser(self)
        self._body = bytearray()
        self._answer: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        body, self._body = bytes(self._body), bytearray()
        self._answer = asyncio.get_running_loop().create_task(self._respond(body))

    async def _respond(self, body: bytes) -> None:
        answer = await self._answering.answer(body)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(answer)
        self._transport.write(head + answer)


async def _serve() -> None:
    options = arguments()
    answering = ListAnswering.load(options)
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: _Connection(answering), HOST, options.port, reuse_port=True)
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve())
