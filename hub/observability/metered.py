"""Sources, national registers, the vault and sealing, counted and timed: each wraps a port and is one itself."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Generic, TypeVar

from hub.domain.context import RequestContext
from hub.domain.encryption import EncryptionActor
from hub.domain.errors import HubError, Kind, Reason
from hub.domain.identifiers import Ssin
from hub.domain.identity import Identity
from hub.domain.national import NationalQuestion
from hub.domain.search import PublicationWish
from hub.observability.events import SEALING_FAILED, SOURCE_BREAKER, SOURCE_FAILED, VAULT_FAILED, Logger, emit
from hub.observability.metrics import Metrics
from hub.ports.certificates import CertificateFiles
from hub.ports.documents import DocumentRequest, DocumentSource, DocumentVault, OpenDocument
from hub.ports.national import NationalService
from hub.ports.sealing import Sealing

Said = TypeVar("Said")


class MeteredSource:
    """Implements `hub.ports.documents.DocumentSource`."""

    def __init__(self, source: DocumentSource, *, metrics: Metrics, logger: Logger) -> None:
        self.name = source.name
        self._source = source
        self._calls = _Calls(source.name, source.is_available, metrics=metrics, logger=logger)

    @asynccontextmanager
    async def open(self, request: DocumentRequest) -> AsyncIterator[OpenDocument]:
        """See the port."""
        with _timed(self._calls.ended):
            async with self._source.open(request) as document:
                yield document

    async def request_publication(self, wish: PublicationWish, context: RequestContext) -> None:
        """See the port."""
        with _timed(self._calls.ended):
            await self._source.request_publication(wish, context)

    @property
    def certificates(self) -> CertificateFiles | None:
        """See the port."""
        return self._source.certificates

    def is_available(self) -> bool:
        """See the port."""
        return self._source.is_available()

    async def close(self) -> None:
        """See the port."""
        await self._source.close()


class MeteredNationalService(Generic[Said]):
    """Implements `hub.ports.national.NationalService`; counted among the sources."""

    def __init__(self, service: NationalService[Said], *, metrics: Metrics, logger: Logger) -> None:
        self.name = service.name
        self._service = service
        self._calls = _Calls(service.name, service.is_available, metrics=metrics, logger=logger)

    async def ask(self, question: NationalQuestion, context: RequestContext) -> Said:
        """See the port."""
        with _timed(self._calls.ended):
            return await self._service.ask(question, context)

    @property
    def certificates(self) -> CertificateFiles | None:
        """See the port."""
        return self._service.certificates

    def is_available(self) -> bool:
        """See the port."""
        return self._service.is_available()

    async def close(self) -> None:
        """See the port."""
        await self._service.close()


class _Calls:
    """Calls to one system: counted, and told of when they fail or when its circuit opens or closes."""

    def __init__(self, name: str, is_available: Callable[[], bool], *, metrics: Metrics, logger: Logger) -> None:
        self._name, self._is_available = name, is_available
        self._metrics, self._logger = metrics, logger
        self._was_available = True
        metrics.source_available(name, available=True)

    def ended(self, outcome: str, seconds: float, error: HubError | None) -> None:
        """A call has ended."""
        self._metrics.source_called(self._name, seconds=seconds, outcome=outcome)
        if error is not None and _is_failure(error):
            emit(
                self._logger,
                SOURCE_FAILED,
                source=self._name,
                outcome=outcome,
                problem=error.details.get("problem", ""),
                duration_ms=round(seconds * 1000, 1),
            )
        available = self._is_available()
        if available != self._was_available:
            self._was_available = available
            self._metrics.source_available(self._name, available=available)
            emit(self._logger, SOURCE_BREAKER, source=self._name, state="closed" if available else "open")


class MeteredVault:
    """Implements `hub.ports.documents.DocumentVault`."""

    def __init__(self, vault: DocumentVault, *, metrics: Metrics, logger: Logger) -> None:
        self._vault, self._metrics, self._logger = vault, metrics, logger

    async def put(self, patient: Ssin, document: bytes) -> bytes:
        """See the port."""
        with _timed(self._ended):
            return await self._vault.put(patient, document)

    async def key_of(self, patient: Ssin, document: bytes) -> bytes:
        """See the port."""
        return await self._vault.key_of(patient, document)

    async def is_writable(self) -> bool:
        """See the port."""
        return await self._vault.is_writable()

    def _ended(self, outcome: str, seconds: float, error: HubError | None) -> None:
        self._metrics.vault_put(seconds=seconds, outcome=outcome)
        if error is not None and _is_failure(error):
            emit(self._logger, VAULT_FAILED, exception=error.__cause__ or error)


class MeteredSealing:
    """Implements `hub.ports.sealing.Sealing`."""

    def __init__(self, sealing: Sealing, *, metrics: Metrics, logger: Logger) -> None:
        self._sealing, self._metrics, self._logger = sealing, metrics, logger

    async def open(self, sealed: bytes, sender: Identity | None) -> bytes:
        """See the port."""
        with _timed(partial(self._ended, "open")):
            return await self._sealing.open(sealed, sender)

    async def seal(self, content: bytes, recipient: EncryptionActor) -> bytes:
        """See the port."""
        with _timed(partial(self._ended, "seal")):
            return await self._sealing.seal(content, recipient)

    def _ended(self, action: str, outcome: str, seconds: float, error: HubError | None) -> None:
        self._metrics.sealing_done(action, seconds=seconds, outcome=outcome)
        if error is not None and _is_failure(error):
            emit(self._logger, SEALING_FAILED, action=action, problem=error.where)


@contextmanager
def _timed(ended: Callable[[str, float, HubError | None], None]) -> Iterator[None]:
    """Tell of a call how it ended, how many seconds it took, and why it was refused if it was."""
    started, outcome, refusal = time.monotonic(), "abandoned", None
    try:
        yield
        outcome = "ok"
    except HubError as error:
        outcome, refusal = error.reason.value, error
        raise
    finally:
        ended(outcome, time.monotonic() - started, refusal)


def _is_failure(error: HubError) -> bool:
    """Whether it was ours or the source's, rather than that the caller's time was over."""
    return error.kind in (Kind.UNAVAILABLE, Kind.TOO_LATE) and error.reason is not Reason.TOO_LATE
