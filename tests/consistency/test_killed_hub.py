"""The hub is killed at random moments while callers are at work over SOAP: what was acknowledged is there afterwards.

It is in the very next list on every worker, and nothing is there by halves.
"""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Literal, get_args

import pytest

from hub.domain.identifiers import Ssin
from hub.domain.references import VAULT
from hub.storage.embedded import EmbeddedServer
from hub.wire.schemas import SchemaSet, default_schema_folder
from tests.allowed import allow_on
from tests.builders import a_declaration, a_patient, a_person
from tests.consistency.soap_workload import Connection, SoapCaller, SoapStory, Told
from tests.consistency.workload import Declare, List, invented_patients
from tests.e2e.hub_process import HubProcess, is_alive, started, until, written

CALLERS = 8
WORKERS = 2
REGISTERS = {"register_patients_automatically = false": "register_patients_automatically = true"}

Victim = Literal["a worker", "all workers", "the supervisor", "Redis", "everything"]


class MortalHub:
    """A hub that is killed and comes back; `process` is the one that serves now."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self._folder, self._stack, self._numbers = folder, stack, count()
        self._schemas = SchemaSet.load(default_schema_folder())
        self.process: HubProcess

    @classmethod
    @asynccontextmanager
    async def running(cls, folder: Path) -> AsyncIterator["MortalHub"]:
        """One that is ready."""
        async with AsyncExitStack() as stack:
            hub = cls(folder, stack)
            await hub.start()
            yield hub

    async def start(self) -> None:
        """Start it, with a log of its own."""
        file = written(self._folder, name=f"hub-{next(self._numbers)}.toml", **REGISTERS)
        self.process = await self._stack.enter_async_context(started(file))
        await self.process.logged("hub.ready")

    @property
    def workers(self) -> list[int]:
        """Those that are ready."""
        return [pid for pid in self.process.worker_pids if is_alive(pid)]

    async def let_all_look(self, patients: Sequence[Ssin]) -> None:
        """The patients consent, and the doctor of the calls looks after them."""
        secret = bytes.fromhex((self._folder / "secrets" / "index.key").read_text())
        store = EmbeddedServer(self._folder / "data" / "redis", fsync="always").url
        await allow_on(store, secret, map(a_patient, patients), [a_person()])

    async def killed(self, victim: Victim, chance: random.Random) -> None:
        """Kill processes, one after the other in any order; return when what is left of the hub answers no more."""
        supervisor, redis, workers = self.process.process.pid, self.process.redis_pid, self.workers
        pids = {
            "a worker": [chance.choice(workers)],
            "all workers": workers,
            "the supervisor": [supervisor],
            "Redis": [redis],
            "everything": [supervisor, redis, *workers],
        }[victim]
        for pid in chance.sample(pids, len(pids)):
            os.kill(pid, signal.SIGKILL)
        orphans = workers if supervisor in pids else []
        await until(lambda: not any(is_alive(pid) for pid in (*pids, *orphans)))

    async def back(self) -> None:
        """Wait until it serves with all that belongs to it; start it when nobody else does."""
        if not is_alive(self.process.process.pid):
            await self.process.stopped()
            await self.start()
        await until(lambda: len(self.workers) == WORKERS)
        await self.process.turns(200)

    @asynccontextmanager
    async def connection(self, **headers: str) -> AsyncIterator[Connection]:
        """A caller's."""
        secret = self._folder / "secrets" / "index.key"
        async with Connection.open(self.process.intrahub, self._schemas, secret, **headers) as connection:
            yield connection

    async def listed_by_every_worker(self, story: SoapStory) -> None:
        """Ask on new connections until every worker has answered one."""
        answered: set[int] = set()
        while len(answered) < WORKERS:
            request_id = f"look-{next(self._numbers)}"
            async with self.connection(**{"X-Request-Id": request_id}) as connection:
                assert await story.ask(connection, List()) is not None
            answered.add(await self._worker_of(request_id))

    async def _worker_of(self, request_id: str) -> int:
        """Which worker answered a request."""
        answered: list[int] = []

        def is_logged() -> bool:
            lines = self.process.events("request.done")
            answered.extend(line["worker"] for line in lines if line["request_id"] == request_id)
            return bool(answered)

        await until(is_logged)
        return answered[0]


async def killed_once(hub: MortalHub, stories: Sequence[SoapStory], victim: Victim, *, seed: int) -> None:
    """Everybody is at work; something is killed, and comes back; everybody looks what there is."""
    chance, over = random.Random(seed), asyncio.Event()

    async def play(connection: Connection, number: int) -> None:
        caller = SoapCaller(connection, stories, seed=seed * CALLERS + number)
        while not over.is_set():
            await caller.act()

    async with hub.connection() as connection:
        for story in stories:
            await story.ask(connection, Declare(a_declaration()))
        async with asyncio.TaskGroup() as group:
            for number in range(CALLERS):
                group.create_task(play(connection, number))
            await asyncio.sleep(chance.uniform(0.02, 0.3))  # nothing to wait for: any moment will do
            group.create_task(hub.killed(victim, chance))
            await asyncio.sleep(0.02)  # while some are dead and others live
            over.set()
    await hub.back()
    for story in stories:
        story.nothing_is_under_way()
    for story in stories:
        await hub.listed_by_every_worker(story)


async def check(folder: Path, *, kills: int) -> None:
    patients = invented_patients(2 * kills, seed=5)
    left: dict[Ssin, Told] = {}
    lost = 0
    async with MortalHub.running(folder) as hub:
        await hub.let_all_look(patients)
        for seed in range(kills):
            stories = [SoapStory(patient) for patient in patients[2 * seed : 2 * seed + 2]]
            victim = get_args(Victim)[seed % 5]
            await killed_once(hub, stories, victim, seed=seed)
            for story in stories:
                assert story.unexplained() is None, f"kill {seed}, of {victim}"
                left[story.patient] = await listed(hub, story)
            lost += sum(story.lost for story in stories)
        async with hub.connection() as connection:
            assert left == {patient: await connection.ask(patient, List()) for patient in patients}, "nothing later"
    assert lost > kills, "it was killed while it was asked"


async def listed(hub: MortalHub, story: SoapStory) -> Told:
    """What is listed; whoever sees a document of the vault can read it."""
    in_vault = {reference.serial for reference in story.known if reference.source == VAULT}
    async with hub.connection() as connection:
        rows = await connection.ask(story.patient, List())
        assert isinstance(rows, tuple)
        for row in rows:
            assert row[0] not in in_vault or await connection.has_document(story.patient, row)
    return rows


async def test_five_kills_of_the_hub_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    await check(tmp_path, kills=5)


@pytest.mark.slow
async def test_sixty_kills_of_the_hub_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    await check(tmp_path, kills=60)
