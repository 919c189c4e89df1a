"""Documents on their way: refused while that is possible, cut when it is not, closed when nobody listens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from hub.domain.errors import HubError, Reason
from hub.ports.documents import DocumentRequest, OpenDocument, Shape
from hub.services.routing import Source
from tests.builders import HOSPITAL_NIHII, JAN, a_declaration, a_patient
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


@asynccontextmanager
async def hub_with(redis_url: str, folder: Path, source: SlowSource) -> AsyncIterator[ServedHub]:
    """A hub with one declared document of this source."""
    async with served_hub(redis_url, folder, [Source("chu", HOSPITAL_NIHII, source)]) as hub:
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
    async with hub_with(redis_url, tmp_path, SlowSource(stops_at=2_000_000, fails=True)) as hub:
        (row,) = (await hub.doctor.list(JAN)).summaries
        with pytest.raises(aiohttp.ClientError):
            await hub.doctor.get(JAN, row.ids[-1])
    assert '"outcome":"interrupted-source-unavailable"' in hub.log.getvalue().replace(" ", "")


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
