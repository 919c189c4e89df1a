"""The long record, loaded into the index at once: thousands of declarations take longer than a start may."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from hub.config.secrets import SecretKey
from hub.domain.references import Change, PatientReferences, Relevance, TransactionReference
from hub.ports.reference_index import ReferenceIndex
from hub.sandbox.configuration import INDEX_KEY_FILE, INDEX_KEY_ID
from hub.sandbox.documents import SampleDocument
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.secrets import Pseudonyms


@asynccontextmanager
async def open_index(folder: Path, redis_url: str) -> AsyncIterator[ReferenceIndex]:
    """The index of the sandbox in a folder, with the keys of its hub."""
    secret = SecretKey.parse((folder / INDEX_KEY_FILE).read_text()).value
    client = connect(redis_url, timeout=10, connections=2)
    try:
        pseudonyms = Pseudonyms(secret, key_id=INDEX_KEY_ID)
        yield RedisReferenceIndex(client, secrets=IndexSecrets.of(secret, pseudonyms))
    finally:
        await client.aclose()


async def load_record(index: ReferenceIndex, documents: Sequence[SampleDocument]) -> None:
    """Refer to documents of one patient that the index does not know yet, in this order; nothing checks them again."""

    def rule(before: PatientReferences) -> Change:
        known = {name for row in before.rows for name in row.declaration.names()}
        new = [document for document in documents if not document.declaration.names() & known]
        added = tuple(
            TransactionReference(serial, document.declaration, document.source)
            for serial, document in enumerate(new, start=before.next_serial)
        )
        return Change((*added, *before.rows)[0], added=added)

    names = frozenset(name[2] for document in documents for name in document.declaration.names())
    await index.change(documents[0].patient.ssin, rule, Relevance(values=names), witness=None)
