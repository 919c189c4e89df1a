"""A whole export: what `hub export` does. Finds the patients, has workers write them, and keeps account."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from typing import IO

from redis.asyncio import Redis

from hub.domain.errors import HubError, Reason
from hub.storage import keys
from hub.storage.bulk.export_worker import ExportWorker, Pack, Part
from hub.storage.bulk.forms import Forms
from hub.storage.bulk.index_access import IndexAccess
from hub.storage.bulk.interning import Interning
from hub.storage.bulk.lines import Closing, Opening, digest_of, digest_text
from hub.storage.bulk.worker_process import WorkerProcess
from hub.storage.connection import masters, translated
from hub.storage.secrets import Sealer
from hub.storage.sweeping import batches

_AT_ONCE = 200
"""Patients in a part."""

Progress = Callable[[int, int, int], None]
"""Told how many patients are written, how many there are, and how many references were written."""


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


@dataclass(frozen=True, slots=True)
class Exported:
    """What a file has; `digest` as its last line states it."""

    patients: int
    references: int
    digest: str
    seconds: float

    @property
    def references_per_second(self) -> int:
        """On average."""
        return round(self.references / self.seconds)


async def export_file(
    target: IO[bytes],
    opening: Opening,
    *,
    access: IndexAccess,
    load_forms: Callable[[], Forms],
    pack: Pack,
    workers: int,
    progress: Progress,
) -> Exported:
    """Write all references of an index. A hub may use it meanwhile: each patient is written as they are at a moment.

    Raises OSError when the target does, KeyReplacedError, WrongKeyError, WorkerEnded, and HubError: index-unavailable.
    """
    started = time.monotonic()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(access.checked_client())
        workshop = ExportWorkshop(access=access, load_forms=load_forms, pack=pack)
        crew = [await stack.enter_async_context(WorkerProcess.running(workshop)) for _ in range(workers)]
        patients = await _patients(client, access.pseudonyms.key_id)
        export = _Export(target, pack=pack, total=len(patients), progress=progress)
        target.write(pack(opening.to_line() + b"\n"))
        await export.run(crew, patients)
        closing = export.close()
    return Exported(*closing, time.monotonic() - started)


async def _patients(client: Redis, key_id: str) -> Sequence[str]:
    """The pseudonyms of all patients.

    On a cluster keys may change their server meanwhile: who was not on one yet when it was asked is met on the second
    round.
    """
    found: dict[str, None] = {}
    with translated():
        rounds = min(2, len(await masters(client)))
    for _ in range(rounds):
        async for batch in batches(client, keys.patients("p", key_id)):
            found.update(dict.fromkeys(map(keys.pseudonym_in, batch.keys)))
    return list(found)


class _Export:
    """The file while it is written."""

    def __init__(self, target: IO[bytes], *, pack: Pack, total: int, progress: Progress) -> None:
        self._target, self._pack, self._total, self._progress = target, pack, total, progress
        self._words: dict[str, int] = {}
        self._patients = self._references = self._digest = 0

    async def run(self, crew: Sequence[WorkerProcess[Sequence[str], Part]], patients: Sequence[str]) -> None:
        """Let the workers write all patients, a part each at a time."""
        waiting = iter(patients)
        parts = iter(lambda: list(islice(waiting, _AT_ONCE)), [])
        try:
            async with asyncio.TaskGroup() as tasks:
                for worker in crew:
                    tasks.create_task(self._work(worker, parts))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    async def _work(self, worker: WorkerProcess[Sequence[str], Part], parts: Iterator[Sequence[str]]) -> None:
        for pseudonyms in parts:
            self._write(await worker.do(pseudonyms))

    def _write(self, part: Part) -> None:
        if words := self._new(part.words):
            self._target.write(self._pack(b"".join([line + b"\n" for line in words])))
        self._target.write(part.lines)
        self._patients += part.patients
        self._references += part.references
        self._digest += part.digest + sum(map(digest_of, words))
        self._progress(self._patients, self._total, self._references)

    def _new(self, words: dict[str, bytes]) -> list[bytes]:
        """The lines of labels that no worker has used before."""
        new = []
        for label, line in words.items():
            digest = digest_of(line)
            if label not in self._words:
                new.append(line)
            if self._words.setdefault(label, digest) != digest:
                raise HubError(Reason.INTERNAL, where="two meanings have the same label")
        return new

    def close(self) -> tuple[int, int, str]:
        """Write the last line; what it states."""
        stated = self._patients, self._references, digest_text(self._digest)
        closing = Closing(patients=stated[0], references=stated[1], digest=stated[2])
        self._target.write(self._pack(closing.to_line() + b"\n"))
        return stated
