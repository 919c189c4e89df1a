"""`hub bench audit`: how fast audit events reach the archive, and what lists lose while it catches up.

A hub with two workers and its archiver, on a Redis of its own; the archive is a SQLite file. First events come at a
fixed rate, as from callers. Then the archiver is stopped while an outage's worth of events comes, and goes on; lists
are asked for in turns while it stands and while it catches up. An outage of an hour at 1,000 events per second is 3.6
million events: fewer are taken, and the rate says how long all of them would take.
"""

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from redis.asyncio import Redis

from bench.command import AsJson, run
from bench.figures import machine, median, spread, tell
from bench.hub_process import HubProcess, running_hub, running_redis
from bench.messages import ASKER, ask_unsigned, doctor, headers
from bench.patients import ListedPatient, listed_patients, seed
from bench.permission import permit
from bench.processes import Running
from bench.wrk import Load, Wrk, write_bodies
from hub.archive.chain import read_end
from hub.domain.audit import Actor, AuditEvent, Outcome
from hub.domain.context import Origin
from hub.domain.identifiers import Ssin
from hub.observability.events import ARCHIVER_READY
from hub.sandbox.bulk import open_index
from hub.sandbox.configuration import INDEX_KEY_FILE
from hub.storage.archive_notes import ArchiveNotes
from hub.storage.audit_lanes import EVENT, PATIENT, EventSealer, lane_of
from hub.storage.connection import connect
from hub.storage.lane_store import LaneStore
from hub.storage.secrets import Pseudonyms

