"""`hub bench index`: the index at the size of a capital. How long it takes to load, what it takes, what it gives back.

A population is written to a file and imported; lists are asked for; references are declared one at a time to patients
drawn by how many they have; Redis is killed and started again.
"""

import asyncio
import os
import secrets
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from redis.asyncio import Redis

from bench.command import AsJson, run
from bench.figures import machine, tell
from bench.growth import grow
from bench.lookups import look_up
from bench.open_gate import OPEN_GATE
from bench.population import Population
from bench.processes import BenchmarkError
from bench.records import patient_number
from hub.domain.search import Criteria, PageRequest
from hub.ports.reference_index import ReferenceIndex
from hub.storage.bulk.importing import ImportStopped
from hub.storage.bulk.index_access import IndexAccess
from hub.storage.bulk.line_source import LineSource
from hub.storage.bulk.report import Counts, Rejected
from hub.storage.bulk.running import Imported, import_file
from hub.storage.embedded import EmbeddedServer
from hub.storage.index_secrets import IndexSecrets
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.secrets import Pseudonyms
from hub.wire.hubservices.bulk_forms import BulkForms
from hub.wire.schemas import default_schema_folder

_TIMEOUT = 60.0
_PATIENCE = 300.0
_MOST_GROWTH = 100_000
_TOLD_EVERY = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    refs: int
    seed: int
    workers: int
    lookups: int
    growth: int | None


def measure(
    *,
    refs: Annotated[int, typer.Option(min=1_000, help="References in all.")] = 2_000_000,
    seed: Annotated[int, typer.Option(help="Which population.")] = 3,
    workers: Annotated[int, typer.Option(min=1, help="Processes of the import.")] = 3,
    lookups: Annotated[int, typer.Option(min=1, help="Lists asked for.")] = 5_000,
    growth: Annotated[
        int | None, typer.Option(min=1, help="References to declare one at a time; as many as patients.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The index: memory, bulk load, lookups, growth one reference at a time, restart."""
    plan = Plan(refs=refs, seed=seed, workers=workers, lookups=lookups, growth=growth)
    run(partial(_measure, plan), title="The index", as_json=as_json)


async def _measure(plan: Plan, folder: Path) -> Mapping[str, Any]:
    about = machine()
    population = Population(plan.refs, plan.seed)
    sizes = population.sizes()
    file = folder / "population.jsonl"
    written_in = await _write(population, sizes, file, processes=plan.workers)
    secret = secrets.token_bytes(32)
    async with EmbeddedServer.running(folder / "redis") as server:
        access = IndexAccess(url=server.url, timeout=_TIMEOUT, pseudonyms=Pseudonyms(secret, key_id="1"), secret=secret)
        loaded = await _load(file, access, plan.workers)
        async with access.client() as client:
            memory = await _at_rest(client)
            tell(f"{memory.rss / plan.refs:.1f} bytes a reference; asking for {plan.lookups} lists")
            index = RedisReferenceIndex(client, secrets=IndexSecrets.of(secret, access.pseudonyms))
            times = await look_up(index, sizes, count=plan.lookups, seed=plan.seed)
            growth = plan.growth or min(len(sizes), _MOST_GROWTH)
            tell(f"Declaring {growth} references, one at a time")
            grown_in = await grow(access, sizes, count=growth, workers=plan.workers, seed=plan.seed)
            grown = await _at_rest(client)
            restart = await _restart(server, index)
            restarted = await _at_rest(client)
        on_disk = sum(part.stat().st_size for part in (folder / "redis").rglob("*") if part.is_file())
    after = plan.refs + growth
    return {
        "references": plan.refs,
        "patients": len(sizes),
        "written_in_s": round(written_in, 1),
        "load_s": round(loaded.seconds, 1),
        "load_refs_per_s": loaded.references_per_second,
        "bytes_per_reference_rss": round(memory.rss / plan.refs, 2),
        "bytes_per_reference_used": round(memory.used / plan.refs, 2),
        **times,
        "growth": growth,
        "growth_refs_per_s": round(growth / grown_in),
        "rss_over_used_after_growth": round(grown.rss / grown.used, 3),
        "bytes_per_reference_rss_after_growth": round(grown.rss / after, 2),
        "restart_s": round(restart, 2),
        "bytes_per_reference_rss_after_restart": round(restarted.rss / after, 2),
        "bytes_per_reference_on_disk": round(on_disk / after, 2),
        "machine": about,
    }


async def _write(population: Population, sizes: Sequence[int], file: Path, *, processes: int) -> float:
    """How many seconds it takes to invent everybody."""
    tell(f"Inventing {population.references} references of {len(sizes)} patients")
    started = time.monotonic()
    with file.open("wb") as written:
        await population.write(written, range(len(sizes)), sizes, processes=processes)
    return time.monotonic() - started


async def _load(file: Path, access: IndexAccess, workers: int) -> Imported:
    """Import the file, as `hub import` does, and remove it."""
    tell(f"Importing {file.stat().st_size / 2**20:.0f} MiB")
    with LineSource.open(file) as source:
        imported = await import_file(
            source,
            access=access,
            load_forms=partial(BulkForms.load, default_schema_folder()),
            hub="",
            sources=None,
            workers=workers,
            watcher=_Watcher(),
        )
    if not imported.is_complete:
        raise BenchmarkError(f"the import is not complete: {imported.problems or imported.counts.rejected_lines}")
    file.unlink()
    return imported


class _Watcher:
    """Tells now and then how far the import is. Implements `importing.Watcher`."""

    def __init__(self) -> None:
        self._started = self._told = time.monotonic()

    def progressed(self, position: int, counts: Counts) -> None:  # noqa: ARG002 - see the port
        """See the port."""
        now = time.monotonic()
        if now > self._told + _TOLD_EVERY:
            self._told = now
            tell(f"{counts.references} references, {counts.references / (now - self._started):.0f} a second")

    def rejected(self, line: Rejected) -> None:
        """See the port."""
        raise ImportStopped(f"line {line.number}: {line.reason}")


class _Memory(NamedTuple):
    """What the server has asked for, and what the system has given it; in bytes."""

    used: int
    rss: int


async def _at_rest(client: Redis) -> _Memory:
    """The memory when the server has rewritten its append-only file, if it was about to."""
    async with asyncio.timeout(_PATIENCE):
        while (await client.info("persistence"))["aof_rewrite_in_progress"]:  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.5)
    facts = await client.info("memory")
    return _Memory(facts["used_memory"], facts["used_memory_rss"])


async def _restart(server: EmbeddedServer, index: ReferenceIndex) -> float:
    """The seconds from starting a server that was killed to the first list."""
    tell("Killing the server and starting it again")
    os.kill(server.pid, signal.SIGKILL)
    await server.ended()
    started = time.monotonic()
    await server.start(patience=_PATIENCE)
    found = await index.find(patient_number(0), Criteria(), PageRequest(), OPEN_GATE)
    if not found.page.total:
        raise BenchmarkError("the server came back without its references")
    return time.monotonic() - started
