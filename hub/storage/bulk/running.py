"""A whole import: what `hub import` does, and whoever else wants to load an index."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from hub.storage.bulk.checkpoint import Checkpoints
from hub.storage.bulk.execution import Execution
from hub.storage.bulk.forms import Forms
from hub.storage.bulk.import_worker import ImportWorker, Share, ShareReport
from hub.storage.bulk.importing import Import, Watcher, read_opening
from hub.storage.bulk.index_access import IndexAccess
from hub.storage.bulk.intake import Intake
from hub.storage.bulk.interning import Interning
from hub.storage.bulk.line_source import LineSource
from hub.storage.bulk.lines import digest_text
from hub.storage.bulk.new_patients import NewPatients
from hub.storage.bulk.packing_lines import LinePacker
from hub.storage.bulk.report import Counts
from hub.storage.bulk.worker_process import WorkerProcess
from hub.storage.index_secrets import IndexSecrets
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.secrets import Sealer


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
            index = RedisReferenceIndex(client, secrets=IndexSecrets.of(access.secret, access.pseudonyms))
            yield ImportWorker(packer=packer, newcomers=newcomers, index=index, forms=self.load_forms()).take


@dataclass(frozen=True, slots=True)
class Imported:
    """How an import went. `problems` say what is wrong with the file as a whole."""

    counts: Counts
    problems: list[str]
    resumed_behind: int
    seconds: float

    @property
    def is_complete(self) -> bool:
        """Whether every line of the file is in the index."""
        return not self.problems and not self.counts.rejected_lines

    @property
    def references_per_second(self) -> int:
        """Of the references that were read."""
        return round(self.counts.references / self.seconds)

    @property
    def digest(self) -> str:
        """What the digest of the file was found to be."""
        return digest_text(self.counts.digest)


async def import_file(
    source: LineSource,
    *,
    access: IndexAccess,
    load_forms: Callable[[], Forms],
    hub: str,
    sources: frozenset[str] | None,
    workers: int,
    watcher: Watcher,
) -> Imported:
    """Read a file into the index of the hub with this number; `sources` are the names that it may use, None for any.

    Raises ImportStopped, SourceError, KeyReplacedError, WrongKeyError, WorkerEnded, and HubError: index-unavailable,
    busy, internal.
    """
    started = time.monotonic()
    opening, blocks = read_opening(source.blocks())
    workshop = ImportWorkshop(access=access, load_forms=load_forms, takes_documents=opening.hub == hub)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(access.checked_client())
        crew = [await stack.enter_async_context(WorkerProcess.running(workshop)) for _ in range(workers)]
        interning = Interning(client, pseudonyms=access.pseudonyms, sealer=Sealer(access.secret))
        one = Import(
            workers=crew,
            intake=Intake(interning=interning, forms=load_forms(), sources=sources),
            checkpoints=Checkpoints(client, source.identity) if source.identity else None,
            watcher=watcher,
        )
        problems = await one.run(blocks)
    return Imported(one.counts, problems, one.resumed_behind, time.monotonic() - started)
