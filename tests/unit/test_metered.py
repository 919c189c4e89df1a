"""Sources, the vault and sealing are counted by how their calls end, and say when their circuit opens."""

import asyncio
import json
from dataclasses import dataclass
from io import StringIO

import pytest
from prometheus_client import generate_latest

from hub.domain.encryption import EncryptionActor
from hub.domain.errors import HubError, Reason
from hub.domain.identity import Identity
from hub.observability.logging import open_log
from hub.observability.metered import MeteredSealing, MeteredSource, MeteredVault
from hub.observability.metrics import Metrics
from tests.builders import JAN
from tests.fakes.document_requests import a_request
from tests.fakes.sources import DictionaryVault, ScriptedSource


@dataclass
class FlakySource(ScriptedSource):
    """A source whose circuit can be opened by hand."""

    circuit_closed: bool = True

    def is_available(self) -> bool:
        return self.circuit_closed


class Watched:
    """A source under measurement, and what was measured."""

    def __init__(self) -> None:
        self.source, self.metrics, self.stream = FlakySource("nord"), Metrics(), StringIO()
        self.metered = MeteredSource(self.source, metrics=self.metrics, logger=open_log(self.stream))

    async def consult(self, error: BaseException | None = None) -> None:
        """Open a document; this goes wrong while it is read."""
        async with self.metered.open(a_request()):
            if error is not None:
                raise error

    def counted(self, outcome: str) -> bool:
        line = f'hub_source_calls_total{{outcome="{outcome}",source="nord"}} 1.0'
        return line in generate_latest(self.metrics.registry).decode()

    def events(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def watched() -> Watched:
    return Watched()


async def test_a_consultation_that_went_well_is_counted_and_says_nothing(watched: Watched) -> None:
    await watched.consult()
    assert watched.counted("ok")
    assert watched.events() == []


async def test_a_source_that_fails_half_way_is_counted_by_its_reason_and_said(watched: Watched) -> None:
    with pytest.raises(HubError):
        await watched.consult(HubError(Reason.SOURCE_TOO_LATE, where="nord"))
    assert watched.counted("source-too-late")
    assert watched.events() == ["source.failed"]


async def test_a_caller_whose_time_is_over_is_no_failure_of_the_source(watched: Watched) -> None:
    with pytest.raises(HubError):
        await watched.consult(HubError(Reason.TOO_LATE))
    assert watched.counted("too-late")
    assert watched.events() == []


async def test_a_caller_who_goes_away_is_no_failure_of_the_source(watched: Watched) -> None:
    with pytest.raises(asyncio.CancelledError):
        await watched.consult(asyncio.CancelledError())
    assert watched.counted("abandoned")
    assert watched.events() == []


async def test_a_circuit_that_opens_or_closes_is_said_once(watched: Watched) -> None:
    for is_closed in (False, False, True):
        watched.source.circuit_closed = is_closed
        await watched.consult()
    assert watched.events() == ["source.breaker", "source.breaker"]
    assert 'hub_source_available{source="nord"} 1.0' in generate_latest(watched.metrics.registry).decode()


async def test_puts_are_counted_by_how_they_end() -> None:
    metrics, kept, stream = Metrics(), DictionaryVault(), StringIO()
    vault = MeteredVault(kept, metrics=metrics, logger=open_log(stream))
    assert await vault.put(JAN, b"document") == await vault.key_of(JAN, b"document")
    kept.is_full = True
    with pytest.raises(HubError):
        await vault.put(JAN, b"another")
    assert not await vault.is_writable()
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["vault.failed"]
    text = generate_latest(metrics.registry).decode()
    assert 'hub_vault_puts_total{outcome="ok"} 1.0' in text
    assert 'hub_vault_puts_total{outcome="vault-unavailable"} 1.0' in text


class RefusingSealing:
    """Refuses for a reason of its caller, and for one of its own."""

    async def open(self, sealed: bytes, sender: Identity | None) -> bytes:  # noqa: ARG002 - as the port says
        raise HubError(Reason.SEAL_ALTERED)

    async def seal(self, content: bytes, recipient: EncryptionActor) -> bytes:  # noqa: ARG002 - as the port says
        raise HubError(Reason.SEALING_UNAVAILABLE, where="key depot")


async def test_sealing_is_counted_and_what_is_the_hubs_own_trouble_is_said() -> None:
    metrics, stream = Metrics(), StringIO()
    sealing = MeteredSealing(RefusingSealing(), metrics=metrics, logger=open_log(stream))
    with pytest.raises(HubError):
        await sealing.open(b"", None)
    assert stream.getvalue() == ""
    with pytest.raises(HubError):
        await sealing.seal(b"", EncryptionActor("NIHII", "1"))
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["problem"] == "key depot"
    text = generate_latest(metrics.registry).decode()
    assert 'hub_sealings_total{action="open",outcome="seal-altered"} 1.0' in text
    assert 'hub_sealings_total{action="seal",outcome="sealing-unavailable"} 1.0' in text
