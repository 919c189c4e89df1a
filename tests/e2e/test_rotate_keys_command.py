"""`hub rotate-keys` and `hub upgrade-index` as an operator runs them, killed at any moment and run again."""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from hub.storage.secrets import Pseudonyms
from tests.builders import a_declaration
from tests.consistency.workload import invented_patients
from tests.contract.rotating import FIRST_SECRET, INDEX_SECRET, SECOND_SECRET, Worker, connected, keys_under
from tests.e2e import commands
from tests.e2e.hub_process import started

PATIENTS = invented_patients(300, seed=6)
KEYS = """
[index.pseudonym_keys]
1 = "first.key"
2 = "second.key"
"""
STEP_1 = 'key_id = "0"\npseudonym_key_id = "1"\nnext_pseudonym_key_id = "2"'
STEP_2 = 'key_id = "0"\npseudonym_key_id = "2"\nprevious_pseudonym_key_id = "1"'
STEP_4 = 'key_id = "0"\npseudonym_key_id = "2"'


class Operator:
    """Somebody with a hub's configuration and a shell."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        self._folder, self._url = folder, redis_url
        for name, secret in (("index", INDEX_SECRET), ("first", FIRST_SECRET), ("second", SECOND_SECRET)):
            (folder / f"{name}.key").write_text(secret.hex())

    def configure(self, keys: str) -> Path:
        """Write the configuration."""
        return commands.configured(self._folder, redis_url=self._url, more=f"{keys}{KEYS}")

    def running(self, command: str) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
        """A command on the configuration; killed at the end unless it has ended."""
        return commands.running(self._folder / "hub.toml", command)

    async def run(self, command: str) -> commands.Ended:
        """Run a command to its end."""
        return await commands.run(self._folder / "hub.toml", command)


@pytest.fixture
def operator(tmp_path: Path, redis_url: str) -> Operator:
    return Operator(tmp_path, redis_url)


async def killed_when_moved(operator: Operator, client: Redis, moved: int) -> None:
    """Rotate, and kill the process as soon as so many patients have moved."""
    async with operator.running("rotate-keys") as process:
        while len(await keys_under(client, "2")) < 2 * moved:
            assert process.returncode is None, "it has ended before it could be killed"
        process.kill()


async def rotated_with_kills(operator: Operator, redis_url: str, kills: range) -> None:
    """Rotate, killed after so many patients each, then to the end; and take the marks away."""
    async with connected(redis_url) as client:
        worker = Worker.of(client, Pseudonyms(FIRST_SECRET, key_id="1"))
        for patient in PATIENTS:
            await worker.declare(patient, a_declaration("A"))
        operator.configure(STEP_2)
        for moved in kills:
            await killed_when_moved(operator, client, moved)
        status, facts, errors = await operator.run("rotate-keys")
        assert (status, errors) == (0, "")
        assert facts.items() >= {"from": "1", "to": "2", "marks": len(PATIENTS), "complete": True}.items()
        assert facts["patients_moved"] <= len(PATIENTS) - max(kills) + 32
        operator.configure(STEP_4)
        status, facts, errors = await operator.run("rotate-keys")
        assert (status, errors) == (0, "")
        assert facts.items() >= {"marks_forgotten": len(PATIENTS), "complete": True}.items()
        assert await keys_under(client, "1") == []
        after = Worker.of(client, Pseudonyms(SECOND_SECRET, key_id="2"))
        for patient in PATIENTS:
            assert await after.names(patient) == ["A"]


async def test_a_rotation_that_was_killed_goes_on_where_it_was(operator: Operator, redis_url: str) -> None:
    await rotated_with_kills(operator, redis_url, range(100, 101))
    status, facts, _ = await operator.run("upgrade-index")
    assert (status, facts["patients_upgraded"], facts["complete"]) == (0, 0, True)
    async with started(operator.configure(STEP_1)) as hub:
        assert await hub.stopped() == 1
        assert "pseudonym key 1 was replaced in this index" in str(hub.events("hub.refused"))


@pytest.mark.slow
async def test_a_rotation_may_be_killed_many_times(operator: Operator, redis_url: str) -> None:
    await rotated_with_kills(operator, redis_url, range(1, 250, 12))


async def test_a_rotation_that_leaves_something_says_so(operator: Operator, redis_url: str) -> None:
    async with connected(redis_url) as client:
        worker = Worker.of(client, Pseudonyms(FIRST_SECRET, key_id="1"))
        await worker.declare(PATIENTS[0], a_declaration("A"))
        (registered,) = [key async for key in client.scan_iter(match="p:*")]
        await client.delete(registered)
        operator.configure(STEP_2)
        status, facts, _ = await operator.run("rotate-keys")
        assert (status, facts["patients_nameless"], facts["complete"]) == (1, 1, False)
        operator.configure(STEP_4)
        status, facts, _ = await operator.run("rotate-keys")
        assert (status, facts["left_under_1"], facts["complete"]) == (1, 1, False)


async def test_a_rotation_before_its_turn_says_what_to_do(operator: Operator) -> None:
    operator.configure(STEP_1)
    status, facts, errors = await operator.run("rotate-keys")
    assert (status, facts) == (1, {})
    assert "make 2 the pseudonym_key_id and 1 the previous_pseudonym_key_id" in errors
