"""The archiver goes on whatever fails: killed half-way, without its database, on a cluster."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

from prometheus_client import generate_latest

from hub.archive.archiving import Archiving
from hub.archiver import Archiver
from hub.observability.logging import open_log
from hub.observability.metrics import Metrics
from hub.storage.lane_store import Entry, LaneStore
from tests.audit_world import MAKER, AuditWorld
from tests.builders import JAN, an_event
from tests.postgres import PostgresServer

_PATIENCE = 60.0


class DyingLanes(LaneStore):
    """Lanes of a process that is killed when it would remove what it has archived."""

    async def remove(self, entries: Sequence[Entry]) -> None:
        """See above."""
        assert entries
        os.kill(os.getpid(), signal.SIGKILL)


def archive_and_die(redis_url: str, archive_url: str) -> None:
    """What an archiver does until it is killed."""

    async def archive() -> None:
        async with AuditWorld.open(redis_url, archive_url) as world:
            lanes = DyingLanes(world.client)
            archiving = await Archiving.begin(lanes, archive=world.archive, notes=world.notes, maker=MAKER)
            await archiving.move([entry.lane async for entries in lanes.all_entries() for entry in entries])

    asyncio.run(archive())


async def test_an_archiver_killed_between_the_database_and_the_store_archives_nothing_twice(
    redis_url: str, tmp_path: Path
) -> None:
    archive_url = f"sqlite:///{tmp_path}/audit.sqlite"
    async with AuditWorld.open(redis_url, archive_url) as world:
        events = await world.record(20)
        for _ in range(2):
            process = multiprocessing.get_context("spawn").Process(
                target=archive_and_die, args=(redis_url, archive_url)
            )
            process.start()
            await asyncio.to_thread(process.join)
            assert process.exitcode == -signal.SIGKILL
        assert (await world.lanes.waiting()).events == 20
        assert await world.of_jan() == events
        assert await world.archive_all() == 0
        assert await world.of_jan() == events
        assert await world.findings() == []


class Running:
    """An archiver that runs, what it logs and counts."""

    def __init__(self, world: AuditWorld) -> None:
        self._log, self.metrics = StringIO(), Metrics()
        self.archiver = Archiver(
            world.lanes,
            archive=world.archive,
            notes=world.notes,
            maker=MAKER,
            retention_months=120,
            metrics=self.metrics,
            logger=open_log(self._log),
        )

    @classmethod
    @asynccontextmanager
    async def on(cls, world: AuditWorld) -> AsyncIterator["Running"]:
        """It is stopped in order at the end."""
        running, stop = cls(world), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(running.archiver.run(stop))
            try:
                yield running
            finally:
                stop.set()

    def logged(self, event: str) -> int:
        """How often an event has been logged."""
        return self._log.getvalue().count(f'"event": "{event}"') + self._log.getvalue().count(f'"event":"{event}"')

    def counted(self, line: str) -> bool:
        """Whether the metrics say so."""
        return line in generate_latest(self.metrics.registry).decode().splitlines()

    async def is_well(self) -> bool:
        """What health says of it."""
        (state,) = await self.archiver.state()
        assert not state.is_required
        return state.is_well


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not condition():
            await asyncio.sleep(0.05)


async def test_events_wait_while_the_database_is_away_and_are_archived_when_it_is_back(
    redis_url: str, postgres: PostgresServer
) -> None:
    async with AuditWorld.open(redis_url, postgres.url) as world, Running.on(world) as running:
        events = await world.record(5)
        await until(lambda: running.counted("hub_audit_archived_total 5.0"))
        postgres.stop()
        try:
            await world.record(3, first=5)
            await until(lambda: running.logged("audit.failed") > 0 and running.counted("hub_audit_waiting 3.0"))
            assert not await running.is_well()
        finally:
            postgres.start()
        await until(lambda: running.counted("hub_audit_archived_total 8.0"))
        assert running.logged("audit.archiving") > 1
        assert (await world.of_jan())[3:] == events
        assert await world.findings() == []


async def test_a_folder_that_was_no_folder_may_become_one(redis_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    folder.write_text("no folder")
    async with AuditWorld.open(redis_url, f"sqlite:///{folder}/audit.sqlite") as world, Running.on(world) as running:
        await world.record(2)
        await until(lambda: running.logged("audit.failed") > 0)
        folder.unlink()
        await until(lambda: running.counted("hub_audit_archived_total 2.0"))
        assert (folder / "audit.sqlite").stat().st_mode & 0o777 == 0o600


async def test_on_a_cluster_every_lane_is_found(cluster_url: str, tmp_path: Path) -> None:
    async with (
        AuditWorld.open(cluster_url, f"sqlite:///{tmp_path}/audit.sqlite") as world,
        Running.on(world) as running,
    ):
        for number in range(30):
            await world.trail.record(an_event(None, operation=f"Operation {number}"))
        await world.trail.record(an_event(JAN))
        assert await world.of_jan() == [an_event(JAN)]
        await until(lambda: running.counted("hub_audit_archived_total 31.0"))
        assert await world.of_jan() == [an_event(JAN)]
        assert (await world.lanes.waiting()).events == 0


async def test_of_two_archivers_one_stands_by_until_the_other_has_gone(redis_url: str, tmp_path: Path) -> None:
    async with AuditWorld.open(redis_url, f"sqlite:///{tmp_path}/audit.sqlite") as world:
        async with Running.on(world) as first:
            await until(lambda: first.logged("audit.archiving") == 1)
            assert not await world.notes.take_turn("another", seconds=1)
        assert await world.notes.take_turn("another", seconds=1)
