"""The pseudonym key is replaced under the hands of callers: what they are told can be explained as if it were not."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from itertools import count

import pytest
from redis.asyncio import Redis

from bench.open_gate import OPEN_GATE
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient
from hub.domain.references import Change, Relevance, TransactionReference
from hub.domain.search import Criteria, PageRequest
from hub.ports.reference_index import Found, Gate, ReferenceIndex, Rule, Witness
from hub.storage.index_secrets import IndexSecrets
from hub.storage.reference_index import RedisReferenceIndex
from tests.builders import a_declaration
from tests.consistency.workload import Caller, Story, invented_patients
from tests.contract.rotating import (
    AFTER,
    ALL,
    BEFORE,
    INDEX_SECRET,
    KNOWS,
    MOVES,
    PAGE,
    Worker,
    connected,
    forget,
    rotate,
)

PLACES = pytest.mark.parametrize("place", ["redis_url", "cluster_url"])
CALLERS = 12


class OlderOnly(RedisReferenceIndex):
    """The index of a worker that knows only the older key: what it refuses surely has not happened."""

    async def find(self, patient: Ssin, criteria: Criteria, page: PageRequest, gate: Gate) -> Found:
        with refused_is_busy():
            return await super().find(patient, criteria, page, gate)

    async def get(self, patient: Ssin, serial: int) -> TransactionReference | None:
        with refused_is_busy():
            return await super().get(patient, serial)

    async def change(
        self,
        patient: Ssin,
        rule: Rule,
        relevance: Relevance,
        *,
        register: Patient | None = None,
        witness: Witness | None,
    ) -> Change:
        with refused_is_busy():
            return await super().change(patient, rule, relevance, register=register, witness=witness)


@contextmanager
def refused_is_busy() -> Iterator[None]:
    try:
        yield
    except HubError as refusal:
        raise HubError(Reason.BUSY) if refusal.reason is Reason.INDEX_UNAVAILABLE else refusal from None


@asynccontextmanager
async def indexes_of_all_steps(url: str) -> AsyncIterator[list[ReferenceIndex]]:
    """One that knows only the older key, one that knows the newer too, two that move patients to it."""
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(url)) for _ in range(4)]
        yield [
            (OlderOnly if pseudonyms is BEFORE else RedisReferenceIndex)(
                client, secrets=IndexSecrets.of(INDEX_SECRET, pseudonyms)
            )
            for client, pseudonyms in zip(clients, (BEFORE, KNOWS, MOVES, MOVES), strict=True)
        ]


async def check(url: str, *, rounds: int) -> None:
    """So many rounds of a hundred operations on two patients, with a rotation in the middle of each."""
    patients = invented_patients(2 * rounds, seed=2)
    async with indexes_of_all_steps(url) as indexes, connected(url) as client:
        for seed in range(rounds):
            stories = [Story(patient) for patient in patients[2 * seed : 2 * seed + 2]]
            await told_during_a_rotation(client, indexes, stories, seed)
            for story in stories:
                assert story.unexplained() is None, f"round {seed}"
                assert len(story) > 10


async def told_during_a_rotation(
    client: Redis, indexes: Sequence[ReferenceIndex], stories: Sequence[Story], seed: int
) -> None:
    """Callers tell stories; when a third is told everything is moved, by two who do not know of each other.

    At last they ask somebody who knows only the newer key.
    """
    third = asyncio.Event()

    async def play(caller: Caller) -> None:
        for turn in range(9):
            await caller.act()
            if turn == 2:
                third.set()

    async def move() -> None:
        await third.wait()
        await rotate(client)

    async with asyncio.TaskGroup() as group:
        for number in range(CALLERS):
            group.create_task(play(Caller(indexes, stories, seed=seed * CALLERS + number)))
        for _ in range(2):
            group.create_task(move())
    assert (await rotate(client)).left == 0
    after = Worker.of(client, AFTER)
    for number in range(4):
        await Caller([after.index], stories, seed=number).act()


@PLACES
async def test_all_that_callers_are_told_during_rotations_can_be_explained(
    place: str, request: pytest.FixtureRequest
) -> None:
    await check(request.getfixturevalue(place), rounds=5)


@pytest.mark.slow
@PLACES
async def test_all_that_many_callers_are_told_during_rotations_can_be_explained(
    place: str, request: pytest.FixtureRequest
) -> None:
    await check(request.getfixturevalue(place), rounds=60)


class Town:
    """Some patients, and what was acknowledged of each."""

    def __init__(self, patients: Sequence[Ssin]) -> None:
        self.patients = patients
        self.acknowledged: dict[Ssin, set[str]] = {patient: set() for patient in patients}
        self.is_over = asyncio.Event()

    async def declare(self, worker: Worker, name: str) -> None:
        """Declare a document for everybody whom the worker does not refuse."""
        for patient in self.patients:
            with suppress_refusal(worker):
                await worker.declare(patient, a_declaration(name))
                self.acknowledged[patient].add(name)

    async def watch(self, worker: Worker, offset: int) -> None:
        """Look at one patient after the other, whatever happens; each is known and has all that was acknowledged."""
        for turn in count(offset):
            if self.is_over.is_set():
                return
            patient = self.patients[turn % len(self.patients)]
            acknowledged = {*self.acknowledged[patient]}
            with suppress_refusal(worker):
                found = await worker.index.find(patient, ALL, PAGE, OPEN_GATE)
                assert found.patient
                assert acknowledged <= {row.declaration.ids[1].value for row in found.page.rows}
                assert await worker.patients.get(patient)


@contextmanager
def suppress_refusal(worker: Worker) -> Iterator[None]:
    """Who knows only the older key may be refused; nobody else."""
    try:
        yield
    except HubError as refusal:
        if not worker.may_be_refused or refusal.reason is not Reason.INDEX_UNAVAILABLE:
            raise


@PLACES
async def test_nobody_is_ever_shown_less_than_was_acknowledged(place: str, request: pytest.FixtureRequest) -> None:
    """Readers of every step look at patients without pause while they are written to, moved and cleaned up after."""
    town = Town(invented_patients(40, seed=3))
    async with connected(request.getfixturevalue(place)) as client:
        workers = [Worker.of(client, pseudonyms) for pseudonyms in (BEFORE, KNOWS, MOVES, MOVES)]
        await town.declare(workers[0], "FIRST")
        async with asyncio.TaskGroup() as readers:
            for number, worker in enumerate(workers):
                readers.create_task(town.watch(worker, number))
            async with asyncio.TaskGroup() as writers:
                for number, worker in enumerate(workers):
                    writers.create_task(town.declare(worker, f"DURING-{number}"))
                writers.create_task(rotate(client))
            assert (await rotate(client)).left == 0
            town.is_over.set()
        assert (await forget(client)).left == {}
        after = Worker.of(client, AFTER)
        for patient, names in town.acknowledged.items():
            assert {*await after.names(patient)} == names
