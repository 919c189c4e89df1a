"""Documents on their way: refused while that is possible, cut when it is not, closed when nobody listens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

import aiohttp
import pytest
from prometheus_client import generate_latest

from hub.domain.errors import HubError, Reason
from hub.observability.logging import open_log
from hub.observability.metered import MeteredSource
from hub.observability.metrics import Metrics
from hub.ports.documents import DocumentRequest, DocumentSource, OpenDocument, Shape
from hub.runtime import BelgianClock
from hub.services.routing import Source
from hub.wire.hubservices.calls import get_transaction
from tests.builders import HOSPITAL_NIHII, JAN, a_context, a_declaration, a_hospital, a_patient, a_person
from tests.fakes.kmehr import a_kmehr_message
from tests.fakes.sources import ScriptedSource
from tests.integration.served_hub import ServedHub, served_hub

DOCUMENT = a_kmehr_message(JAN, "DOC-1", content="x" * 4_000_000)


class SlowSource(ScriptedSource):
    """Sends DOCUMENT up to a point, then waits for ever or fails."""

    def __init__(self, *, stops_at: int, fails: bool) -> None:
        super().__init__("chu")
        self.stops_at, self.fails = stops_at, fails
        self.stopped, self.closed = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def open(self, request: DocumentRequest) -> AsyncIterator[OpenDocument]:  # noqa: ARG002 - as the port says
        try:
            yield OpenDocument(Shape.KMEHR_MESSAGE, None, self._chunks())
        finally:
            self.closed.set()

    async def _chunks(self) -> AsyncIterator[bytes]:
        for start in range(0, self.stops_at, 65_536):
            yield DOCUMENT[start : min(start + 65_536, self.stops_at)]
        self.stopped.set()
        if self.fails:
            raise HubError(Reason.SOURCE_UNAVAILABLE, source=self.name)
        await asyncio.Event().wait()


class EndlessSource(SlowSource):
    """Sends a document that never ends, as fast as it is taken."""

    def __init__(self) -> None:
        super().__init__(stops_at=200_000, fails=False)

    async def _chunks(self) -> AsyncIterator[bytes]:
        yield DOCUMENT[: self.stops_at]
        while True:
            yield b"x" * 65_536


@asynccontextmanager
async def hub_with(
    redis_url: str, folder: Path, source: DocumentSource, *, request_timeout: float = 120
) -> AsyncIterator[ServedHub]:
    """A hub with one declared document of this source."""
    sources = [Source("chu", HOSPITAL_NIHII, source)]
    async with served_hub(redis_url, folder, sources, request_timeout=request_timeout) as hub:
        (await hub.doctor.put_patient(a_patient().as_put.decode())).accepted()
        (await hub.hospital.declare(JAN, a_declaration("DOC-1"))).accepted()
        yield hub


async def test_a_source_that_fails_early_is_told(redis_url: str, tmp_path: Path) -> None:
    async with hub_with(redis_url, tmp_path, SlowSource(stops_at=100_000, fails=True)) as hub:
        (row,) = (await hub.doctor.list(JAN)).summaries
        reply = await hub.doctor.get(JAN, row.ids[-1])
    assert [error.code for error in reply.errors] == ["source-unavailable"]
    assert "chu" in reply.errors[0].text


async def test_half_a_document_never_looks_like_a_whole_one(redis_url: str, tmp_path: Path) -> None:
    metrics, log = Metrics(), StringIO()
    source = MeteredSource(SlowSource(stops_at=2_000_000, fails=True), metrics=metrics, logger=open_log(log))
    async with hub_with(redis_url, tmp_path, source) as hub:
        (row,) = (await hub.doctor.list(JAN)).summaries
        with pytest.raises(aiohttp.ClientError):
            await hub.doctor.get(JAN, row.ids[-1])
    assert '"outcome":"interrupted"' in hub.log.getvalue()
    assert '"event":"source.failed"' in log.getvalue()
    counted = generate_latest(metrics.registry).decode()
    assert 'hub_source_calls_total{outcome="source-unavailable",source="chu"} 1.0' in counted


async def test_a_caller_who_does_not_read_is_cut_off_at_the_deadline(redis_url: str, tmp_path: Path) -> None:
    source = EndlessSource()
    async with hub_with(redis_url, tmp_path, source, request_timeout=1) as hub:
        (row,) = (await hub.doctor.list(JAN)).summaries
        context = a_context(a_person())
        call = get_transaction(a_hospital(), BelgianClock().now(), context, JAN, row.ids[-1], is_set=False)
        async with hub.session.post(hub.url, data=call.envelope, headers={"Content-Type": "text/xml"}) as response:
            assert response.status == 200
            async with asyncio.timeout(5):
                await source.closed.wait()
    assert '"outcome":"interrupted"' in hub.log.getvalue()


async def test_when_the_caller_leaves_the_source_is_let_go(redis_url: str, tmp_path: Path) -> None:
    source = SlowSource(stops_at=2_000_000, fails=False)
    async with hub_with(redis_url, tmp_path, source) as hub:
        (row,) = (await hub.doctor.list(JAN)).summaries
        fetching = asyncio.create_task(hub.doctor.get(JAN, row.ids[-1]))
        await source.stopped.wait()
        fetching.cancel()
        async with asyncio.timeout(5):
            await source.closed.wait()
    assert '"outcome":"abandoned"' in hub.log.getvalue().replace(" ", "")
