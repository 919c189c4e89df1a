"""Validation beside the event loop: a small pool of processes that judge documents at length, under limits.

Explaining a refusal is slow Python, and libxml2 needs quadratic time for a message in which very many siblings are
wrong; neither may hold up the other requests. A worker that takes too long is ended by the kernel and replaced.
"""

import asyncio
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from functools import cache, partial
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Self

from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.domain.findings import Finding
from hub.domain.identifiers import Ssin
from hub.secrecy import keep_memory_private
from hub.wire.kmehr.judgement import Judgement
from hub.wire.kmehr.limits import ValidationLimits
from hub.wire.kmehr.validation import KmehrValidator

if TYPE_CHECKING:
    from hub.wire.kmehr.document_judge import DocumentJudge


class ValidationWorkers:
    """The pool. An async context manager: entering starts the processes, which load the schemas, leaving ends them.

    They are started afresh, not forked: a fork would hold on to the listening socket of the hub.
    """

    def __init__(self, *, schema_folder: Path, limits: ValidationLimits, processes: int = 1) -> None:
        self._schema_folder, self._limits, self._processes = schema_folder, limits, processes
        self._pool: ProcessPoolExecutor | None = None
        self._waiting = 0

    async def __aenter__(self) -> Self:
        self._pool = start_pool(self._schema_folder, self._limits, self._processes)
        # The first job starts the process, which gets ready while the server does.
        self._pool.submit(os.getpid)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the processes, after the document they are at."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)

    async def judge(self, data: bytes, *, now: datetime, patient: Ssin | None = None) -> Judgement:
        """Everything about one document. Raises HubError: busy (too many wait), too-late (it took too long)."""
        pool = self._pool
        if pool is None or self._waiting >= self._limits.waiting:
            raise HubError(Reason.BUSY)
        self._waiting += 1
        try:
            job = pool.submit(judge_within, self._schema_folder, self._limits, data, now, patient)
            return await asyncio.wrap_future(job)
        except BrokenProcessPool as error:
            if self._pool is pool:
                self._pool = start_pool(self._schema_folder, self._limits, self._processes)
            raise HubError(Reason.TOO_LATE) from error
        finally:
            self._waiting -= 1


class MessageValidation:
    """What a server uses: the fast path on the event loop, everything slow beside it."""

    def __init__(self, *, schema_folder: Path, limits: ValidationLimits, workers: ValidationWorkers) -> None:
        """Raises SchemaFolderError when the folder holds no usable schemas."""
        self._limits, self._workers = limits, workers
        # A position that stands in the path itself ends the search there, whatever the size of the message.
        self._has_more_elements = etree.XPath(f"boolean(descendant::*[{limits.inline_elements}])")
        self._inline = KmehrValidator.load(schema_folder, limits)
        # libxml2 keeps its messages in the compiled schema: the thread has one of its own, and as there is only one
        # thread, one document at a time, also when a caller does not wait for his.
        self._aside, self._thread = KmehrValidator.load(schema_folder, limits), ThreadPoolExecutor(1, "validation")

    async def check(
        self, message: etree._Element, *, is_large: bool, now: datetime, patient: Ssin | None = None
    ) -> tuple[Finding, ...]:
        """What is wrong with a KMEHR document or hub message; explained when the schema refuses it.

        `is_large` says that there are many bytes, mostly an attachment; `patient` is the person that was asked for.
        Raises HubError: busy, too-late, for a message of very many elements only.
        """
        if self._has_more_elements(message):
            data = await asyncio.to_thread(etree.tostring, message, encoding="utf-8")
            return (await self._workers.judge(data, now=now, patient=patient)).findings
        if is_large:
            check = partial(self._aside.check, message, now=now, patient=patient)
            findings = await asyncio.get_running_loop().run_in_executor(self._thread, check)
        else:
            findings = self._inline.check(message, now=now, patient=patient)
        if not any(finding.is_of_schema for finding in findings):
            return findings
        data = await asyncio.to_thread(etree.tostring, message, encoding="utf-8")
        if len(data) > self._limits.explained_bytes:
            return findings
        try:
            return (await self._workers.judge(data, now=now, patient=patient)).findings
        except HubError:
            # The refusal stands; it is only said in fewer words.
            return findings


def start_pool(schema_folder: Path, limits: ValidationLimits, processes: int) -> ProcessPoolExecutor:
    """A pool of processes that hold the schemas and end with this process, however it ends."""
    return ProcessPoolExecutor(
        max_workers=processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(schema_folder, limits),
    )


def judge_within(
    schema_folder: Path, limits: ValidationLimits, data: bytes, now: datetime, patient: Ssin | None = None
) -> Judgement:
    """In a worker: judge a document, or be ended by the alarm that nobody handles."""
    signal.setitimer(signal.ITIMER_REAL, limits.worker_seconds)
    try:
        return _judge(schema_folder, limits).judge(data, now=now, patient=patient)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@cache
def _judge(schema_folder: Path, limits: ValidationLimits) -> "DocumentJudge":
    """The judge of this process; only the processes of the pool load what it explains with."""
    from hub.wire.kmehr.document_judge import DocumentJudge  # noqa: PLC0415 - a quarter of a second

    return DocumentJudge.load(schema_folder, limits)


def _begin(schema_folder: Path, limits: ValidationLimits) -> None:
    keep_memory_private()
    # An interrupt from the terminal is for the process that owns this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    Thread(target=_end_with_parent, daemon=True).start()
    _judge(schema_folder, limits).warm_up()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)
