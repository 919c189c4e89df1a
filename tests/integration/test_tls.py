"""The listener with TLS: which protocols, which certificates, and what stops and is renewed without losing a request.

On both event loops, because each has a TLS of its own: the workers use uvloop.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest
import uvloop
from aiohttp import web

from hub.config.tls_settings import TlsSettings
from hub.web.client_certificates import CERTIFICATE_HEADER, VERIFIED_HEADER, ClientCertificates
from hub.web.serving import Server, bound
from hub.web.tls_terminator import TlsTerminator
from tests.fakes.certificates import Authority, Pair

LARGE, SMALL = 3 * 1024 * 1024, 64 * 1024
Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    loop: Run = request.param
    return loop


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def hub(authority: Authority) -> Pair:
    return authority.issue("hub")


@pytest.fixture
def hospital(authority: Authority) -> Pair:
    return authority.issue("hospital")


def settings(
    hub: Pair, *authorities: Authority, client_certificates: Literal["none", "optional", "required"] = "none"
) -> TlsSettings:
    return TlsSettings(
        certificate_file=hub.certificate,
        key_file=hub.key,
        client_certificates=client_certificates,
        client_authorities=tuple(authority.certificate for authority in authorities),
    )


class Served:
    """A server that tells callers who they are, or gives them much to read."""

    def __init__(self, server: Server, port: int, begun: asyncio.Event) -> None:
        self.server, self.port, self.begun = server, port, begun

    async def ask(self, trust: ssl.SSLContext, path: str = "/who", **headers: str) -> str:
        """What a caller is answered over a connection of his own."""
        connector = aiohttp.TCPConnector(ssl=trust)
        async with (
            aiohttp.ClientSession(f"https://127.0.0.1:{self.port}", connector=connector) as session,
            session.get(path, headers=headers) as response,
        ):
            return await response.text()

    async def connect(self, trust: ssl.SSLContext | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        place = socket.socket()
        place.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        place.setblocking(False)
        await asyncio.get_running_loop().sock_connect(place, ("127.0.0.1", self.port))
        return await asyncio.open_connection(sock=place, ssl=trust, server_hostname="hub.example" if trust else None)


@asynccontextmanager
async def serving(tls: TlsSettings | None) -> AsyncIterator[Served]:
    begun, certificates = asyncio.Event(), ClientCertificates(TlsTerminator())

    async def who(request: web.Request) -> web.Response:
        return web.Response(text=certificates.client_certificate(request))

    async def much(_request: web.Request) -> web.Response:
        begun.set()
        return web.Response(body=bytes(LARGE))

    application = web.Application()
    application.router.add_get("/who", who)
    application.router.add_get("/much", much)
    place = bound("127.0.0.1", 0)
    # What the system holds of an answer that nobody reads is little.
    place.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
    port = place.getsockname()[1]
    async with Server.serving(application, place, tls=tls.context() if tls else None) as server:
        yield Served(server, port, begun)


class TestProtocol:
    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_current_versions_are_spoken_with_forward_secrecy_and_authenticated_encryption(
        self, run: Run, authority: Authority, hub: Pair, version: ssl.TLSVersion
    ) -> None:
        async def scenario() -> None:
            trust = authority.client_context()
            trust.minimum_version = trust.maximum_version = version
            trust.set_alpn_protocols(["h2", "http/1.1"])
            async with serving(settings(hub)) as served:
                _, writer = await served.connect(trust)
                agreed: ssl.SSLObject = writer.get_extra_info("ssl_object")
                cipher = agreed.cipher()
                assert cipher is not None
                assert cipher[0].startswith(("TLS_AES", "TLS_CHACHA20", "ECDHE-"))
                assert "GCM" in cipher[0] or "CHACHA20" in cipher[0]
                assert agreed.selected_alpn_protocol() == "http/1.1"
                assert agreed.compression() is None
                writer.close()

        run(scenario())

    @pytest.mark.parametrize(
        "ciphers",
        ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "DHE-RSA-AES128-GCM-SHA256"],
    )
    def test_a_caller_who_can_do_no_better_than_this_is_refused(
        self, run: Run, authority: Authority, hub: Pair, ciphers: str
    ) -> None:
        async def scenario() -> None:
            trust = authority.client_context()
            trust.maximum_version = ssl.TLSVersion.TLSv1_2
            trust.set_ciphers(f"@SECLEVEL=0:{ciphers}")
            async with serving(settings(hub)) as served:
                with pytest.raises((ssl.SSLError, ConnectionError)):
                    await served.connect(trust)

        run(scenario())

    @pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
    def test_old_versions_are_refused(self, run: Run, authority: Authority, hub: Pair) -> None:
        async def scenario() -> None:
            trust = authority.client_context()
            trust.set_ciphers("@SECLEVEL=0:ALL")
            trust.minimum_version = trust.maximum_version = ssl.TLSVersion.TLSv1_1
            async with serving(settings(hub)) as served:
                with pytest.raises((ssl.SSLError, ConnectionError)):
                    await served.connect(trust)

        run(scenario())

    def test_nobody_agrees_on_keys_anew_or_compresses(self, hub: Pair) -> None:
        options = settings(hub).context().options
        assert options & ssl.OP_NO_RENEGOTIATION
        assert options & ssl.OP_NO_COMPRESSION


class TestClientCertificates:
    def test_the_one_of_the_connection_is_known_by_its_fingerprint(
        self, run: Run, authority: Authority, hub: Pair, hospital: Pair
    ) -> None:
        async def scenario() -> None:
            for wanted in ("optional", "required"):
                async with serving(settings(hub, authority, client_certificates=wanted)) as served:
                    assert await served.ask(authority.client_context(hospital)) == hospital.fingerprint

        run(scenario())

    def test_who_shows_none_is_nobody_or_is_refused_as_configured(
        self, run: Run, authority: Authority, hub: Pair, hospital: Pair
    ) -> None:
        async def scenario() -> None:
            async with serving(settings(hub)) as served:
                assert await served.ask(authority.client_context(hospital)) == ""
            async with serving(settings(hub, authority, client_certificates="optional")) as served:
                assert await served.ask(authority.client_context()) == ""
            async with serving(settings(hub, authority, client_certificates="required")) as served:
                with pytest.raises(aiohttp.ClientError):
                    await served.ask(authority.client_context())

        run(scenario())

    @pytest.mark.parametrize("wanted", ["optional", "required"])
    def test_one_of_an_authority_that_is_not_trusted_or_that_has_ended_is_refused(
        self, run: Run, tmp_path: Path, authority: Authority, hub: Pair, wanted: Literal["optional", "required"]
    ) -> None:
        async def scenario() -> None:
            stranger = Authority(tmp_path, "stranger").issue("stranger-hospital")
            ended = authority.issue("ended", days=-1)
            async with serving(settings(hub, authority, client_certificates=wanted)) as served:
                for pair in (stranger, ended):
                    with pytest.raises(aiohttp.ClientError):
                        await served.ask(authority.client_context(pair))

        run(scenario())

    def test_headers_of_callers_themselves_are_never_believed(
        self, run: Run, authority: Authority, hub: Pair, hospital: Pair
    ) -> None:
        async def scenario() -> None:
            pretended = {
                CERTIFICATE_HEADER: hospital.certificate.read_text().replace("\n", "%0A"),
                VERIFIED_HEADER: "SUCCESS",
            }
            async with serving(settings(hub, authority, client_certificates="optional")) as served:
                assert await served.ask(authority.client_context(), **pretended) == ""
                other = authority.issue("other")
                assert await served.ask(authority.client_context(other), **pretended) == other.fingerprint

        run(scenario())


class TestDraining:
    @pytest.fixture(params=[True, False], ids=["tls", "plain"])
    def tls(self, request: pytest.FixtureRequest, hub: Pair) -> TlsSettings | None:
        return settings(hub) if request.param else None

    def test_a_slow_reader_gets_the_last_byte(self, run: Run, authority: Authority, tls: TlsSettings | None) -> None:
        async def scenario() -> None:
            async with serving(tls) as served:
                reader, writer = await served.connect(authority.client_context() if tls else None)
                writer.write(b"GET /much HTTP/1.1\r\nHost: hub\r\n\r\n")
                await served.begun.wait()
                async with asyncio.TaskGroup() as group:
                    draining = group.create_task(served.server.drain(30))
                    await reader.readuntil(b"\r\n\r\n")
                    most = LARGE - 8 * SMALL
                    await reader.readexactly(most)
                    await asyncio.sleep(1.5)  # longer than a silent connection would be kept
                    await reader.readexactly(LARGE - most)
                assert draining.result() == 0
            assert await reader.read() == b""
            writer.close()

        run(scenario())

    def test_a_connection_that_is_silent_is_kept_for_a_moment_and_may_still_ask(
        self, run: Run, authority: Authority, tls: TlsSettings | None
    ) -> None:
        async def scenario() -> None:
            async with serving(tls) as served:
                reader, writer = await served.connect(authority.client_context() if tls else None)
                async with asyncio.TaskGroup() as group:
                    group.create_task(served.server.drain(30))
                    await asyncio.sleep(0.3)
                    writer.write(b"GET /who HTTP/1.1\r\nHost: hub\r\n\r\n")
                    assert (await reader.read()).startswith(b"HTTP/1.1 200")
                writer.close()

        run(scenario())

    def test_a_caller_who_has_connected_and_is_agreeing_on_tls_is_answered(
        self, run: Run, authority: Authority, hub: Pair
    ) -> None:
        async def scenario() -> None:
            loop = asyncio.get_running_loop()
            async with serving(settings(hub)) as served:
                place = socket.socket()
                place.setblocking(False)
                await loop.sock_connect(place, ("127.0.0.1", served.port))
                async with asyncio.TaskGroup() as group:
                    group.create_task(served.server.drain(30))
                    await asyncio.sleep(0.3)
                    trust = authority.client_context()
                    reader, writer = await asyncio.open_connection(sock=place, ssl=trust, server_hostname="hub.example")
                    writer.write(b"GET /who HTTP/1.1\r\nHost: hub\r\n\r\n")
                    assert (await reader.read()).startswith(b"HTTP/1.1 200")
                writer.close()

        run(scenario())

    def test_a_caller_who_keeps_his_side_open_is_not_waited_for_longer_than_the_grace(
        self, run: Run, authority: Authority, tls: TlsSettings | None
    ) -> None:
        async def scenario() -> None:
            async with serving(tls) as served:
                _, writer = await served.connect(authority.client_context() if tls else None)
                writer.write(b"GET /much HTTP/1.1\r\nHost: hub\r\n\r\n")
                await served.begun.wait()
                assert await served.server.drain(0.5) == 1
                writer.transport.abort()

        run(scenario())


class TestRenewing:
    def test_new_connections_get_the_new_certificate_and_no_request_is_lost(
        self, run: Run, authority: Authority, hub: Pair
    ) -> None:
        async def scenario() -> None:
            tls, is_over, answered = settings(hub), asyncio.Event(), 0

            async def call() -> None:
                nonlocal answered
                while not is_over.is_set():
                    assert await served.ask(authority.client_context()) == ""
                    answered += 1

            async with serving(tls) as served:
                reader, writer = await served.connect(authority.client_context())
                before = writer.get_extra_info("ssl_object").getpeercert(True)
                async with asyncio.TaskGroup() as group:
                    for _ in range(4):
                        group.create_task(call())
                    for number in range(10):
                        hub.replace(authority.issue(f"hub-{number}"))
                        await served.server.listen(tls.context())
                        await asyncio.sleep(0.05)
                    is_over.set()
                assert answered >= 10
                _, other = await served.connect(authority.client_context())
                assert other.get_extra_info("ssl_object").getpeercert(True) != before
                other.close()
                # The connection from before is served once more.
                writer.write(b"GET /who HTTP/1.1\r\nHost: hub\r\n\r\n")
                answer = await reader.read()
                assert answer.startswith(b"HTTP/1.1 200")
                assert b"Connection: close" in answer
                writer.close()

        run(scenario())

    def test_a_caller_who_has_just_come_in_is_not_forgotten(self, run: Run, authority: Authority, hub: Pair) -> None:
        async def scenario() -> None:
            tls = settings(hub)
            async with serving(tls) as served:
                place = socket.create_connection(("127.0.0.1", served.port))
                place.setblocking(False)
                # In this turn of the loop he is accepted, in the next he would be met, but for the new certificates.
                await asyncio.sleep(0)
                await served.server.listen(tls.context())
                trust = authority.client_context()
                reader, writer = await asyncio.open_connection(sock=place, ssl=trust, server_hostname="hub.example")
                writer.write(b"GET /who HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n")
                assert (await reader.read()).startswith(b"HTTP/1.1 200")
                writer.close()

        run(scenario())

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_an_authority_that_was_dropped_does_not_live_on_in_sessions(
        self, tmp_path: Path, authority: Authority, hub: Pair, version: ssl.TLSVersion
    ) -> None:
        async def scenario() -> None:
            former = Authority(tmp_path, "former")
            trust = authority.client_context(former.issue("former-hospital"))
            trust.minimum_version = trust.maximum_version = version
            wanted: Literal["required"] = "required"
            async with serving(settings(hub, former, client_certificates=wanted)) as served:
                session = await asyncio.to_thread(_ask_with_session, trust, served.port, None)
                await served.server.listen(settings(hub, authority, client_certificates=wanted).context())
                with pytest.raises((ssl.SSLError, ConnectionError)):
                    await asyncio.to_thread(_ask_with_session, trust, served.port, session)

        asyncio.run(scenario())


def _ask_with_session(trust: ssl.SSLContext, port: int, session: ssl.SSLSession | None) -> ssl.SSLSession | None:
    """Ask with the session of an earlier connection; the one of this."""
    with (
        socket.create_connection(("127.0.0.1", port)) as place,
        trust.wrap_socket(place, server_hostname="hub.example", session=session) as connection,
    ):
        connection.sendall(b"GET /who HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n")
        if not connection.recv(1024).startswith(b"HTTP/1.1 200"):
            raise ConnectionError
        return connection.session
