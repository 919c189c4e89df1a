"""A hospital as a process of its own that misbehaves on demand: the number of the document asked for says how.

It speaks raw HTTP/1.1, because the most interesting faults are those that no HTTP library would commit. SOAP at `/hub`,
documents at `/documents/NUMBER`, what it saw at `/seen`.
"""

import asyncio
import contextlib
import gzip
import json
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote
from urllib.request import urlopen

from tests.fakes.documents import (
    OTHER_PATIENT,
    PDF,
    a_document,
    a_hub_answer,
    a_lnk,
    a_refusal,
    a_soap_fault,
)

XML, LARGE = "text/xml; charset=utf-8", 3 * 1024 * 1024
_LOGIN = "<html><head><title>Aanmelden</title></head><body><form></form><br></body></html>"
_DOCUMENT_ID = re.compile(rb'<transaction><id S="[^"]*" SV="[^"]*"[^>]*>([^<]*)</id>')
_OPERATION = re.compile(rb"<p:(\w+)Request ")


@dataclass
class Request:
    """What a caller sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_soap(self) -> bool:
        """Whether the caller speaks SOAP."""
        return self.path == "/hub"

    @property
    def operation(self) -> str:
        """The operation in a SOAP body."""
        found = _OPERATION.search(self.body)
        return found[1].decode() if found else ""

    @property
    def document(self) -> str:
        """The number of the document asked for."""
        if self.is_soap:
            found = _DOCUMENT_ID.search(self.body)
            return found[1].decode() if found else ""
        return unquote(self.path.rpartition("/")[2])


class Hospital:
    """Answers requests, and counts connections."""

    def __init__(self) -> None:
        self.seen: list[Request] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        try:
            while (request := await _read(reader)) is not None:
                if request.path == "/seen":
                    await _send(writer, json.dumps(self._report()), "application/json")
                    continue
                self.seen.append(request)
                await self._answer(request, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.connections -= 1
            writer.close()

    def _report(self) -> dict[str, object]:
        return {
            "connections": self.connections - 1,
            "requests": [vars(seen) | {"body": seen.body.decode()} for seen in self.seen],
        }

    async def _answer(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = FAULTS.get(request.document)
        if fault is not None:
            await fault(request, reader, writer)
        elif request.operation == "RequestPublication":
            complete = "false" if "refuse" in request.body.decode() else "true"
            await _send(writer, a_hub_answer("", operation="RequestPublication", iscomplete=complete))
        elif request.document.startswith("pdf"):
            await _send(writer, PDF, "application/pdf")
        else:
            await _send(writer, _document(request, request.document))


def _document(request: Request, number: str, **facts: str) -> str:
    document = a_document(number, **facts)
    return a_hub_answer(document, operation=request.operation) if request.is_soap else document


async def _send(
    writer: asyncio.StreamWriter,
    body: str | bytes,
    content_type: str = XML,
    *,
    status: str = "200 OK",
    length: int = 0,
    more: str = "",
) -> None:
    data = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length or len(data)}\r\n{more}\r\n"
    writer.write(head.encode() + data)
    await writer.drain()


Fault = Callable[[Request, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def _sends(
    body: str | bytes | None = None,
    content_type: str = XML,
    *,
    status: str = "200 OK",
    length: int = 0,
    more: str = "",
    ends: bool = False,
) -> Fault:
    """A fault that is one fixed answer, the right document when no body is given; `ends` closes the connection."""

    async def answer(request: Request, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        content = _document(request, request.document) if body is None else body
        await _send(writer, content, content_type, status=status, length=length, more=more)
        if ends:
            raise OSError("closed on purpose")

    return answer


async def _refuse(request: Request, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if request.is_soap:
        await _send(writer, a_hub_answer("", iscomplete="false", errors=a_refusal(), operation=request.operation))
    else:
        await _send(writer, "no such document", status="404 Not Found")


async def _stay_silent(_: Request, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Until the caller gives up."""
    await reader.read()
    raise OSError("the caller left")


