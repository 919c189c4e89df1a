"""Callers of an index in a process of their own, as a worker of the hub has them: each asks again when it is answered.

`python -m bench.index_load --url URL --patients FILE --operation list|declare --callers N --seconds N --wait-replicas N
--seed N` prints JSON: requests, the time of an answer, and the processor time of this process for each.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path

import uvloop

from bench.open_gate import OPEN_GATE
from bench.paced_load import percentile
from bench.patients import SOURCE, listed_patients
from hub.domain.declarations import Declaration
from hub.domain.identifiers import Ssin
from hub.domain.references import Change, PatientReferences, Relevance, declare
from hub.domain.search import Criteria, PageRequest
from hub.ports.reference_index import ReferenceIndex
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.secrets import Pseudonyms

SECRET = bytes(range(32))
_TIMEOUT = 30
_DECLARATIONS = 5000
_WARM_UP = 0.3
"""Seconds in which scripts and dictionaries are learned."""

Question = Callable[[], Awaitable[object]]


def index_on(url: str, *, callers: int, wait_replicas: int) -> RedisReferenceIndex:
    """An index whose connections are as many as its callers."""
    client = connect(url, timeout=_TIMEOUT, connections=callers, wait_replicas=wait_replicas)
    return RedisReferenceIndex(client, secrets=IndexSecrets.of(SECRET, Pseudonyms(SECRET, key_id="b")))


def _listing(index: ReferenceIndex, patients: Sequence[Ssin], chance: random.Random) -> Question:
    return lambda: index.find(chance.choice(patients), Criteria(), PageRequest(), OPEN_GATE)


def _declaring(index: ReferenceIndex, patients: Sequence[Ssin], chance: random.Random) -> Question:
    """Always another document, of a few authors."""
    (listed,) = listed_patients(1, _DECLARATIONS, seed=chance.randrange(1 << 30))
    declarations: Iterator[Declaration] = cycle(listed.declarations)

    def rule(before: PatientReferences, declaration: Declaration) -> Change:
        return declare(before, declaration, SOURCE)

    async def ask() -> Change:
        declaration = next(declarations)
        decide = partial(rule, declaration=declaration)
        return await index.change(chance.choice(patients), decide, Relevance.of(declaration), witness=None)

    return ask


async def _load(question: Question, *, callers: int, seconds: float) -> list[float]:
    """How long every answer took, in seconds."""
    took: list[float] = []
    until = time.perf_counter() + seconds

    async def call() -> None:
        while (started := time.perf_counter()) < until:
            await question()
            took.append(time.perf_counter() - started)

    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(call())
    return took


async def _run(options: argparse.Namespace) -> dict[str, float]:
    patients = [Ssin(digits) for digits in json.loads(options.patients.read_text())]
    index = index_on(options.url, callers=options.callers, wait_replicas=options.wait_replicas)
    asking = {"list": _listing, "declare": _declaring}[options.operation]
    question = asking(index, patients, random.Random(options.seed))  # noqa: S311 - which patient is asked for
    warmed = await _load(question, callers=options.callers, seconds=_WARM_UP)
    started, cpu = time.perf_counter(), time.process_time()
    took = await _load(question, callers=options.callers, seconds=options.seconds)
    return {
        "sent": len(warmed) + len(took),
        "rate": len(took) / (time.perf_counter() - started),
        "cpu_us": 1e6 * (time.process_time() - cpu) / len(took),
        "p50_ms": 1000 * percentile(took, 50),
        "p99_ms": 1000 * percentile(took, 99),
    }


def _main(words: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Callers of an index.")
    parser.add_argument("--url", required=True)
    parser.add_argument("--patients", type=Path, required=True)
    parser.add_argument("--operation", choices=("list", "declare"), required=True)
    for name in ("--callers", "--wait-replicas", "--seed"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    sys.stdout.write(json.dumps(uvloop.run(_run(parser.parse_args(words)))) + "\n")


if __name__ == "__main__":
    _main(sys.argv[1:])
