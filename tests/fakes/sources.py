"""Sources and a vault without a world, for services and handlers."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.references import VAULT
from hub.domain.search import PublicationWish
from hub.ports.documents import DocumentRequest, OpenDocument, Shape


async def _chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@dataclass
class ScriptedSource:
    """A source with one document (its own name, unless told otherwise); it counts what is open and keeps the wishes."""

    name: str
    document: bytes | None = None
    refuses: Reason | None = None
    open_documents: int = 0
    wishes: list[PublicationWish] = field(default_factory=list)

    @asynccontextmanager
    async def open(self, request: DocumentRequest) -> AsyncIterator[OpenDocument]:  # noqa: ARG002 - as the port says
        """The one document it has."""
        self.open_documents += 1
        try:
            yield OpenDocument(Shape.KMEHR_MESSAGE, None, _chunks(self.document or self.name.encode()))
        finally:
            self.open_documents -= 1

    async def request_publication(self, wish: PublicationWish, context: RequestContext) -> None:  # noqa: ARG002 - port
        """Accept, or refuse as told."""
        if self.refuses:
            raise HubError(self.refuses, where=self.name)
        self.wishes.append(wish)

    @property
    def certificates(self) -> None:
        return None

    def is_available(self) -> bool:
        """Always."""
        return True

    async def close(self) -> None:
        """Nothing is kept open."""


@dataclass
class DictionaryVault:
    """A vault in a dictionary that can be full."""

    name: str = VAULT
    is_full: bool = False
    documents: dict[bytes, bytes] = field(default_factory=dict)

    async def put(self, patient: Ssin, document: bytes) -> bytes:
        """See the port."""
        if self.is_full:
            raise HubError(Reason.VAULT_UNAVAILABLE)
        key = await self.key_of(patient, document)
        self.documents[key] = document
        return key

    async def key_of(self, patient: Ssin, document: bytes) -> bytes:
        """See the port."""
        return hashlib.sha256(patient.to_bytes() + document).digest()[:16]

    async def is_writable(self) -> bool:
        """See the port."""
        return not self.is_full

    @asynccontextmanager
    async def open(self, request: DocumentRequest) -> AsyncIterator[OpenDocument]:
        """See the port."""
        document = self.documents[request.reference.document or b""]
        yield OpenDocument(Shape.KMEHR_MESSAGE, len(document), _chunks(document))

    async def request_publication(self, wish: PublicationWish, context: RequestContext) -> None:  # noqa: ARG002 - port
        """See the port."""
        raise HubError(Reason.SOURCE_CANNOT_BE_ASKED, where=self.name)

    @property
    def certificates(self) -> None:
        return None

    def is_available(self) -> bool:
        """Always."""
        return True

    async def close(self) -> None:
        """Nothing is kept open."""
