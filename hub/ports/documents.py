"""Where documents are: the sources that hold them, and the hub's own vault."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from hub.domain.context import RequestContext
from hub.domain.identifiers import Ssin
from hub.domain.references import TransactionReference
from hub.domain.search import PublicationWish
from hub.ports.certificates import CertificateFiles


class Shape(Enum):
    """What the bytes of an open document are."""

    HUB_ANSWER = "hub answer"
    """A SOAP envelope with a GetTransactionResponse or GetTransactionSetResponse; the document is inside."""
    KMEHR_MESSAGE = "kmehr message"
    """A standalone KMEHR message."""
    PDF = "pdf"
    """A PDF file without any KMEHR around it."""


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """Which document, for whom: everything a source may need to find it and to keep its own audit trail."""

    patient: Ssin
    reference: TransactionReference
    context: RequestContext


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document that is being read. The chunks come as the source sends them, at the reader's pace.

    The iterator raises HubError (source-unavailable, source-too-late, source-too-large) when the source stops half-way.
    """

    shape: Shape
    size: int | None
    chunks: AsyncIterator[bytes]


class DocumentSource(Protocol):
    """A system that holds documents: a hospital, the vault, later a peer hub."""

    name: str

    def open(self, request: DocumentRequest) -> AbstractAsyncContextManager[OpenDocument]:
        """Ask for a document; leaving the context closes the connection to the source.

        Raises HubError: source-unavailable (down, refusing, its circuit open), source-too-late, source-answer (not
        what was agreed), source-lacks-document, source-too-large.
        """
        ...

    async def request_publication(self, wish: PublicationWish, context: RequestContext) -> None:
        """Pass on the wish that documents be published.

        Raises HubError: source-cannot-be-asked when there is no channel for it, and the errors of `open`.
        """
        ...

    @property
    def certificates(self) -> CertificateFiles | None:
        """What it is reached with and trusted by, when that stands in files."""
        ...

    def is_available(self) -> bool:
        """Whether the hub would try it now: false while its circuit breaker is open. Never talks to the source."""
        ...

    async def close(self) -> None:
        """Let go of its connections. Nothing is open any more when the hub calls this, once, at its end."""
        ...


class DocumentVault(Protocol):
    """The hub's own store of documents, encrypted at rest."""

    async def put(self, patient: Ssin, document: bytes) -> bytes:
        """Store a document durably and return its 16-byte key; the same document of the same patient has the same key.

        Raises HubError (vault-unavailable) and stores nothing when the disk is full or not writable.
        """
        ...

    async def key_of(self, patient: Ssin, document: bytes) -> bytes:
        """The key this document would have, without storing it."""
        ...

    async def is_writable(self) -> bool:
        """Whether a put would find its place now."""
        ...
