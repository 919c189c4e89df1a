"""References of an older format are written anew while they are read and changed."""

import asyncio
import struct
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bench.open_gate import OPEN_GATE
from hub.storage import keys, patient_change
from hub.storage.connection import stored
from hub.storage.patient_places import Place
from hub.storage.patient_value import FORMAT_1, LONG, SHORT
from hub.storage.upgrading import Upgrade, Upgraded
from tests.builders import JAN, MILA, a_declaration
from tests.consistency.workload import invented_patients
from tests.contract.rotating import AFTER, ALL, MOVES, PAGE, Worker, connected, rotate

JANS, MILAS = (Place.of(AFTER.of(patient.digits)) for patient in (JAN, MILA))


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    """A client of an empty server."""
    async with connected(redis_url) as client:
        yield client


async def made_old(client: Redis, *references: str) -> None:
    """Write short records as the first version of the hub did: no count of current records in the header."""
    for key in references:
        value = stored(await client.get(key)) or b""
        _, revision, total, _ = struct.unpack_from("<BIII", value)
        await client.set(key, struct.pack("<BII", FORMAT_1, revision, total) + value[13:])


async def upgraded(client: Redis) -> Upgraded:
    """A run."""
    return await Upgrade(client).run(lambda *_: None)


async def test_what_is_old_is_written_anew_and_means_the_same(client: Redis) -> None:
    worker = Worker.of(client, AFTER)
    for patient in (JAN, MILA):
        for number in range(3):
            await worker.declare(patient, a_declaration(f"D{number}"))
    await made_old(client, JANS.references)
    told, kept = await worker.index.find(JAN, ALL, PAGE, OPEN_GATE), await client.get(MILAS.references)
    assert await upgraded(client) == Upgraded(patients=1, unreadable=0)
    assert (stored(await client.get(JANS.references)) or b"")[0] == SHORT
    assert await client.get(MILAS.references) == kept
    assert await worker.index.find(JAN, ALL, PAGE, OPEN_GATE) == told
    assert await upgraded(client) == Upgraded(patients=0, unreadable=0)


async def test_an_old_record_that_is_too_long_for_one_value_is_parted(
    client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker.of(client, AFTER)
    for number in range(9):
        await worker.declare(JAN, a_declaration(f"D{number}"))
    await made_old(client, JANS.references)
    told = await worker.index.find(JAN, ALL, PAGE, OPEN_GATE)
    for name, most in (("MOST_SHORT", 4), ("MOST_IN_LEAF", 4), ("_FILLED", 3)):
        monkeypatch.setattr(patient_change, name, most)
    assert await upgraded(client) == Upgraded(patients=1, unreadable=0)
    assert (stored(await client.hget(JANS.references, "d")) or b"")[0] == LONG
    assert await worker.index.find(JAN, ALL, PAGE, OPEN_GATE) == told
    assert await upgraded(client) == Upgraded(patients=0, unreadable=0)


async def test_what_cannot_be_read_is_reported_and_kept(client: Redis) -> None:
    await client.set(JANS.references, b"\x07 of another version")
    assert await upgraded(client) == Upgraded(patients=0, unreadable=1)
    assert await client.get(JANS.references) == b"\x07 of another version"


@pytest.mark.parametrize("place", ["redis_url", "cluster_url"])
async def test_nothing_is_lost_while_callers_write(place: str, request: pytest.FixtureRequest) -> None:
    patients = invented_patients(60, seed=4)
    async with connected(request.getfixturevalue(place)) as client:
        worker = Worker.of(client, AFTER)
        for patient in patients:
            await worker.declare(patient, a_declaration("OLD"))
        await made_old(client, *(Place.of(AFTER.of(patient.digits)).references for patient in patients))

        async def write() -> None:
            for patient in patients:
                await worker.declare(patient, a_declaration("NEW"))

        async with asyncio.TaskGroup() as group:
            group.create_task(write())
            runs = [group.create_task(upgraded(client)) for _ in range(2)]
        assert 0 < sum(run.result().patients for run in runs) <= len(patients)
        assert await upgraded(client) == Upgraded(patients=0, unreadable=0)
        for patient in patients:
            assert await worker.names(patient) == ["NEW", "OLD"]


async def test_what_has_moved_is_upgraded_where_it_is_and_marks_are_left_alone(client: Redis) -> None:
    worker = Worker.of(client, MOVES.previous or MOVES)
    await worker.declare(JAN, a_declaration("OLD"))
    (older,) = [key.decode() async for key in client.scan_iter(match=keys.patients("r"))]
    await made_old(client, older)
    assert (await rotate(client)).moved == 1
    assert await upgraded(client) == Upgraded(patients=1, unreadable=0)
    assert (await rotate(client)).marks == 1
    assert await Worker.of(client, AFTER).names(JAN) == ["OLD"]
