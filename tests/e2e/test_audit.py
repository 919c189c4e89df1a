"""A served hub archives events, goes on when its archiver dies, and `hub verify-audit` finds what was done to it."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from redis.asyncio import Redis

from hub.storage.audit_lanes import EventSealer
from hub.storage.lane_store import LaneStore
from tests.builders import JAN, an_event
from tests.e2e.commands import run
from tests.e2e.hub_process import HubProcess, running, until


@asynccontextmanager
async def lanes_of(hub: HubProcess, folder: Path) -> AsyncIterator[tuple[LaneStore, EventSealer]]:
    """The lanes of a running hub, and its seal."""
    async with Redis.from_url(hub.redis_url) as client:
        yield LaneStore(client), EventSealer(bytes.fromhex((folder / "secrets" / "index.key").read_text()))


async def counts(hub: HubProcess, line: str) -> None:
    """Wait until the metrics say so."""
    async with asyncio.timeout(60):
        while line not in (await hub.metrics()).splitlines():
            await asyncio.sleep(0.1)


async def test_what_a_hub_archives_can_be_verified(tmp_path: Path) -> None:
    configuration, file = tmp_path / "hub.toml", tmp_path / "data" / "audit.sqlite"
    async with running(tmp_path) as hub, lanes_of(hub, tmp_path) as (lanes, sealer):
        for number in range(12):
            await lanes.write(str(number), sealer.written(an_event(JAN)))
        await counts(hub, "hub_audit_archived_total 12.0")
        status, facts, _ = await run(configuration, "verify-audit")
        assert (status, facts["events"], facts["findings"]) == (0, 12, [])
        assert (await run(configuration, "verify-audit", "--head", facts["head"])).status == 0
        assert JAN.digits.encode() not in file.read_bytes()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("DELETE FROM audit_event WHERE sequence > 10")
        database.execute("UPDATE audit_event SET outcome = 'refused' WHERE sequence = 4")
    status, facts, errors = await run(configuration, "verify-audit", "--head", facts["head"])
    assert status == 1
    assert [finding.partition(":")[0] for finding in facts["findings"][:3]] == ["4", "11 to 12", "11 to 12"]
    assert errors.splitlines() == facts["findings"]
    file.write_bytes(b"no database")
    assert (await run(configuration, "verify-audit")).status == 2
    assert (await run(tmp_path / "other.toml", "verify-audit")).status == 2


async def test_a_hub_serves_without_its_archiver_and_starts_it_again(tmp_path: Path) -> None:
    async with running(tmp_path) as hub, lanes_of(hub, tmp_path) as (lanes, sealer):
        await hub.logged("archiver.ready")
        (archiver,) = hub.events("archiver.ready")
        os.kill(archiver["pid"], signal.SIGSTOP)
        status, said = await hub.readiness()
        assert (status, said["dependencies"]["archiver"]["ok"]) == (200, False)
        os.kill(archiver["pid"], signal.SIGKILL)
        await lanes.write("x", sealer.written(an_event(JAN)))
        await counts(hub, "hub_audit_archived_total 1.0")
        assert len(hub.events("archiver.ended")) == 1
        await until(lambda: len(hub.events("archiver.ready")) == 2)
