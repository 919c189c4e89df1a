"""The example of a TLS proxy, with a real nginx in front of a real hub."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.e2e.hub_process import EXAMPLE, running
from tests.unit.wire.invented_documents import LIST, in_envelope

NGINX, OPENSSL = shutil.which("nginx"), shutil.which("openssl")
TEMPORARY = "".join(f"{kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))

pytestmark = pytest.mark.skipif(not (NGINX and OPENSSL), reason="nginx or openssl is not installed")


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncIterator[str]:
    """The address of the proxy."""
    async with running(tmp_path) as hub:
        port = _free_port()
        replaced = {
            "127.0.0.1:8080": urlsplit(hub.intrahub).netloc,
            "listen 8443": f"listen 127.0.0.1:{port}",
            "/etc/nginx/tls": str(tmp_path),
            "/dev/stdout": "access.log",
            "http {": "http {" + TEMPORARY,
        }
        text = (EXAMPLE.parent / "nginx.conf").read_text()
        for old, new in replaced.items():
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "nginx.conf").write_text(text)
        _make_certificate(tmp_path)
        process = await asyncio.create_subprocess_exec(
            *(NGINX or "", "-p", tmp_path, "-c", tmp_path / "nginx.conf", "-e", "stderr"),
            *("-g", f"daemon off; pid {tmp_path}/nginx.pid;"),
        )
        try:
            await _listening(port)
            yield f"https://hub.example:{port}"
        finally:
            process.terminate()
            await process.wait()


@pytest.fixture
async def caller(tmp_path: Path, proxy: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller who trusts the proxy's certificate and knows where hub.example is."""
    trust = ssl.create_default_context(cafile=tmp_path / "hub.pem")
    port = urlsplit(proxy).port or 0
    connector = aiohttp.TCPConnector(ssl=trust, resolver=_Loopback(port))
    async with aiohttp.ClientSession(proxy, connector=connector) as session:
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
    async with caller.post("/intrahub/v3", data=in_envelope(LIST).encode(), headers=headers) as answer:
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


def _make_certificate(folder: Path) -> None:
    subprocess.run(
        [
            *(OPENSSL or "", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", "1", "-subj", "/CN=hub.example", "-addext", "subjectAltName=DNS:hub.example"),
            *("-keyout", folder / "hub.key", "-out", folder / "hub.pem"),
        ],
        check=True,
        capture_output=True,
    )


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
