"""An open-loop client in its own process: requests leave at fixed intervals, whether or not earlier ones are answered.

wrk has no fixed rate, and what waits for an answer before it asks again hides a server that stalls. Here the time of a
request counts from the moment when it was to be sent, also when it had to wait for a free connection or for this
client, whose clock ticks in milliseconds: a request leaves half a millisecond late on average, and that counts too.

`python -m bench.paced_load --url URL --bodies FILE --header NAME=VALUE … --rate N --seconds N` prints JSON.
"""

import argparse
import asyncio
import itertools
import json
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import uvloop

_CONNECTIONS = 64
_SECONDS_TO_FINISH = 30.0


class PacedClient:
    """Sends prepared requests on connections that stay open, and notes how long each answer took, in seconds."""

    def __init__(self, requests: Sequence[bytes], *, rate: float, count: int) -> None:
        self.seconds: list[float] = []
        self._requests, self._interval, self._count = itertools.cycle(requests), 1 / rate, count
        # Whoever has waited longest is next: a connection is served by one process, and all of them should be asked.
        self._free: deque[_Connection] = deque()
        self._waiting: deque[float] = deque()
        self._done = asyncio.Event()

    async def run(self, host: str, port: int) -> None:
        """Raises TimeoutError when answers stay away, ConnectionError for an answer that is not 200."""
        loop = asyncio.get_running_loop()
        for _ in range(_CONNECTIONS):
            await loop.create_connection(lambda: _Connection(self), host, port)
        begin = time.perf_counter()
        for number in range(self._count):
            due = begin + number * self._interval
            if (delay := due - time.perf_counter()) > 0:
                await asyncio.sleep(delay)
            self._waiting.append(due)
            self._send()
        async with asyncio.timeout(_SECONDS_TO_FINISH):
            await self._done.wait()
        if len(self.seconds) < self._count:
            raise ConnectionError("a connection was lost, or an answer was not 200")

    def free(self, connection: "_Connection", due: float | None) -> None:
        """A connection can take a request; `due` is when the one it has answered was to be sent."""
        if due is not None:
            self.seconds.append(time.perf_counter() - due)
            if len(self.seconds) == self._count:
                self._done.set()
        self._free.append(connection)
        self._send()

    def failed(self) -> None:
        """There is no point in going on."""
        self._done.set()

    def _send(self) -> None:
        if self._waiting and self._free:
            self._free.popleft().send(next(self._requests), self._waiting.popleft())


class _Connection(asyncio.Protocol):
    """One request at a time; an answer is done when as many bytes have come as its head announced."""

    def __init__(self, client: PacedClient) -> None:
        self._client, self._due = client, 0.0
        self._head, self._missing = b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._client.free(self, None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - as the library has it
        self._client.failed()

    def send(self, request: bytes, due: float) -> None:
        """Send a request."""
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._head += data
            head, end, body = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            self._missing, self._head = _announced(head) - len(body), b""
        if not self._missing:
            self._client.free(self, self._due)


def _announced(head: bytes) -> int:
    status, *lines = head.split(b"\r\n")
    if b" 200 " not in status:
        raise ConnectionError(status.decode(errors="replace"))
    return next(int(line.partition(b":")[2]) for line in lines if line.lower().startswith(b"content-length:"))


def percentile(values: Sequence[float], hundredths: int) -> float:
    """The smallest value that so many hundredths of all do not exceed."""
    return sorted(values)[max(0, -(-len(values) * hundredths // 100) - 1)]


def _requests(url: str, bodies: bytes, headers: Sequence[str]) -> list[bytes]:
    """The file of bodies is the one that wrk takes (`bench.wrk`)."""
    parts = urlsplit(url)
    lines = "".join(f"{name}: {value}\r\n" for name, _, value in (header.partition("=") for header in headers))
    requests, at = [], 0
    while at < len(bodies):
        end = bodies.index(b"\n", at)
        length = int(bodies[at:end])
        head = f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n{lines}Content-Length: {length}\r\n\r\n"
        requests.append(head.encode() + bodies[end + 1 : end + 1 + length])
        at = end + 1 + length
    return requests


def _main(words: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Requests at a fixed rate.")
    parser.add_argument("--url", required=True)
    parser.add_argument("--bodies", type=Path, required=True)
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args(words)
    requests = _requests(options.url, options.bodies.read_bytes(), options.header)
    parts = urlsplit(options.url)

    async def run() -> list[float]:
        client = PacedClient(requests, rate=options.rate, count=max(1, round(options.rate * options.seconds)))
        await client.run(parts.hostname or "", parts.port or 80)
        return client.seconds

    seconds = uvloop.run(run())
    told = {f"p{part}_ms": round(1000 * percentile(seconds, part), 2) for part in (50, 99)}
    sys.stdout.write(json.dumps({"requests": len(seconds), **told}) + "\n")


if __name__ == "__main__":
    _main(sys.argv[1:])
