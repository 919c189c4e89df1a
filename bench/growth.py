"""An index that grows as a hub's does: one reference at a time, declared to whom has many more often than to others."""

import asyncio
import random
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bench.records import author_of, patient_number
from hub.domain.declarations import Declaration
from hub.domain.identifiers import Ssin
from hub.domain.parties import Code, Id
from hub.domain.references import Relevance, declare
from hub.ports.reference_index import ReferenceIndex
from hub.storage.bulk.index_access import IndexAccess
from hub.storage.bulk.worker_process import WorkerProcess
from hub.storage.index_secrets import IndexSecrets
from hub.storage.reference_index import RedisReferenceIndex
from hub.wire.kmehr.persons import unnamed_patient

_AT_ONCE = 16
"""Declarations under way in each process."""

_PART = 2_000
_SOURCE = "source-0"
_AUTHORS = 1_000


async def grow(access: IndexAccess, sizes: Sequence[int], *, count: int, workers: int, seed: int) -> float:
    """Declare so many references; the seconds it takes."""
    chance = random.Random(seed)  # noqa: S311 - test data, the same each time
    patients = chance.choices(range(len(sizes)), weights=sizes, k=count)
    parts = iter([patients[start : start + _PART] for start in range(0, count, _PART)])

    async def work(worker: WorkerProcess[Sequence[int], None]) -> None:
        for part in parts:
            await worker.do(part)

    async with AsyncExitStack() as stack:
        growing = Growing(access)
        crew = [await stack.enter_async_context(WorkerProcess.running(growing)) for _ in range(workers)]
        started = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for worker in crew:
                tasks.create_task(work(worker))
        return time.monotonic() - started


@dataclass(frozen=True, slots=True)
class Growing:
    """Declares in a process of its own: see `worker_process.Workshop`."""

    access: IndexAccess

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Callable[[Sequence[int]], Awaitable[None]]]:
        """Gives what declares one reference to each of some patients."""
        async with self.access.client() as client:
            index = RedisReferenceIndex(client, secrets=IndexSecrets.of(self.access.secret, self.access.pseudonyms))
            free = asyncio.Semaphore(_AT_ONCE)

            async def declare_to(numbers: Sequence[int]) -> None:
                async with asyncio.TaskGroup() as tasks:
                    for number in numbers:
                        await free.acquire()
                        task = tasks.create_task(_declare(index, patient_number(number)))
                        task.add_done_callback(lambda _: free.release())

            yield declare_to


async def _declare(index: ReferenceIndex, patient: Ssin) -> None:
    name = uuid.uuid4()
    new = Declaration.of(
        ids=(Id("ID-KMEHR", "1.0", "1"), Id("LOCAL", "1.0", name.hex, _SOURCE)),
        cds=(Code("CD-TRANSACTION", "1.14", "note"),),
        date="2026-03-02",
        time="10:00:00",
        author=author_of(name.int % _AUTHORS),
        iscomplete=True,
        isvalidated=True,
        recorddatetime="2026-03-02T10:05:00",
    )
    await index.change(
        patient,
        lambda before: declare(before, new, _SOURCE),
        Relevance.of(new),
        register=unnamed_patient(patient),
        witness=None,
    )
