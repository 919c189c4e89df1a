"""`hub bench cluster`: the index on 1, 2 and 3 masters, and what durability costs those who declare.

Two processes ask, as two workers of a hub do, without HTTP and SOAP: lists of 90 references, and declarations. Told
apart is the processor time of Redis and of those who ask, for each request: on a machine too small to show what more
masters can do it says what they could.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bench.command import AsJson, run
from bench.figures import machine, median, spread, tell
from bench.index_load import index_on
from bench.patients import listed_patients, seed
from bench.processes import Running, cpu_seconds, output_of
from bench.redis_cluster import LocalCluster

ROWS = 90
_PROCESSES = 2
_CALLERS = 8
"""In each process."""

Operation = Literal["list", "declare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """What is started: masters, the replicas of each, and when they write to disk."""

    masters: int = 1
    replicas: int = 0
    fsync: Literal["always", "everysec", "no"] = "everysec"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What is asked of which servers; `alone` by one caller, else by many. Its name is the beginning of its figures."""

    name: str
    servers: Servers
    operation: Operation
    wait_replicas: int = 0
    alone: bool = False


def _turns() -> tuple[Turn, ...]:
    masters = [
        Turn(name=f"{operation}_{count}_masters", servers=Servers(masters=count), operation=operation)
        for operation in ("list", "declare")
        for count in (1, 2, 3)
    ]
    policies = {
        "fsync_no": (Servers(fsync="no"), 0),
        "fsync_everysec": (Servers(), 0),
        "fsync_always": (Servers(fsync="always"), 0),
        "replica": (Servers(replicas=1), 0),
        "replica_confirms": (Servers(replicas=1), 1),
    }
    durability = [
        Turn(name=name + "_alone" * alone, servers=servers, operation="declare", wait_replicas=waits, alone=alone)
        for name, (servers, waits) in policies.items()
        for alone in (False, True)
    ]
    return (*masters, *durability)


TURNS = _turns()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    patients: int
    rounds: int
    seconds: float
    turns: Sequence[Turn]


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a turn: requests per second, microseconds of processors for each, the time of an answer."""

    rate: float
    client_cpu_us: float
    redis_cpu_us: float
    replica_cpu_us: float
    p50_ms: float
    p99_ms: float


def measure(
    *,
    patients: Annotated[int, typer.Option(min=1, help="Patients to draw from.")] = 1000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each has its turn.")] = 3,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long a turn lasts.")] = 3,
    only: Annotated[list[str], typer.Option(help="Only turns whose names begin so.")] = [],  # noqa: B006 - typer copies it
    as_json: AsJson = False,
) -> None:
    """The index on 1, 2 and 3 masters, and what each policy of durability costs a declaration."""
    turns = [turn for turn in TURNS if not only or turn.name.startswith(tuple(only))]
    if not turns:
        raise typer.BadParameter(f"there are {', '.join(turn.name for turn in TURNS)}", param_hint="--only")
    plan = Plan(patients=patients, rounds=rounds, seconds=seconds, turns=turns)
    run(partial(_measure, plan), title="The index on a cluster", as_json=as_json)


async def _measure(plan: Plan, folder: Path) -> Mapping[str, Any]:
    about = machine()
    listed = list(listed_patients(plan.patients, ROWS))
    names = folder / "patients.json"
    names.write_text(json.dumps([one.patient.ssin.digits for one in listed]))
    loads: dict[Turn, list[Load]] = {turn: [] for turn in plan.turns}
    async with AsyncExitStack() as stack:
        clusters: dict[Servers, LocalCluster] = {}
        for servers in dict.fromkeys(turn.servers for turn in plan.turns):
            tell(f"Seeding {servers}")
            clusters[servers] = await stack.enter_async_context(_running(folder / str(len(clusters)), servers))
            index = index_on(clusters[servers].url, callers=_CALLERS, wait_replicas=0)
            for one in listed:
                await seed(index, one)
        for number in range(plan.rounds):
            for turn in plan.turns:
                loads[turn].append(await _loaded(turn, clusters[turn.servers], names, plan.seconds))
                tell(f"Round {number + 1} of {plan.rounds}, {turn.name}: {loads[turn][-1].rate:.0f}/s")
    return {"rows": ROWS, "patients": plan.patients, "rounds": plan.rounds} | _figures(loads) | {"machine": about}


@asynccontextmanager
async def _running(folder: Path, servers: Servers) -> AsyncIterator[LocalCluster]:
    """Servers on this machine are never held for dead: they may have to wait for a processor."""
    async with LocalCluster.running(
        folder, masters=servers.masters, replicas=servers.replicas, fsync=servers.fsync, node_timeout=60
    ) as cluster:
        yield cluster


async def _loaded(turn: Turn, cluster: LocalCluster, patients: Path, seconds: float) -> Load:
    processes, callers = (1, 1) if turn.alone else (_PROCESSES, _CALLERS)
    nodes = [Running(f"redis-{node.port}", node.pid, patients) for node in cluster.nodes]
    masters, replicas = nodes[: turn.servers.masters], nodes[turn.servers.masters :]
    before = cpu_seconds(masters), cpu_seconds(replicas)
    words = {
        "--url": cluster.url,
        "--patients": patients,
        "--operation": turn.operation,
        "--callers": callers,
        "--wait-replicas": turn.wait_replicas,
        "--seconds": seconds,
    }
    options = [str(word) for pair in words.items() for word in pair]
    async with asyncio.TaskGroup() as group:
        asking = [
            group.create_task(output_of(sys.executable, "-m", "bench.index_load", *options, "--seed", str(number)))
            for number in range(processes)
        ]
    told = [json.loads(task.result()) for task in asking]
    sent = sum(one["sent"] for one in told)
    return Load(
        rate=sum(one["rate"] for one in told),
        client_cpu_us=sum(one["cpu_us"] for one in told) / processes,
        redis_cpu_us=1e6 * (cpu_seconds(masters) - before[0]) / sent,
        replica_cpu_us=1e6 * (cpu_seconds(replicas) - before[1]) / sent,
        p50_ms=sum(one["p50_ms"] for one in told) / processes,
        p99_ms=max(one["p99_ms"] for one in told),
    )


def _figures(loads: Mapping[Turn, Sequence[Load]]) -> dict[str, Any]:
    """Medians over the rounds; of callers who are alone only how long they wait, on average and mostly."""
    figures: dict[str, Any] = {}
    for turn, done in loads.items():
        figures[f"{turn.name}_p50_ms"] = median([load.p50_ms for load in done], 3)
        figures[f"{turn.name}_p99_ms"] = median([load.p99_ms for load in done], 2)
        if turn.alone:
            figures[f"{turn.name}_ms"] = median([1000 / load.rate for load in done], 3)
            continue
        figures[f"{turn.name}_rps"] = median([load.rate for load in done], 0)
        figures[f"{turn.name}_client_cpu_us"] = median([load.client_cpu_us for load in done], 1)
        figures[f"{turn.name}_redis_cpu_us"] = median([load.redis_cpu_us for load in done], 1)
        if turn.servers.replicas:
            figures[f"{turn.name}_replica_cpu_us"] = median([load.replica_cpu_us for load in done], 1)
    figures["spread"] = {f"{turn.name}_rps": spread([load.rate for load in done], 0) for turn, done in loads.items()}
    return figures
