"""The example of a TLS proxy, with a real nginx in front of a real hub."""

import asyncio
import shutil
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

import aiohttp
import pytest
from aiohttp import web

from hub.web.client_certificates import CERTIFICATE_HEADER, VERIFIED_HEADER, ClientCertificates
from hub.web.serving import Server, bound
from hub.web.tls_terminator import TlsTerminator
from tests.e2e.hub_process import EXAMPLE, running
from tests.fakes.certificates import Authority
from tests.signed import world

NGINX = shutil.which("nginx")
TEMPORARY = "".join(f"{kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))

pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is not installed")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Signs the certificate of the proxy."""
    authority = Authority(tmp_path)
    authority.issue("hub")
    return authority


@pytest.fixture
def callers(tmp_path: Path) -> Authority:
    """Signs the certificates of callers."""
    return Authority(tmp_path, "client-authorities")


@pytest.fixture
async def proxy(tmp_path: Path, authority: Authority, callers: Authority) -> AsyncIterator[str]:
    """The address of the proxy in front of a hub."""
    async with running(tmp_path) as hub, _nginx(tmp_path, urlsplit(hub.intrahub).netloc) as address:
        yield address


@pytest.fixture
async def echo(tmp_path: Path, authority: Authority, callers: Authority) -> AsyncIterator[str]:
    """The address of the proxy in front of a server that answers which certificate the caller has shown."""
    certificates = ClientCertificates(TlsTerminator(["127.0.0.1"]))

    async def who(request: web.Request) -> web.Response:
        return web.Response(text=certificates.client_certificate(request))

    application = web.Application()
    application.router.add_get("/intrahub/v3", who)
    place = bound("127.0.0.1", 0)
    port = place.getsockname()[1]
    async with Server.serving(application, place), _nginx(tmp_path, f"127.0.0.1:{port}") as address:
        yield address


@asynccontextmanager
async def _nginx(folder: Path, upstream: str) -> AsyncIterator[str]:
    """The example in front of a server, with certificates from a folder."""
    port = _free_port()
    replaced = {
        "127.0.0.1:8080": upstream,
        "listen 8443": f"listen 127.0.0.1:{port}",
        "/etc/nginx/tls": str(folder),
        "/dev/stdout": "access.log",
        "http {": "http {" + TEMPORARY,
    }
    text = (EXAMPLE.parent / "nginx.conf").read_text()
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "nginx.conf").write_text(text)
    process = await asyncio.create_subprocess_exec(
        *(NGINX or "", "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr"),
        *("-g", f"daemon off; pid {folder}/nginx.pid;"),
    )
    try:
        await _listening(port)
        yield f"https://hub.example:{port}"
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def calling(proxy: str, trust: ssl.SSLContext) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller who knows where hub.example is."""
    connector = aiohttp.TCPConnector(ssl=trust, resolver=_Loopback(urlsplit(proxy).port or 0))
    async with aiohttp.ClientSession(proxy, connector=connector) as session:
        yield session


@pytest.fixture
async def caller(proxy: str, authority: Authority) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller who trusts the proxy's certificate and shows none."""
    async with calling(proxy, authority.client_context()) as session:
        yield session


class _Loopback(aiohttp.abc.AbstractResolver):
    """Every name is this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        place = aiohttp.abc.ResolveResult(
            hostname=host, host="127.0.0.1", port=port or self._port, family=family, proto=0, flags=0
        )
        return [place]

    async def close(self) -> None:
        pass


async def test_callers_reach_the_hub_over_tls_and_operators_paths_stay_inside(
    caller: aiohttp.ClientSession,
) -> None:
    headers = {"Content-Type": "text/xml; charset=utf-8", "X-Request-Id": "through-the-proxy"}
    message = world().caller("gp_fr").sign(now=datetime.now(UTC))
    async with caller.post("/intrahub/v3", data=message, headers=headers) as answer:
        assert answer.status == 200
        assert "GetTransactionListResponse" in await answer.text()
        assert answer.headers["X-Request-Id"] == "through-the-proxy"
    async with caller.get("/intrahub/v3?wsdl") as answer:
        assert 'location="https://hub.example/intrahub/v3"' in await answer.text()
    for path in ("/metrics", "/health/ready", "/"):
        async with caller.get(path) as answer:
            assert answer.status == 404


async def test_a_body_over_the_limit_is_refused_by_the_proxy(caller: aiohttp.ClientSession) -> None:
    async with caller.post("/intrahub/v3", data=b"", headers={"Content-Length": str(49 * 1024 * 1024)}) as answer:
        assert answer.status == 413


async def test_callers_are_told_to_come_back_over_tls(caller: aiohttp.ClientSession) -> None:
    async with caller.get("/") as answer:
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("ciphers", ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"])
async def test_a_caller_who_can_do_no_better_than_this_is_refused(
    echo: str, authority: Authority, ciphers: str
) -> None:
    trust = authority.client_context()
    trust.maximum_version = ssl.TLSVersion.TLSv1_2
    trust.set_ciphers(f"@SECLEVEL=0:{ciphers}")
    async with calling(echo, trust) as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get("/intrahub/v3")


async def test_the_certificate_of_a_caller_reaches_the_hub(echo: str, authority: Authority, callers: Authority) -> None:
    hospital = callers.issue("hospital")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        trust = authority.client_context(hospital)
        trust.minimum_version = trust.maximum_version = version
        async with calling(echo, trust) as session, session.get("/intrahub/v3") as answer:
            assert (answer.status, await answer.text()) == (200, hospital.fingerprint)


async def test_what_a_caller_writes_into_the_headers_of_the_proxy_does_not(
    echo: str, authority: Authority, callers: Authority
) -> None:
    hospital, other = callers.issue("hospital"), callers.issue("other")
    pretended = {
        name: value
        for spelling in (str, str.lower, lambda text: text.replace("-", "_"))
        for name, value in (
            (spelling(CERTIFICATE_HEADER), quote(hospital.certificate.read_text(), safe="")),
            (spelling(VERIFIED_HEADER), "SUCCESS"),
        )
    }
    for shown, seen in ((None, ""), (other, other.fingerprint)):
        trust = authority.client_context(shown)
        async with calling(echo, trust) as session, session.get("/intrahub/v3", headers=pretended) as answer:
            assert (answer.status, await answer.text()) == (200, seen)


async def test_a_certificate_that_does_not_hold_is_refused(echo: str, authority: Authority, callers: Authority) -> None:
    for pair in (callers.issue("ended", days=-1), authority.issue("of-another-authority")):
        async with calling(echo, authority.client_context(pair)) as session, session.get("/intrahub/v3") as answer:
            assert answer.status == 400


def _free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


async def _listening(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
