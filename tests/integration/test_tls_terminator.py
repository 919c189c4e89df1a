"""What a proxy that ends TLS says of callers is believed, and of nobody else."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web

from hub.web.client_certificates import CERTIFICATE_HEADER, VERIFIED_HEADER, ClientCertificates
from hub.web.serving import Server, bound
from hub.web.tls_terminator import TlsTerminator, only_over_tls
from tests.fakes.certificates import Authority, Pair

Headers = list[tuple[str, str]]
Change = Callable[[Headers], Headers]

PROXY, SOMEBODY = "127.0.0.2", "127.0.0.3"


@pytest.fixture
def hospital(tmp_path: Path) -> Pair:
    return Authority(tmp_path).issue("hospital")


def headers_for(pair: Pair, *, verified: str = "SUCCESS") -> Headers:
    # As nginx writes $ssl_client_escaped_cert.
    return [(CERTIFICATE_HEADER, quote(pair.certificate.read_text(), safe="")), (VERIFIED_HEADER, verified)]


@asynccontextmanager
async def serving(*addresses: str, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """The port of a hub that knows these addresses as those of its proxy."""
    terminator = TlsTerminator(addresses)
    certificates = ClientCertificates(terminator)

    async def who(request: web.Request) -> web.Response:
        return web.Response(text=certificates.client_certificate(request))

    application = web.Application(middlewares=[only_over_tls(terminator)])
    application.router.add_get("/", who)
    place = bound(host, 0)
    async with Server.serving(application, place):
        yield place.getsockname()[1]


async def ask(port: int, caller: str, headers: Headers) -> tuple[int, str]:
    connector = aiohttp.TCPConnector(local_addr=(caller, 0))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.get(f"http://127.0.0.1:{port}/", headers=headers) as response,
    ):
        return response.status, await response.text()


@pytest.mark.parametrize("address", [PROXY, "127.0.0.2/31"])
async def test_what_the_proxy_has_verified_is_believed(hospital: Pair, address: str) -> None:
    async with serving(address) as port:
        assert await ask(port, PROXY, headers_for(hospital)) == (200, hospital.fingerprint)


async def test_its_address_may_be_written_as_one_of_ipv6(hospital: Pair) -> None:
    async with serving(PROXY, host="::") as port:
        assert await ask(port, PROXY, headers_for(hospital)) == (200, hospital.fingerprint)


async def test_a_header_from_anybody_else_is_not_believed_and_he_is_refused(hospital: Pair) -> None:
    pretended = [
        *headers_for(hospital),
        ("X-Forwarded-For", PROXY),
        ("Forwarded", f"for={PROXY}"),
        ("X-Real-IP", PROXY),
    ]
    async with serving(PROXY) as port:
        assert (await ask(port, SOMEBODY, pretended))[0] == 403
    async with serving() as port:  # nobody is stated to end TLS: a sandbox
        assert await ask(port, PROXY, pretended) == (200, "")


@pytest.mark.parametrize(
    "change",
    [
        lambda _: [],
        lambda headers: headers[:1],
        lambda headers: headers[1:],
        lambda headers: [*headers, headers[0]],
        lambda headers: [*headers, headers[1]],
        lambda headers: [(headers[0][0], headers[0][1][:200]), headers[1]],
        lambda headers: [(headers[0][0], ""), headers[1]],
        lambda headers: [headers[0], (headers[1][0], "FAILED:certificate has expired")],
        lambda headers: [headers[0], (headers[1][0], "NONE")],
    ],
)
async def test_what_the_proxy_has_not_verified_or_not_said_clearly_is_no_certificate(
    hospital: Pair, change: Change
) -> None:
    async with serving(PROXY) as port:
        assert await ask(port, PROXY, change(headers_for(hospital))) == (200, "")
