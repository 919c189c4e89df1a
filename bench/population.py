"""The people of a capital and what is known of them: invented, the same for a seed, written as a file for `hub import`.

The shape follows Brussels: 92.4 million references of 1.05 million patients, 88 each on average. How many a patient has
is log-normal (sigma 1.15: 17 % have more than 128, 0.4 % more than 1,000), at most 20,000. Besides, from half a million
references on, one patient has 100,000, and one for every ten million references (at least one) has 20,000.

What they are about: see `records`.
"""

import asyncio
import math
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import BinaryIO

from bench.records import RecordPart, RecordWriting, Words
from hub.storage.bulk.lines import Closing, Opening, digest_of, digest_text
from hub.storage.bulk.worker_process import WorkerProcess

_MEAN, _SIGMA, _MOST = 88, 1.15, 20_000
_GIANT, _GIANTS_FROM, _ONE_LARGE_IN = 100_000, 500_000, 10_000_000
_PART = 500
"""Patients that are written at once."""


@dataclass(frozen=True, slots=True)
class Population:
    """So many references in all; every part of it can be written for itself."""

    references: int
    seed: int = 3

    def sizes(self) -> list[int]:
        """How many references each patient has, by number; their sum is `references`."""
        chance = random.Random(self.seed)  # noqa: S311 - test data, the same each time
        sizes = []
        if self.references >= _GIANTS_FROM:
            sizes = [_GIANT, *([_MOST] * max(1, self.references // _ONE_LARGE_IN))]
        left = self.references - sum(sizes)
        center = math.log(_MEAN) - _SIGMA**2 / 2
        while left > 0:
            size = min(max(1, round(chance.lognormvariate(center, _SIGMA))), _MOST, left)
            sizes.append(size)
            left -= size
        chance.shuffle(sizes)  # so that the largest stand among the others
        return sizes

    async def write(self, file: BinaryIO, patients: range, sizes: Sequence[int], *, processes: int) -> int:
        """Write a file with the patients of these numbers; how many references it has."""
        words = Words.make(self.references)
        file.write(Opening(hub="bench").to_line() + b"\n")
        file.writelines(line + b"\n" for line in words.lines)
        digest = sum(map(digest_of, words.lines))
        async for written, part_digest in self._parts(words, patients, sizes, processes):
            file.write(written)
            digest += part_digest
        count = sum(sizes[patients.start : patients.stop])
        closing = Closing(patients=len(patients), references=count, digest=digest_text(digest))
        file.write(closing.to_line() + b"\n")
        return count

    async def _parts(
        self, words: Words, patients: range, sizes: Sequence[int], processes: int
    ) -> AsyncIterator[tuple[bytes, int]]:
        """The lines of some patients and their digest, in order; each process writes every so manieth part."""
        starts = range(patients.start, patients.stop, _PART)
        parts = [RecordPart(self.seed, first, sizes[first : min(first + _PART, patients.stop)]) for first in starts]
        async with AsyncExitStack() as stack:
            writing = RecordWriting(words.authors, words.kinds)
            crew = [await stack.enter_async_context(WorkerProcess.running(writing)) for _ in range(processes)]
            for at in range(0, len(parts), processes):
                async with asyncio.TaskGroup() as tasks:
                    jobs = zip(crew, parts[at : at + processes], strict=False)
                    written = [tasks.create_task(worker.do(part)) for worker, part in jobs]
                for task in written:
                    yield task.result()
