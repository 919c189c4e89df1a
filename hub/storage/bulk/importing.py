"""An import from its first line to its last: reads, deals the lines out to workers, and keeps account.

All lines of a patient go to one worker, in their order. A block of lines is settled when all before it are; so one
number says how far the import has come.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from hub.storage.bulk.checkpoint import Checkpoints, Progress
from hub.storage.bulk.import_worker import NumberedLine, Share, ShareReport
from hub.storage.bulk.intake import Intake
from hub.storage.bulk.interning import NumberedAuthor
from hub.storage.bulk.line_source import Block
from hub.storage.bulk.lines import BadLine, Closing, Opening, digest_of, digest_text, look_at
from hub.storage.bulk.report import Counts, Rejected
from hub.storage.bulk.vocabulary import Kind
from hub.storage.bulk.worker_process import WorkerProcess

_WAITING = 8
"""Shares that wait for each worker."""

_SAVED_EVERY = 1.0
"""Seconds."""


class ImportStopped(Exception):
    """The import cannot go on; the text says why. What was read before is in the index, and may be read again."""


class Watcher(Protocol):
    """Who is told how an import goes."""

    def progressed(self, position: int, counts: Counts) -> None:
        """So much of the file has been read and is in the index."""
        ...

    def rejected(self, line: Rejected) -> None:
        """A line will not do. Raises ImportStopped when that ends the import."""
        ...


@dataclass(slots=True)
class _Round:
    """A block whose shares are with the workers, and what became of those that are back."""

    last_line: int
    position: int
    is_dealt: bool = False
    out: int = 0
    report: ShareReport = field(default_factory=ShareReport)

    def take_in(self, report: ShareReport) -> None:
        self.report.counts.add(report.counts)
        self.report.rejected += report.rejected

    def reject(self, line: NumberedLine, reason: str) -> None:
        self.report.counts.rejected_lines += 1
        self.report.rejected.append(Rejected(line.number, reason, line.text))


@dataclass(slots=True)
class _Desk:
    """A worker, the shares that wait for it, and the labels that it has not been told."""

    worker: WorkerProcess[Share, ShareReport]
    waiting: "asyncio.Queue[tuple[_Round, Share] | None]" = field(default_factory=lambda: asyncio.Queue(_WAITING))
    authors: dict[str, NumberedAuthor] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)

    def share(self, lines: Sequence[NumberedLine]) -> Share:
        share = Share(lines, self.authors, self.kinds)
        self.authors, self.kinds = {}, {}
        return share


def read_opening(blocks: Iterator[Block]) -> tuple[Opening, Iterator[Block]]:
    """The first line, and the blocks without it. Raises ImportStopped."""
    first = next(blocks, None)
    if first is None or not first.lines:
        raise ImportStopped("the file is empty")
    try:
        opening = Opening.read(first.lines[0].text)
    except BadLine as error:
        raise ImportStopped(f"line {first.lines[0].number}: {error}") from error
    return opening, chain([first._replace(lines=first.lines[1:])], blocks)


class Import:
    """One import. `counts` say how it has gone so far, also after it was stopped."""

    def __init__(
        self,
        *,
        workers: Sequence[WorkerProcess[Share, ShareReport]],
        intake: Intake,
        checkpoints: Checkpoints | None,
        watcher: Watcher,
    ) -> None:
        self._desks = [_Desk(worker) for worker in workers]
        self._intake, self._checkpoints, self._watcher = intake, checkpoints, watcher
        self._progress, self._begun_at, self._saved_at = Progress(), 0, time.monotonic()
        self._rounds: deque[_Round] = deque()
        self._closing: Closing | None = None
        self._saving = asyncio.Lock()

    @property
    def counts(self) -> Counts:
        """What has been settled."""
        return self._progress.counts

    @property
    def resumed_behind(self) -> int:
        """The line behind which this import has begun, 0 for the beginning."""
        return self._begun_at

    async def run(self, blocks: Iterator[Block]) -> list[str]:
        """Read to the end; what is wrong with the file as a whole, nothing when it is complete and in the index.

        Raises ImportStopped, WorkerEnded, SourceError, and HubError: index-unavailable, busy, internal.
        """
        if self._checkpoints:
            self._progress = await self._checkpoints.load()
        self._begun_at = self._progress.line
        try:
            async with asyncio.TaskGroup() as tasks:
                for desk in self._desks:
                    tasks.create_task(self._work(desk))
                while block := await asyncio.to_thread(next, blocks, None):
                    await self._deal(block)
                for desk in self._desks:
                    await desk.waiting.put(None)
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        problems = self._problems()
        if self._checkpoints and not problems:
            await self._checkpoints.forget()
        return problems

    async def _deal(self, block: Block) -> None:
        """Learn what the block says of labels, and give its other lines to the workers."""
        if not block.lines:
            return
        current = _Round(block.lines[-1].number, block.position)
        self._rounds.append(current)
        words: dict[str, list[NumberedLine]] = {"author": [], "kind": []}
        shares: list[list[NumberedLine]] = [[] for _ in self._desks]
        for line in block.lines:
            word, patient = look_at(line.text)
            if word in words:
                words[word].append(line)
            elif self._closing is not None:
                current.reject(line, "nothing is wanted behind the last line")
            elif word == "end":
                self._close(line, current)
            elif line.number > self._begun_at:
                shares[patient % len(shares)].append(line)
        await self._learn(words, current)
        for desk, lines in zip(self._desks, shares, strict=True):
            if lines:
                current.out += 1
                await desk.waiting.put((current, desk.share(lines)))
        current.is_dealt = True
        await self._settle()

    async def _learn(self, words: dict[str, list[NumberedLine]], current: _Round) -> None:
        learned = await self._intake.learn(words["author"], words["kind"])
        for desk in self._desks:
            desk.authors |= learned.authors
            desk.kinds |= learned.kinds
        bad = {line.number for line, _ in learned.bad}
        counts = current.report.counts
        for line in chain(*words.values()):
            if line.number > self._begun_at:
                digest = digest_of(line.text)
                counts.lines += 1
                counts.digest += digest
                counts.rejected_lines += line.number in bad
                counts.rejected_digest += digest if line.number in bad else 0
                counts.verified += 0 if line.number in bad else digest
        current.report.rejected += [
            Rejected(line.number, str(error), line.text) for line, error in learned.bad if line.number > self._begun_at
        ]

    def _close(self, line: NumberedLine, current: _Round) -> None:
        try:
            self._closing = Closing.read(line.text)
        except BadLine as error:
            current.reject(line, str(error))

    async def _work(self, desk: _Desk) -> None:
        while waiting := await desk.waiting.get():
            current, share = waiting
            current.take_in(await desk.worker.do(share))
            current.out -= 1
            await self._settle()

    async def _settle(self) -> None:
        """Account for the blocks that are done, up to the first that is not."""
        while self._rounds and self._rounds[0].is_dealt and not self._rounds[0].out:
            done = self._rounds.popleft()
            for line in sorted(done.report.rejected):
                self._watcher.rejected(line)
            if done.last_line > self._begun_at:
                self._progress.line = done.last_line
                self._progress.counts.add(done.report.counts)
            self._watcher.progressed(done.position, self._progress.counts)
        if self._checkpoints and time.monotonic() > self._saved_at + _SAVED_EVERY and not self._saving.locked():
            async with self._saving:
                self._saved_at = time.monotonic()
                await self._checkpoints.save(self._progress)

    def _problems(self) -> list[str]:
        counts, closing = self.counts, self._closing
        if closing is None:
            return ["the last line is missing: the file is cut off"]
        problems = []
        if closing.digest not in (None, digest_text(counts.digest)):
            problems.append("what was read has another digest than the last line states: the file was changed")
        if not counts.rejected_lines:
            for name, stated, read in (
                ("patient lines", closing.patients, counts.patients),
                ("references", closing.references, counts.references),
            ):
                if stated not in (None, read):
                    problems.append(f"{read} {name} were read, the last line states {stated}")
        if not counts.is_verified:
            problems.append("not every line that was read was found in the index again")
        return problems