async def _stop_in_the_middle(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _send(writer, _document(request, request.document)[:-200], length=100_000)
    await _stay_silent(request, reader, writer)


async def _drip(request: Request, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _send(writer, "", length=100_000)
    for byte in _document(request, request.document).encode():
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.02)


async def _reset(request: Request, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _send(writer, _document(request, request.document)[:-200], length=100_000)
    _abort(writer)


async def _reset_at_once(_request: Request, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    _abort(writer)


def _abort(writer: asyncio.StreamWriter) -> None:
    """End the connection with a reset."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    raise OSError("reset on purpose")


async def _talk_nonsense(_request: Request, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    await writer.drain()
    raise OSError("closed on purpose")


async def _hang_up(_request: Request, _: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    raise OSError("closed on purpose")


async def _send_without_end(request: Request, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {XML}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    start = _document(request, request.document).partition("</text>")[0].encode()
    block = start + b"A" * 65536
    while True:
        writer.write(f"{len(block):x}\r\n".encode() + block + b"\r\n")
        await writer.drain()
        block = b"A" * 65536


async def _answer_for_another(request: Request, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _send(writer, _document(request, request.document, patient=OTHER_PATIENT))


async def _answer_with_another(request: Request, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _send(writer, _document(request, "quite-another"))


async def _send_much(request: Request, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _send(writer, _document(request, request.document, content=a_lnk(LARGE)))


FAULTS: dict[str, Fault] = {
    "refused": _refuse,
    "forbidden": _sends("no", status="403 Forbidden"),
    "silent": _stay_silent,
    "stops": _stop_in_the_middle,
    "drips": _drip,
    "half": _sends("<kmehrmessage", length=100_000, ends=True),
    "resets": _reset,
    "resets-at-once": _reset_at_once,
    "hangs-up": _hang_up,
    "then-closes": _sends(None, ends=True),
    "500": _sends("stack trace", "text/plain", status="500 Internal Server Error"),
    "503": _sends("busy", "text/plain", status="503 Service Unavailable"),
    "fault": _sends(a_soap_fault(), status="500 Internal Server Error"),
    "fault-with-200": _sends(a_soap_fault()),
    "nonsense": _talk_nonsense,
    "html": _sends(_LOGIN, "text/html"),
    "html-as-xml": _sends(_LOGIN),
    "wrong-type": _sends(None, "text/plain"),
    "redirect": _sends("", status="302 Found", more="Location: http://127.0.0.1:9/elsewhere\r\n"),
    "bomb": _sends(gzip.compress(bytes(10_000_000)), more="Content-Encoding: gzip\r\n"),
    "other-patient": _answer_for_another,
    "wrong-document": _answer_with_another,
    "announced-large": _sends("x", length=10**12),
    "large": _send_much,
    "endless": _send_without_end,
    "not-a-pdf": _sends(_LOGIN, "application/pdf"),
}


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    method, path, _ = first.split(" ")
    return Request(method, path, headers, body)


@dataclass(frozen=True)
class RunningHospital:
    """The process, as its callers and its tests see it."""

    port: int

    @property
    def base(self) -> str:
        """The beginning of its URLs."""
        return f"http://127.0.0.1:{self.port}"

    def report(self) -> dict[str, object]:
        """What it saw: `connections` that are open now, and `requests`."""
        with urlopen(f"{self.base}/seen", timeout=5) as answer:
            report: dict[str, object] = json.load(answer)
            return report

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return int(str(self.report()["connections"]))


@contextlib.contextmanager
def running_hospital() -> Iterator[RunningHospital]:
    """A hospital in a process of its own, on a free loopback port."""
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen([sys.executable, "-m", __name__], cwd=root, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield RunningHospital(int(process.stdout.readline()))
        finally:
            process.terminate()
            process.wait(10)


async def _main() -> None:
    server = await asyncio.start_server(Hospital().serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  # whoever started the process reads it
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
