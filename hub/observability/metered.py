"""Sources and the vault, counted and timed: each wraps a port and is one itself."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Kind
from hub.domain.identifiers import Ssin
from hub.domain.search import PublicationWish
from hub.observability.events import SOURCE_BREAKER, SOURCE_FAILED, Logger, emit
from hub.observability.metrics import Metrics
from hub.ports.documents import DocumentRequest, DocumentSource, DocumentVault, OpenDocument


class MeteredSource:
    """Implements `hub.ports.documents.DocumentSource`."""

    def __init__(self, source: DocumentSource, *, metrics: Metrics, logger: Logger) -> None:
        self.name = source.name
        self._source, self._metrics, self._logger = source, metrics, logger
        self._was_available = True
        metrics.source_available(self.name, available=True)

    @asynccontextmanager
    async def open(self, request: DocumentRequest) -> AsyncIterator[OpenDocument]:
        """See the port."""
        with _Call(self):
            async with self._source.open(request) as document:
                yield document

    async def request_publication(self, wish: PublicationWish, context: RequestContext) -> None:
        """See the port."""
        with _Call(self):
            await self._source.request_publication(wish, context)

    def is_available(self) -> bool:
        """See the port."""
        return self._source.is_available()

    async def close(self) -> None:
        """See the port."""
        await self._source.close()

    def ended(self, outcome: str, seconds: float, error: HubError | None) -> None:
        """Count a call that has ended, and say when the circuit of the source opened or closed."""
        self._metrics.source_called(self.name, seconds=seconds, outcome=outcome)
        if error is not None and error.kind in (Kind.UNAVAILABLE, Kind.TOO_LATE):
            emit(self._logger, SOURCE_FAILED, source=self.name, outcome=outcome, duration_ms=round(seconds * 1000, 1))
        available = self._source.is_available()
        if available != self._was_available:
            self._was_available = available
            self._metrics.source_available(self.name, available=available)
            emit(self._logger, SOURCE_BREAKER, source=self.name, state="closed" if available else "open")


class _Call:
    """One call to a source, from its start to its last byte."""

    def __init__(self, source: MeteredSource) -> None:
        self._source = source
        self._started = time.monotonic()

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        refusal = error if isinstance(error, HubError) else None
        outcome = refusal.reason.value if refusal else "ok" if error is None else "abandoned"
        self._source.ended(outcome, time.monotonic() - self._started, refusal)


class MeteredVault:
    """Implements `hub.ports.documents.DocumentVault`."""

    def __init__(self, vault: DocumentVault, *, metrics: Metrics) -> None:
        self._vault, self._metrics = vault, metrics

    async def put(self, patient: Ssin, document: bytes) -> bytes:
        """See the port."""
        started, outcome = time.monotonic(), "abandoned"
        try:
            key = await self._vault.put(patient, document)
        except HubError as error:
            outcome = error.reason.value
            raise
        else:
            outcome = "ok"
            return key
        finally:
            self._metrics.vault_put(seconds=time.monotonic() - started, outcome=outcome)

    def key_of(self, patient: Ssin, document: bytes) -> bytes:
        """See the port."""
        return self._vault.key_of(patient, document)

    async def is_writable(self) -> bool:
        """See the port."""
        return await self._vault.is_writable()
