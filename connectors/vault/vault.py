"""The vault as a store that the hub puts documents into, and as a source that it reads them from.

A document lies under a keyed digest of patient and content: the same document of the same patient has one place, and
nothing outside the sealed bytes tells whose it is. Sealing and writing happen in a thread, reading is a stream.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connectors.vault.sealing import HEADER_START, MasterKeys, SealBroken, Unsealer, document_size, header_size
from connectors.vault.storage import STORAGE_ERRORS, Storage
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.references import VAULT
from hub.domain.search import PublicationWish
from hub.ports.certificates import CertificateFiles
from hub.ports.documents import DocumentRequest, OpenDocument, Shape

_PIECE = 512 * 1024
_NAME_BYTES = 16


class Vault:
    """A `DocumentVault` and the `DocumentSource` of what is in it.

    `keys` are the master keys by their id; `key_id` names the one for new documents, the others open older ones.
    """

    name = VAULT

    def __init__(self, *, storage: Storage, keys: Mapping[str, bytes], key_id: str) -> None:
        self._storage = storage
        self._keys = MasterKeys(keys, key_id)
        self._naming_key = HKDF(SHA256(), 32, None, b"openhub vault: names of documents").derive(keys[key_id])

    async def key_of(self, patient: Ssin, document: bytes) -> bytes:
        """See `DocumentVault.key_of`. A new master key gives new names; the old ones keep working."""
        return await asyncio.to_thread(self._name, patient, document)

    async def put(self, patient: Ssin, document: bytes) -> bytes:
        """See `DocumentVault.put`. A document that is there already and can be read is left as it is."""
        key = await self.key_of(patient, document)
        if not await self._holds(key, document):
            try:
                await asyncio.to_thread(self._seal_and_put, key, document)
            except STORAGE_ERRORS as error:
                raise HubError(Reason.VAULT_UNAVAILABLE) from error
        return key

    async def is_writable(self) -> bool:
        """See `DocumentVault.is_writable`."""
        try:
            await asyncio.to_thread(self._storage.probe)
        except STORAGE_ERRORS:
            return False
        return True

    @asynccontextmanager
    async def open(self, request: DocumentRequest) -> AsyncIterator[OpenDocument]:
        """See `DocumentSource.open`.

        Raises HubError: vault-unavailable (the storage does not answer), source-lacks-document, source-answer (what
        is stored was changed, or its key is not configured), source-too-late.
        """
        key = request.reference.document
        if key is None:
            raise HubError(Reason.SOURCE_LACKS_DOCUMENT, source=self.name)
        reading = _Reading(self._storage, key, self._keys.open(key), request.context.deadline)
        with _translated():
            size = await reading.start()
        yield OpenDocument(Shape.KMEHR_MESSAGE, size, reading.chunks())

    async def request_publication(self, wish: PublicationWish, context: RequestContext) -> None:  # noqa: ARG002  # as the port says
        """Those who put documents here have no server to be asked: always source-cannot-be-asked."""
        raise HubError(Reason.SOURCE_CANNOT_BE_ASKED, source=self.name)

    @property
    def certificates(self) -> CertificateFiles | None:
        """See `DocumentSource.certificates`."""
        return None

    def is_available(self) -> bool:
        """Always: what fails here fails at once."""
        return True

    async def close(self) -> None:
        """Nothing is kept open."""

    def _name(self, patient: Ssin, document: bytes) -> bytes:
        name = hmac.new(self._naming_key, patient.to_bytes(), "sha256")
        name.update(document)
        return name.digest()[:_NAME_BYTES]

    def _seal_and_put(self, key: bytes, document: bytes) -> None:
        self._storage.put(_path(key), self._keys.seal(document, key))

    async def _holds(self, key: bytes, document: bytes) -> bool:
        """Whether the document is stored and whole."""
        reading = _Reading(self._storage, key, self._keys.open(key), deadline=None)
        try:
            if await reading.start() != len(document):
                return False
            async for _ in reading.chunks():
                pass
        except (*STORAGE_ERRORS, SealBroken, HubError):
            return False
        return True


class _Reading:
    """One document on its way out of the storage: read in pieces, opened segment by segment."""

    def __init__(self, storage: Storage, key: bytes, unsealer: Unsealer, deadline: float | None) -> None:
        self._storage = storage
        self._path = _path(key)
        self._unsealer = unsealer
        self._deadline = deadline
        self._stored = 0
        self._position = 0
        self._first = b""

    async def start(self) -> int:
        """Read the beginning; the size of the document."""
        async with asyncio.timeout_at(self._deadline):
            self._stored = await self._storage.size(self._path)
        piece = await self._next_piece() if self._stored else b""
        header = header_size(bytes(piece[:HEADER_START]))
        self._first = self._unsealer.feed(piece)
        return document_size(self._stored, header)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The document."""
        with _translated():
            if self._first:
                yield self._first
            while self._position < self._stored:
                if data := self._unsealer.feed(await self._next_piece()):
                    yield data
            yield self._unsealer.finish()

    async def _next_piece(self) -> memoryview:
        length = min(_PIECE, self._stored - self._position)
        async with asyncio.timeout_at(self._deadline):
            piece = await self._storage.read(self._path, self._position, length)
        self._position += length
        return piece


@contextmanager
def _translated() -> Iterator[None]:
    """What goes wrong below as what it means for a caller."""
    try:
        yield
    except TimeoutError as error:
        raise HubError(Reason.SOURCE_TOO_LATE, source=VAULT) from error
    except FileNotFoundError as error:
        raise HubError(Reason.SOURCE_LACKS_DOCUMENT, source=VAULT) from error
    except STORAGE_ERRORS as error:
        raise HubError(Reason.VAULT_UNAVAILABLE) from error
    except SealBroken as error:
        raise HubError(
            Reason.SOURCE_ANSWER, source=VAULT, problem=f"the stored document is damaged: {error}"
        ) from error


def _path(key: bytes) -> str:
    """Where a document lies: two levels, so that no folder gets too large."""
    name = key.hex()
    return f"{name[:2]}/{name[2:]}"