_ROWS = 90
_CONNECTIONS = 16
_PATIENTS_OF_EVENTS = 20_000
_TOGETHER = 500
_POLL = 0.25
_HOUR = 3600
_ACTOR = Actor(parties=doctor("19990116004", Ssin("70010199762"), "Ana", "Mesure"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    rate: int
    seconds: int
    outage: int
    rounds: int
    patients: int


def measure(
    *,
    rate: Annotated[int, typer.Option(min=1, help="Events per second that are to be kept up with.")] = 1000,
    seconds: Annotated[int, typer.Option(min=1, help="How long they come, and how long a turn of lists lasts.")] = 10,
    outage: Annotated[int, typer.Option(min=1, help="Events that wait when the archiver goes on.")] = 200_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often lists are asked for in each way.")] = 3,
    patients: Annotated[int, typer.Option(min=1, help="Patients whose lists are asked for.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Audit events into the archive at a fixed rate and after an outage, and lists meanwhile."""
    plan = Plan(rate=rate, seconds=seconds, outage=outage, rounds=rounds, patients=patients)
    run(partial(_measure, plan), title="The archive of audit events", as_json=as_json)


async def _measure(plan: Plan, folder: Path) -> Mapping[str, Any]:
    about, wrk, patients = machine(), Wrk.found(folder), list(listed_patients(plan.patients, _ROWS))
    async with running_redis(folder) as redis, _events(folder, redis.url) as events:
        async with open_index(folder, redis.url) as index:
            for listed in patients:
                await seed(index, listed)
        await permit(folder, redis.url, [listed.patient.ssin for listed in patients], [ASKER])
        async with running_hub(folder, redis) as hub:
            archiver = await _archiver_of(hub)
            lists = _Lists(wrk, hub, write_bodies(folder / "bodies", await _requests(patients)), plan.seconds)
            kept_up = await _sustained(events, archiver, plan)
            caught_up = await _after_an_outage(events, archiver, lists, plan)
    return {"rate": plan.rate, "outage": plan.outage} | kept_up | caught_up | {"machine": about}


class _Events:
    """Events of many patients, written as a hub writes them, and counted as long as they wait."""

    def __init__(self, client: Redis, secret: bytes) -> None:
        self._client, self._sealer = client, EventSealer(secret)
        self._notes, self._lanes = ArchiveNotes(client), LaneStore(client)
        chance = random.Random(5)  # noqa: S311 - which lanes
        pseudonyms = Pseudonyms(secret, key_id="b")
        self._tags = [pseudonyms.of(str(chance.random())) for _ in range(_PATIENTS_OF_EVENTS)]
        self._patient = Ssin("45123199772")
        self._written = 0

    async def write(self, number: int) -> None:
        """Write so many, many of them together."""
        for begin in range(0, number, _TOGETHER):
            async with self._client.pipeline(transaction=False) as pipeline:
                for _ in range(min(_TOGETHER, number - begin)):
                    mark, sealed = self._sealer.written(self._next())
                    pipeline.xadd(lane_of(self._tags[self._written % len(self._tags)]), {PATIENT: mark, EVENT: sealed})
                await pipeline.execute()

    async def waiting(self) -> int:
        """How many are not archived yet, those of the lists among them.

        Not before as many are archived as were written here is it worth a look at every lane.
        """
        head = await self._notes.head()
        at_least = self._written - (read_end(head).sequence if head else 0)
        return at_least if at_least > 0 else (await self._lanes.waiting()).events

    def _next(self) -> AuditEvent:
        self._written += 1
        origin = Origin(operation="GetTransactionList", request_id=f"request-{self._written}", message_id="message")
        return AuditEvent(
            at=datetime.now(UTC),
            origin=origin,
            actor=_ACTOR,
            outcome=Outcome.GRANTED,
            patient=self._patient,
            results=_ROWS,
        )


@asynccontextmanager
async def _events(folder: Path, url: str) -> AsyncIterator[_Events]:
    async with connect(url, timeout=30, connections=4) as client:
        yield _Events(client, bytes.fromhex((folder / INDEX_KEY_FILE).read_text()))


async def _archiver_of(hub: HubProcess) -> Running:
    """The process of the archiver, when it has said that it is ready."""
    while True:
        for line in hub.process.log.read_text("utf-8").splitlines():
            if f'"{ARCHIVER_READY.name}"' in line:
                return Running("archiver", json.loads(line)["pid"], hub.process.log)
        await asyncio.sleep(_POLL)


async def _requests(patients: Sequence[ListedPatient]) -> Sequence[bytes]:
    return await ask_unsigned([listed.patient.ssin for listed in patients])


@dataclass(frozen=True, slots=True)
class _Lists:
    """Callers who ask for lists as fast as they are answered."""

    wrk: Wrk
    hub: HubProcess
    bodies: Path
    seconds: int

    async def ask(self) -> Load:
        """For a turn."""
        return await self.wrk.load(
            self.hub.url,
            self.bodies,
            headers("GetTransactionList"),
            seconds=self.seconds,
            connections=_CONNECTIONS,
            servers=[self.hub.process],
        )


async def _sustained(events: _Events, archiver: Running, plan: Plan) -> dict[str, Any]:
    """Events at a fixed rate: how many wait at the end, and what one costs."""
    before, started, most = archiver.cpu_seconds(), time.monotonic(), 0
    for second in range(plan.seconds):
        await events.write(plan.rate)
        await asyncio.sleep(max(0.0, started + second + 1 - time.monotonic()))
        most = max(most, await events.waiting())
    wrote_for = time.monotonic() - started
    await _until_empty(events)
    cpu = archiver.cpu_seconds() - before
    return {
        "sustained_rate": round(plan.rate * plan.seconds / wrote_for),
        "sustained_most_waiting": most,
        "sustained_cpu_us_per_event": round(1e6 * cpu / (plan.rate * plan.seconds)),
    }


async def _after_an_outage(events: _Events, archiver: Running, lists: _Lists, plan: Plan) -> dict[str, Any]:
    """Lists while the archiver stands and while it catches up, in turns; then it catches up alone."""
    standing, catching_up, rates = [], [], []
    await lists.ask()
    for number in range(plan.rounds):
        os.kill(archiver.pid, signal.SIGSTOP)
        try:
            await events.write(plan.outage - await events.waiting())
            standing.append((await lists.ask()).rate)
        finally:
            os.kill(archiver.pid, signal.SIGCONT)
        before, started = await events.waiting(), time.monotonic()
        catching_up.append((await lists.ask()).rate)
        rates.append((before - await events.waiting()) / (time.monotonic() - started))
        tell(f"Round {number + 1}: lists/s {standing[-1]:.0f} and {catching_up[-1]:.0f}, archived/s {rates[-1]:.0f}")
    left, started = await events.waiting(), time.monotonic()
    await _until_empty(events)
    unhindered = left / (time.monotonic() - started)
    ratios = [beside / alone for beside, alone in zip(catching_up, standing, strict=True)]
    return {
        "list_rps": median(standing, 1),
        "list_rps_catching_up": median(catching_up, 1),
        "ratio_list": median(ratios, 2),
        "archived_per_second_beside_lists": median(rates, 0),
        "archived_per_second_alone": round(unhindered),
        "seconds_for_an_hour": round(plan.rate * _HOUR / unhindered) if unhindered else None,
        "spread": {
            "list_rps": spread(standing, 1),
            "list_rps_catching_up": spread(catching_up, 1),
            "ratio_list": spread(ratios, 2),
        },
    }


async def _until_empty(events: _Events) -> None:
    while await events.waiting():  # noqa: ASYNC110 - another process empties them
        await asyncio.sleep(_POLL)
