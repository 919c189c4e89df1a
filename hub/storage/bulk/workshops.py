"""What worker processes of imports and exports open for themselves; these values go to them through a pipe."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from redis.asyncio import Redis

from hub.storage.bulk.execution import Execution
from hub.storage.bulk.export_worker import ExportWorker, Pack, Part
from hub.storage.bulk.forms import Forms
from hub.storage.bulk.import_worker import ImportWorker, Share, ShareReport
from hub.storage.bulk.interning import Interning
from hub.storage.bulk.new_patients import NewPatients
from hub.storage.bulk.packing_lines import LinePacker
from hub.storage.connection import connect
from hub.storage.known_keys import require_known
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.secrets import Pseudonyms, Sealer

_CONNECTIONS = 64


class KeyReplacedError(Exception):
    """Patients are named by either of two pseudonym keys, of which one replaces the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexAccess:
    """Where the index is, and its keys. `timeout` is in seconds.

    Of a single server `wait_replicas` replicas have what stands before a checkpoint, of a cluster every change.
    """

    url: str = field(repr=False)
    timeout: float
    wait_replicas: int = 0
    pseudonyms: Pseudonyms = field(repr=False)
    secret: bytes = field(repr=False)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Redis]:
        """A client, closed at the end."""
        client = connect(self.url, timeout=self.timeout, connections=_CONNECTIONS, wait_replicas=self.wait_replicas)
        try:
            yield client
        finally:
            await client.aclose()

    @asynccontextmanager
    async def checked_client(self) -> AsyncIterator[Redis]:
        """The same, of an index that has one pseudonym key, which is this one.

        Raises KeyReplacedError, WrongKeyError, and HubError (index-unavailable).
        """
        if self.pseudonyms.previous or self.pseudonyms.following:
            raise KeyReplacedError
        async with self.client() as client:
            await require_known(client, self.pseudonyms)
            yield client


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWorkshop:
    """Takes in shares of a file; `takes_documents` says whether the file is this hub's own."""

    access: IndexAccess
    load_forms: Callable[[], Forms]
    takes_documents: bool

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Callable[[Share], Awaitable[ShareReport]]]:
        """See `worker_process.Workshop`."""
        access = self.access
        sealer = Sealer(access.secret)
        async with access.client() as client:
            packer = LinePacker(
                client, pseudonyms=access.pseudonyms, sealer=sealer, takes_documents=self.takes_documents
            )
            newcomers = NewPatients(client, Execution(client), pseudonyms=access.pseudonyms, sealer=sealer)
            index = RedisReferenceIndex(client, pseudonyms=access.pseudonyms, sealer=sealer)
            yield ImportWorker(packer=packer, newcomers=newcomers, index=index, forms=self.load_forms()).take


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWorkshop:
    """Writes parts of a file."""

    access: IndexAccess
    load_forms: Callable[[], Forms]
    pack: Pack

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Callable[[Sequence[str]], Awaitable[Part]]]:
        """See `worker_process.Workshop`."""
        sealer = Sealer(self.access.secret)
        async with self.access.client() as client:
            interning = Interning(client, pseudonyms=self.access.pseudonyms, sealer=sealer)
            worker = ExportWorker(client, interning=interning, sealer=sealer, forms=self.load_forms(), pack=self.pack)
            yield worker.write
