"""An import that is killed at any moment and run again brings in everything once."""

import asyncio
import random
from multiprocessing import active_children
from pathlib import Path

import pytest

from hub.storage.bulk.worker_process import WorkerEnded
from hub.storage.connection import masters
from tests.bulk.files import Content, a_population
from tests.bulk.loading import Watcher, access_to, exported, imported
from tests.bulk.operator import Operator


async def killed_at(operator: Operator, file: Path, *, keys: int) -> None:
    """Import, and kill the process as soon as the store has so many keys; its workers see that it has gone."""
    async with operator.client() as client, operator.running("import", file) as process:
        while sum([await server.dbsize() for server in await masters(client)]) < keys:
            assert process.returncode is None, "it has ended before it could be killed"
        process.kill()
        await process.wait()


async def imported_with_kills(operator: Operator, *, references: int, kills: int, seed: int) -> None:
    file = operator.folder / "in"
    file.write_bytes(await a_population(references))
    content = Content.of(file)
    assert content.closing.patients is not None
    chance = random.Random(seed)
    # A registration and references of each patient; the rest are dictionaries, and how far the import has come.
    moments = sorted(chance.randrange(1, 2 * content.closing.patients * 9 // 10) for _ in range(kills))
    for keys in moments:
        await killed_at(operator, file, keys=keys)
    done = await imported(operator.url, file, Watcher())
    assert (done.is_complete, done.counts.references, done.digest) == (True, references, content.closing.digest)
    await exported(access_to(operator.url), out := operator.folder / "out")
    assert Content.of(out)[1:] == content[1:]


async def test_a_killed_import_is_completed_by_the_next(operator: Operator) -> None:
    await imported_with_kills(operator, references=10_000, kills=2, seed=5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
async def test_an_import_may_be_killed_many_times(any_operator: Operator, seed: int) -> None:
    await imported_with_kills(any_operator, references=100_000, kills=10, seed=seed)


async def test_an_import_whose_worker_is_killed_ends(operator: Operator) -> None:
    file = operator.folder / "in"
    file.write_bytes(await a_population(2_000))
    importing = asyncio.create_task(imported(operator.url, file, Watcher()))
    while not active_children():
        await asyncio.sleep(0.002)
    for worker in active_children():
        worker.kill()
    with pytest.raises(WorkerEnded):
        await importing
