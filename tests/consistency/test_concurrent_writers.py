"""Many callers at once on few patients, through several indexes: what all of them are told can be explained."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from bench.open_gate import OPEN_GATE
from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient
from hub.domain.references import Change, PatientReferences, Relevance, TransactionReference
from hub.domain.search import Criteria, PageRequest
from hub.ports.reference_index import ReferenceIndex, Rule, Witness
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.memory import MemoryReferenceIndex
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.secrets import Pseudonyms
from tests.builders import JAN, a_declaration, a_patient
from tests.consistency.workload import Caller, Story, invented_patients
from tests.contract.in_memory import memory_index

SECRET = bytes(range(32))
CALLERS = 12


@asynccontextmanager
async def opened(url: str, *, count: int = 3) -> AsyncIterator[list[ReferenceIndex]]:
    """Indexes as so many workers have them, each with connections of its own."""
    async with AsyncExitStack() as stack:
        clients = [connect(url, timeout=5, connections=CALLERS) for _ in range(count)]
        for client in clients:
            stack.push_async_callback(client.aclose)
        pseudonyms = Pseudonyms(SECRET, key_id="t")
        yield [RedisReferenceIndex(client, secrets=IndexSecrets.of(SECRET, pseudonyms)) for client in clients]


async def played(
    indexes: Sequence[ReferenceIndex], stories: Sequence[Story], *, seed: int, operations: int, documents: int = 5
) -> None:
    """Let callers tell these stories."""

    async def play(caller: Caller) -> None:
        for _ in range(operations // CALLERS + 1):
            await caller.act()

    async with asyncio.TaskGroup() as group:
        for number in range(CALLERS):
            caller = Caller(indexes, stories, seed=seed * CALLERS + number, documents=documents)
            group.create_task(play(caller))


async def check(url: str, *, rounds: int) -> None:
    """So many rounds of a hundred operations on two patients."""
    patients = invented_patients(2 * rounds, seed=1)
    async with opened(url) as indexes:
        for seed in range(rounds):
            stories = [Story(patient) for patient in patients[2 * seed : 2 * seed + 2]]
            await played(indexes, stories, seed=seed, operations=100)
            for story in stories:
                assert len(story) > 10
                assert story.unexplained() is None, f"round {seed}"


PLACES = pytest.mark.parametrize("place", ["redis_url", "cluster_url"])


@PLACES
async def test_a_thousand_operations_can_be_explained(place: str, request: pytest.FixtureRequest) -> None:
    await check(request.getfixturevalue(place), rounds=10)


@pytest.mark.slow
@PLACES
async def test_ten_thousand_operations_can_be_explained(place: str, request: pytest.FixtureRequest) -> None:
    await check(request.getfixturevalue(place), rounds=100)


async def test_a_record_that_grows_long_meanwhile_is_no_exception(redis_url: str) -> None:
    """Long records are stored in another way: it is changed under the hands of those who write and read."""
    declarations = [a_declaration(f"OLD-{number}", date=f"2025-01-{number % 28 + 1:02d}") for number in range(490)]
    before = PatientReferences(
        tuple(TransactionReference(serial, declaration, "chu") for serial, declaration in enumerate(declarations, 1)),
        len(declarations) + 1,
    )
    async with opened(redis_url) as indexes:
        await indexes[0].change(
            JAN,
            lambda _: Change(before.rows[0], added=tuple(before.rows)),
            Relevance(),
            register=a_patient(),
            witness=None,
        )
        story = Story(JAN, before)
        await played(indexes, [story], seed=1, operations=120, documents=1000)
        assert (await indexes[0].find(JAN, Criteria(), PageRequest(1, 1), OPEN_GATE)).page.total > 512
    assert story.unexplained() is None


class CarelessIndex(MemoryReferenceIndex):
    """An index that decides on what it read, and writes later."""

    async def change(
        self,
        patient: Ssin,
        rule: Rule,
        relevance: Relevance,
        *,
        register: Patient | None = None,
        witness: Witness | None,
    ) -> Change:
        change = await self.preview(patient, rule, relevance, register=register)
        await asyncio.sleep(0)
        return await super().change(patient, lambda _: change, relevance, register=register, witness=witness)


@pytest.mark.parametrize(("kind", "is_careful"), [(MemoryReferenceIndex, True), (CarelessIndex, False)])
async def test_an_index_that_loses_changes_is_caught(kind: type[MemoryReferenceIndex], is_careful: bool) -> None:
    story = Story(JAN)
    await played([memory_index(kind)], [story], seed=1, operations=100)
    assert (story.unexplained() is None) is is_careful
