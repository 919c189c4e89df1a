"""A hub that ends TLS itself, as processes: it drains, renews its certificates while it serves, and says what ends."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.e2e.hub_process import HubProcess, outcomes_while_stopping, running
from tests.fakes.certificates import Authority, Pair
from tests.unit.wire.invented_documents import LIST, in_envelope

REQUEST = in_envelope(LIST).encode()
HEADERS = {"Content-Type": "text/xml; charset=utf-8"}
TABLE = """[listener.tls]
certificate_file = "listener.pem"
key_file = "listener.key"
client_certificates = "optional"
client_authorities = ["authority.pem"]
"""


def tls_hub(folder: Path, **changes: str) -> AbstractAsyncContextManager[HubProcess]:
    return running(folder, **{'tls_terminator = ["127.0.0.1"]\n': TABLE, **changes})


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def listener(authority: Authority) -> Pair:
    return authority.issue("listener")


@pytest.fixture
async def hub(tmp_path: Path, listener: Pair) -> AsyncIterator[HubProcess]:
    async with tls_hub(tmp_path) as process:
        yield process


async def ask(hub: HubProcess, trust: ssl.SSLContext) -> str:
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session,
        session.post(hub.intrahub, data=REQUEST, headers=HEADERS) as response,
    ):
        assert response.status == 200
        return await response.text()


async def shown(hub: HubProcess, trust: ssl.SSLContext) -> bytes | None:
    """The certificate that the hub shows."""
    place = urlsplit(hub.intrahub)
    _, writer = await asyncio.open_connection(place.hostname, place.port, ssl=trust)
    certificate: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return certificate


async def test_it_answers_over_tls_only(hub: HubProcess, authority: Authority) -> None:
    assert hub.intrahub.startswith("https://")
    assert "GetTransactionListResponse" in await ask(hub, authority.client_context())
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.post(hub.intrahub.replace("https", "http"), data=REQUEST, headers=HEADERS)
    assert (await hub.readiness())[0] == 200


@pytest.mark.parametrize("keeps_alive", [True, False])
async def test_under_load_every_request_is_answered_or_not_begun(
    hub: HubProcess, authority: Authority, keeps_alive: bool
) -> None:
    async def call(session: aiohttp.ClientSession) -> None:
        async with session.post(hub.intrahub, data=REQUEST, headers=HEADERS) as response:
            assert b"GetTransactionListResponse" in await response.read()

    trust = authority.client_context()
    outcomes = await outcomes_while_stopping(hub, call, keeps_alive=keeps_alive, trust=trust)
    assert outcomes == {"answered", "not begun"}
    assert await hub.stopped() == 0
    assert [line["cut"] for line in hub.events("worker.drained")] == [0, 0]


async def test_all_workers_show_a_new_certificate_and_keep_it_when_the_next_will_not_do(
    hub: HubProcess, authority: Authority, listener: Pair
) -> None:
    trust = authority.client_context()
    before = await shown(hub, trust)
    listener.replace(authority.issue("renewed", days=90))
    await hub.logged("certificate.reloaded", 2)
    assert {line["certificate"] for line in hub.events("certificate.reloaded")} == {"listener"}
    after = {await shown(hub, trust) for _ in range(20)}
    assert len(after) == 1
    assert before not in after

    listener.key.write_bytes(authority.issue("other").key.read_bytes())
    await hub.logged("certificate.unusable", 2)
    assert {await shown(hub, trust) for _ in range(20)} == after
    status, said = await hub.readiness()
    assert status == 200
    assert not said["dependencies"]["certificate listener files"]["ok"]
    assert "the private key of" in said["dependencies"]["certificate listener files"]["detail"]
    assert not hub.events("worker.ended")


async def test_an_authority_that_is_dropped_is_not_trusted_any_more(
    hub: HubProcess, authority: Authority, tmp_path: Path
) -> None:
    caller = authority.client_context(authority.issue("hospital"))
    await ask(hub, caller)
    other = Authority(tmp_path, "other")
    authority.certificate.write_bytes(other.certificate.read_bytes())
    await hub.logged("certificate.reloaded", 2)
    for _ in range(10):
        with pytest.raises(aiohttp.ClientError):
            await ask(hub, caller)


async def test_what_ends_soon_is_in_health_metrics_and_log_and_the_hub_is_ready(
    tmp_path: Path, authority: Authority
) -> None:
    authority.issue("listener", days=12.5)
    async with tls_hub(tmp_path) as hub:
        status, said = await hub.readiness()
        assert status == 200
        assert said["dependencies"]["certificate listener"] == {
            "ok": False,
            "required": False,
            "detail": "expires in 12 days",
        }
        assert "certificate client authorities" not in said["dependencies"]
        assert 'hub_certificate_expiry_timestamp_seconds{certificate="listener"}' in await hub.metrics()
        assert {(line["certificate"], line["days"]) for line in hub.events("certificate.ends")} == {("listener", 12)}
        assert "client authorities" in {line["certificate"] for line in hub.events("certificate.in-use")}
