"""A master is killed under load: its replica takes over, and of what was acknowledged no more is lost than was said."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from bench.open_gate import OPEN_GATE
from bench.redis_cluster import ClusterNode, LocalCluster, until
from hub.domain.declarations import Declaration
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.references import Change, PatientReferences, Relevance, declare
from hub.domain.search import Criteria, PageRequest
from hub.ports.reference_index import ReferenceIndex
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.secrets import Pseudonyms
from tests.builders import a_declaration, a_patient
from tests.consistency.workload import invented_patients

SECRET = bytes(range(32))
LAG = 1.0
"""Seconds before a failure whose changes may be lost, as docs/operations.md says it."""

Said = dict[tuple[Ssin, str], float]
"""By patient and document, when it was acknowledged."""


@asynccontextmanager
async def opened(url: str, *, wait_replicas: int, timeout: float = 10) -> AsyncIterator[ReferenceIndex]:
    client = connect(url, timeout=timeout, connections=16, wait_replicas=wait_replicas)
    try:
        yield RedisReferenceIndex(client, secrets=IndexSecrets.of(SECRET, Pseudonyms(SECRET, key_id="t")))
    finally:
        await client.aclose()


async def told(index: ReferenceIndex, patient: Ssin, name: str) -> None:
    declaration = a_declaration(name)
    rule = partial(_declare, declaration=declaration)
    await index.change(patient, rule, Relevance.of(declaration), register=a_patient(patient), witness=None)


def _declare(before: PatientReferences, *, declaration: Declaration) -> Change:
    return declare(before, declaration, "chu")


async def listed(index: ReferenceIndex, patient: Ssin) -> set[str]:
    found = await index.find(patient, Criteria(), PageRequest(1, 100_000), OPEN_GATE)
    return {row.declaration.ids[1].value for row in found.page.rows}


async def killed_under_load(cluster: LocalCluster, index: ReferenceIndex, victim: ClusterNode) -> tuple[Said, float]:
    """What was acknowledged before, during and after, and when the master was killed."""
    patients = invented_patients(16, seed=victim.port)
    said: Said = {}
    over = asyncio.Event()

    async def publish(patient: Ssin) -> None:
        number = 0
        while not over.is_set():
            number += 1
            with suppress(HubError):
                await told(index, patient, f"D{number}")
                said[patient, f"D{number}"] = time.monotonic()

    async def everybody_is_answered_again() -> bool:
        return all(any(moment > killed for (who, _), moment in said.items() if who == patient) for patient in patients)

    async with asyncio.TaskGroup() as group:
        for patient in patients:
            group.create_task(publish(patient))
        await until(partial(_more_than, said, 20 * len(patients)))
        await victim.end(signal.SIGKILL)
        killed = time.monotonic()
        await until(partial(_is_replaced, cluster, victim))
        await victim.start()  # as a replica: when a replica has to confirm, its successor needs one
        await until(everybody_is_answered_again)
        over.set()
    assert any(killed - 0.5 < moment < killed for moment in said.values()), "it was killed while it was asked"
    return said, killed


async def _is_replaced(cluster: LocalCluster, victim: ClusterNode) -> bool:
    return len([node for node in await cluster.masters() if node is not victim]) == 3


async def _more_than(said: Said, count: int) -> bool:
    return len(said) > count


async def check(folder: Path, *, wait_replicas: int, kills: int) -> None:
    async with (
        LocalCluster.running(folder) as cluster,
        opened(cluster.url, wait_replicas=wait_replicas) as index,
    ):
        for _ in range(kills):
            victim = (await cluster.masters())[0]
            said, killed = await killed_under_load(cluster, index, victim)
            patients = {patient for patient, _ in said}
            there = {(patient, name) for patient in patients for name in await listed(index, patient)}
            lost = [moment for what, moment in said.items() if what not in there]
            assert all(killed - LAG < moment < killed + LAG for moment in lost)
            assert not (lost and wait_replicas), "a replica had it"
            await until(partial(_follows, victim))


async def _follows(node: ClusterNode) -> bool:
    """Whether it is a replica that has everything."""
    about = await node.client.info("replication")
    return bool(about["role"] == "slave" and about["master_link_status"] == "up")


@pytest.mark.parametrize("wait_replicas", [0, 1])
async def test_a_killed_master_is_replaced_and_loses_no_more_than_was_said(tmp_path: Path, wait_replicas: int) -> None:
    await check(tmp_path, wait_replicas=wait_replicas, kills=1)


@pytest.mark.slow
@pytest.mark.parametrize("wait_replicas", [0, 1])
async def test_masters_killed_one_after_the_other_lose_no_more(tmp_path: Path, wait_replicas: int) -> None:
    await check(tmp_path, wait_replicas=wait_replicas, kills=12)


async def test_what_no_replica_has_is_acknowledged_only_if_none_has_to_have_it(tmp_path: Path) -> None:
    (patient,) = invented_patients(1, seed=4)
    async with (
        LocalCluster.running(tmp_path, masters=1, node_timeout=30) as cluster,
        opened(cluster.url, wait_replicas=1, timeout=1) as careful,
        opened(cluster.url, wait_replicas=0, timeout=1) as careless,
    ):
        await told(careful, patient, "D1")
        cluster.nodes[1].pause()
        try:
            await told(careless, patient, "D2")
            with pytest.raises(HubError) as refused:
                await told(careful, patient, "D3")
            assert refused.value.reason is Reason.INDEX_UNAVAILABLE
            assert await listed(careful, patient) == {"D1", "D2", "D3"}, "those who only read do not wait"
        finally:
            cluster.nodes[1].resume()
        await told(careful, patient, "D4")
