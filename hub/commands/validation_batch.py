"""Judging many files for `hub validate`: in order, two at a time, and no file stops the batch."""

import stat
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from pathlib import Path

from hub.wire.kmehr.document_judge import DocumentJudge
from hub.wire.kmehr.judgement import Judgement, unreadable
from hub.wire.kmehr.limits import ValidationLimits
from hub.wire.kmehr.validation_workers import judge_within, start_pool

_SUFFIXES = frozenset({".xml", ".kmehr"})
_PROCESSES = 2
_IN_FLIGHT = 8
"""So few files are read ahead, and so few share the fate of one that ends its worker."""


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The files that are meant: those named, and those of the folders named that look like messages, in order."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files.extend(sorted(file for file in path.rglob("*") if file.suffix.lower() in _SUFFIXES))
        else:
            files.append(path)
    return files


class Batch:
    """One run of the validator over files: its schemas, limits and time of day."""

    def __init__(self, *, schema_folder: Path, limits: ValidationLimits, now: datetime) -> None:
        self._schema_folder, self._limits, self._now = schema_folder, limits, now

    def judge(self, files: Sequence[Path]) -> Iterator[tuple[Path, Judgement]]:
        """Each file with its judgement, in the order given. Raises SchemaFolderError before the first one."""
        judge = DocumentJudge.load(self._schema_folder, self._limits)
        if len(files) > _IN_FLIGHT:
            yield from self._judge_in_workers(files)
            return
        for file in files:
            data = _read(file, self._limits)
            yield file, data if isinstance(data, Judgement) else judge.judge(data, now=self._now)

    def _judge_in_workers(self, files: Sequence[Path]) -> Iterator[tuple[Path, Judgement]]:
        pool = self._pool(_PROCESSES)
        waiting: deque[tuple[Path, Future[Judgement]]] = deque()
        try:
            for file in files:
                if len(waiting) == _IN_FLIGHT:
                    yield self._result(*waiting.popleft())
                try:
                    waiting.append((file, self._submit(pool, file)))
                except BrokenProcessPool:
                    pool = self._pool(_PROCESSES)
                    waiting.append((file, self._submit(pool, file)))
            while waiting:
                yield self._result(*waiting.popleft())
        finally:
            pool.shutdown(cancel_futures=True)

    def _result(self, file: Path, job: Future[Judgement]) -> tuple[Path, Judgement]:
        try:
            return file, job.result()
        except BrokenProcessPool:
            return file, self._judge_alone(file)

    def _judge_alone(self, file: Path) -> Judgement:
        """Another try for a file whose worker was ended, perhaps by its neighbour."""
        with self._pool(1) as pool:
            try:
                return self._submit(pool, file).result()
            except BrokenProcessPool:
                return unreadable(f"> {self._limits.worker_seconds:g} s")

    def _pool(self, processes: int) -> ProcessPoolExecutor:
        return start_pool(self._schema_folder, self._limits, processes)

    def _submit(self, pool: ProcessPoolExecutor, file: Path) -> Future[Judgement]:
        return pool.submit(judge_file, self._schema_folder, self._limits, file, self._now)


def judge_file(schema_folder: Path, limits: ValidationLimits, file: Path, now: datetime) -> Judgement:
    """In a worker: everything about one file."""
    data = _read(file, limits)
    return data if isinstance(data, Judgement) else judge_within(schema_folder, limits, data, now)


def _read(file: Path, limits: ValidationLimits) -> bytes | Judgement:
    """The bytes of a file, or why there are none."""
    try:
        about = file.stat()
        if not stat.S_ISREG(about.st_mode):
            return unreadable("not a regular file")
        if about.st_size > limits.message_bytes:
            return unreadable(f"{about.st_size} > {limits.message_bytes} bytes")
        return file.read_bytes()
    except OSError as error:
        return unreadable(error.strerror or type(error).__name__)
