"""The archiver: the process that moves audit events from Redis into the archive, and drops those that are too old.

One is enough for a hub, and one at a time works: others, of hubs that share the Redis, stand by. When the database is
away events wait in Redis; callers notice nothing.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import uvloop

from hub.archive.archiving import Archiving, WrongArchiveError
from hub.archive.audit_archive import ArchiveMovedError, AuditArchive
from hub.archive.columns import ColumnMaker
from hub.archive.database import ArchiveUnavailableError
from hub.archive.opening import open_archive
from hub.child_process import serving_state, stop_signal, take
from hub.domain.errors import HubError
from hub.observability.events import AUDIT_ALTERED, AUDIT_ARCHIVING, AUDIT_DROPPED, AUDIT_FAILED, Logger, emit
from hub.observability.logging import adopt_library_logs, open_log
from hub.observability.metrics import Metrics
from hub.orders import ArchiverOrder
from hub.runtime import BelgianClock
from hub.storage.archive_notes import ArchiveNotes
from hub.storage.audit_lanes import EventSealer, lanes
from hub.storage.connection import connect
from hub.storage.lane_store import LaneStore
from hub.web.health import Dependency

_BETWEEN_ROUNDS = 5.0
"""Seconds; nobody has to wait for them, for trails are read from the lanes as well."""
_TURN = 15.0
_MEASURED_EVERY = 60.0
_DROPPED_EVERY = 86400.0
_PAUSES = (0.5, 30.0)
_NICENESS = 10
"""Of a machine that has no time left it gets a tenth of what a worker gets."""

_WRONG_ARCHIVE = "it does not hold what was archived before: it is another archive, or was cut (hub verify-audit)"


def archive() -> None:
    """Run until told to stop."""
    order, metrics = take(ArchiverOrder), Metrics()
    logger = open_log(process="archiver", on_dropped=metrics.fields_dropped)
    adopt_library_logs(logger)
    _step_back()
    uvloop.run(_archive(order, metrics=metrics, logger=logger))


def _step_back() -> None:
    """Let the workers go first, also where the system shares the processors out by session (sched_autogroup)."""
    os.nice(_NICENESS)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_NICENESS))


async def _archive(order: ArchiverOrder, *, metrics: Metrics, logger: Logger) -> None:
    stop, settings = stop_signal(), order.settings
    client = connect(order.redis_url, timeout=settings.redis.timeout, connections=settings.redis.connections)
    try:
        secret = settings.index.secret.value
        async with open_archive(
            settings.audit_address(), patience=settings.audit.timeout, secret=secret, clock=BelgianClock()
        ) as opened:
            archiver = Archiver(
                LaneStore(client),
                archive=opened,
                notes=ArchiveNotes(client),
                maker=ColumnMaker(EventSealer(secret)),
                retention_months=settings.audit.retention_months,
                metrics=metrics,
                logger=logger,
            )
            async with serving_state(order.state_socket, archiver.state):
                await archiver.run(stop)
    finally:
        await client.aclose()


class Archiver:
    """Archives until it is told to stop, whatever fails meanwhile."""

    def __init__(
        self,
        lanes: LaneStore,
        *,
        archive: AuditArchive,
        notes: ArchiveNotes,
        maker: ColumnMaker,
        retention_months: int,
        metrics: Metrics,
        logger: Logger,
    ) -> None:
        self._lanes, self._archive, self._notes, self._maker = lanes, archive, notes, maker
        self._retention_months, self._metrics, self._logger = retention_months, metrics, logger
        self._name = f"{os.uname().nodename}:{os.getpid()}"
        self._problem = ""
        self._pause = _PAUSES[0]
        self._dropped_at = self._measured_at = self._turn_until = float("-inf")

    async def state(self) -> Sequence[Dependency]:
        """Whether events reach the archive; not required, for they wait when they do not."""
        detail = self._problem or "events are archived"
        return [Dependency(name="audit archive", is_well=not self._problem, is_required=False, detail=detail)]

    async def run(self, stop: asyncio.Event) -> None:
        """Archive until `stop` is set; the batch in hand is finished."""
        while not stop.is_set():
            problem = ""
            failure: Exception | None = None
            try:
                await self._archive_until(stop)
            except WrongArchiveError as error:
                problem, failure = _WRONG_ARCHIVE, error
            except ArchiveMovedError as error:
                problem, failure = "somebody else has archived at the same time", error
            except (ArchiveUnavailableError, HubError, ValueError) as error:
                problem, failure = f"{type(error).__name__}: {error}", error
            if failure is not None:
                await self._failed(problem, failure, stop)
        with suppress(HubError):
            await self._notes.leave_turn(self._name)

    async def _archive_until(self, stop: asyncio.Event) -> None:
        """Archive in turns with others. Raises what `Archiving` raises."""
        archiving = None
        while not stop.is_set():
            if not await self._has_turn():
                archiving, self._problem = None, ""
                await _wait(stop, _TURN / 3)
                continue
            if archiving is None:
                archiving = await Archiving.begin(
                    self._lanes, archive=self._archive, notes=self._notes, maker=self._maker
                )
                emit(self._logger, AUDIT_ARCHIVING, waiting=await self._measure())
            await self._drop_old()
            await self._round(archiving, stop)
            self._problem, self._pause = "", _PAUSES[0]
            await _wait(stop, _BETWEEN_ROUNDS)

    async def _round(self, archiving: Archiving, stop: asyncio.Event) -> None:
        """Look into every lane once, and empty those that have something."""
        some: Sequence[str] = lanes()
        while some and not stop.is_set() and await self._has_turn():
            batch = await archiving.move(some)
            some = batch.more
            self._metrics.audit_archived(batch.archived)
            if batch.altered:
                emit(self._logger, AUDIT_ALTERED, events=batch.altered)
            if time.monotonic() > self._measured_at + _MEASURED_EVERY:
                await self._measure()

    async def _has_turn(self) -> bool:
        """Whether it is our turn, for some seconds more at least."""
        now = time.monotonic()
        if now > self._turn_until - _TURN / 2:
            has_turn = await self._notes.take_turn(self._name, seconds=_TURN)
            self._turn_until = now + _TURN if has_turn else float("-inf")
        return now < self._turn_until

    async def _measure(self) -> int:
        """Tell how much waits; how many events that is."""
        self._measured_at = time.monotonic()
        waiting = await self._lanes.waiting()
        seconds = max(0.0, time.time() - waiting.since / 1000) if waiting.since else 0.0
        self._metrics.audit_waiting(waiting.events, seconds=seconds)
        return waiting.events

    async def _drop_old(self) -> None:
        if time.monotonic() > self._dropped_at + _DROPPED_EVERY:
            dropped = await self._archive.drop_old(months=self._retention_months)
            self._dropped_at = time.monotonic()
            if dropped:
                emit(self._logger, AUDIT_DROPPED, events=dropped)

    async def _failed(self, problem: str, failure: Exception, stop: asyncio.Event) -> None:
        """Say so, and wait a while before the next attempt."""
        self._problem, pause = problem, self._pause
        self._pause = min(self._pause * 2, _PAUSES[1])
        emit(self._logger, AUDIT_FAILED, problem=problem, retry_in=pause, exception=failure)
        with suppress(HubError):
            await self._measure()
        await _wait(stop, pause)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    """Wait for so long, or until the wish to stop."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
