"""Redis is killed at random moments under every kind of load: what was acknowledged is there, and nothing by halves."""

import asyncio
import os
import random
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from hub.domain.identifiers import Ssin
from hub.ports.reference_index import ReferenceIndex
from hub.storage.embedded import EmbeddedServer
from tests.consistency.test_concurrent_writers import CALLERS, opened
from tests.consistency.workload import Answer, Caller, List, Story, asked, invented_patients


async def killed_once(
    server: EmbeddedServer, indexes: Sequence[ReferenceIndex], stories: Sequence[Story], *, seed: int
) -> None:
    """Everybody is at work; Redis is killed and started again; everybody looks what there is."""
    over = asyncio.Event()

    async def play(caller: Caller) -> None:
        while not over.is_set():
            await caller.act()

    async with asyncio.TaskGroup() as group:
        for number in range(CALLERS):
            group.create_task(play(Caller(indexes, stories, seed=seed * CALLERS + number)))
        await asyncio.sleep(random.Random(seed).uniform(0.01, 0.15))  # nothing to wait for: any moment will do
        os.kill(server.pid, signal.SIGKILL)
        over.set()
    await server.ended()
    for story in stories:
        story.nothing_is_under_way()
    await server.start(patience=60)
    for story in stories:
        for index in indexes:
            await story.ask(index, List())


async def check(folder: Path, *, kills: int) -> None:
    patients = invented_patients(2 * kills, seed=2)
    left: dict[Ssin, Answer] = {}
    lost = 0
    async with EmbeddedServer.running(folder) as server, opened(server.url) as indexes:
        for seed in range(kills):
            stories = [Story(patient) for patient in patients[2 * seed : 2 * seed + 2]]
            await killed_once(server, indexes, stories, seed=seed)
            for story in stories:
                assert story.unexplained() is None, f"kill {seed}"
                left[story.patient] = await asked(indexes[0], story.patient, List())
            lost += sum(story.lost for story in stories)
        assert left == {patient: await asked(indexes[1], patient, List()) for patient in patients}, "nothing later"
    assert lost > kills, "Redis was killed while it was asked"


async def test_fifteen_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    await check(tmp_path, kills=15)


@pytest.mark.slow
async def test_two_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    await check(tmp_path, kills=200)
