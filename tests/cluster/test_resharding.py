"""Keys move from master to master while callers read and write them: everybody is answered, nothing is lost."""

import asyncio
from pathlib import Path

from bench.redis_cluster import LocalCluster
from tests.builders import a_declaration
from tests.consistency.test_concurrent_writers import CALLERS, opened
from tests.consistency.workload import Caller, Declare, Story, invented_patients


async def test_slots_move_around_twice_under_load(tmp_path: Path) -> None:
    stories = [Story(patient) for patient in invented_patients(12, seed=3)]
    over = asyncio.Event()

    async with LocalCluster.running(tmp_path) as cluster, opened(cluster.url) as indexes:

        async def play(caller: Caller) -> None:
            while not over.is_set():
                await caller.act()

        await asyncio.gather(*(story.ask(indexes[0], Declare(a_declaration())) for story in stories[:6]))
        async with asyncio.TaskGroup() as group:
            for seed in range(CALLERS):
                group.create_task(play(Caller(indexes, stories, seed=seed)))
            moved = sum([await give_all(cluster, start=start) for start in range(6)])
            over.set()

    assert moved > 6 * 6
    for story in stories:
        assert story.unexplained() is None
        assert story.lost == 0, "nobody was left without an answer"


async def give_all(cluster: LocalCluster, *, start: int) -> int:
    """Let one master give every slot in which there is something to the next; how many keys moved."""
    source, target = cluster.nodes[start % 3], cluster.nodes[(start + 1) % 3]
    return sum([await cluster.move_slot(slot, target) for slot in await cluster.slots_in_use(source)])
