"""`hub bench list`: GetTransactionList over HTTP, beside a floor, a spyne service and a node `soap` service.

All answer the same 90 rows of one patient after the other, unsigned, with two processes each; their answers are
compared before anything is timed. Each in turn gets all the load that wrk makes, several times. Then the hub, and the
floor, get half of what the hub managed, at a fixed rate, for the time of an answer; and a page of 100 is asked of a
very long record.

With `--signed` every request is another message of one of many callers, signed before the turn; the floor verifies both
signatures of it, and knows assertions again as the hub does, but not messages.
"""

import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import cycle, islice
from math import ceil
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.answers import check_answers, check_refusals, listed_rows
from bench.callers import Issuers
from bench.command import AsJson, run
from bench.contenders import BARE, FLOOR, OTHERS, OURS, Contender, contenders, prepare, require
from bench.figures import machine, median, spread, tell
from bench.hub_process import RedisProcess, running_hub, running_redis
from bench.long_record import long_record_costs
from bench.messages import ASKER, Ask, ask_unsigned, headers
from bench.patients import listed_patients, seed
from bench.permission import permit
from bench.processes import BenchmarkError, output_of
from bench.signers import running_signers
from bench.wrk import Load, Wrk, write_bodies
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author
from hub.sandbox.bulk import open_index

ROWS = 90
HEADERS = headers("GetTransactionList")
_CONNECTIONS = 16
_WARM_UP = 2
_MARGIN = 1.25
"""So many times the messages that the fastest would take are signed for a turn."""
_PACED_TURNS = 3
"""A paced run lasts as long as so many turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    patients: int
    rounds: int
    seconds: int
    long_record: int
    others: Sequence[str]
    signed: bool
    callers: int


def measure(
    *,
    patients: Annotated[int, typer.Option(min=1, help="Patients to draw from.")] = 400,
    rounds: Annotated[int, typer.Option(min=1, help="How often each server has its turn.")] = 5,
    seconds: Annotated[int, typer.Option(min=1, help="How long a turn lasts.")] = 4,
    long_record: Annotated[int, typer.Option(min=100, help="References of the patient with the most.")] = 100_000,
    without: Annotated[list[str], typer.Option(help=f"Leave one out: {', '.join(OTHERS)}.")] = [],  # noqa: B006 - typer copies it
    signed: Annotated[
        bool, typer.Option("--signed", help="Signed messages, beside the floor; no peers and no long record.")
    ] = False,
    callers: Annotated[
        int, typer.Option(min=1, help="With --signed: who sign, each with a key and an assertion.")
    ] = 200,
    as_json: AsJson = False,
) -> None:
    """Lists over HTTP: ours, a floor that does only the unavoidable work, spyne, node `soap`; 90 rows each."""
    if unknown := set(without) - set(OTHERS):
        raise typer.BadParameter(f"there is no {', '.join(sorted(unknown))}", param_hint="--without")
    if signed and FLOOR in without:
        raise typer.BadParameter("with --signed there is only the floor to compare with", param_hint="--without")
    plan = Plan(
        patients=patients,
        rounds=rounds,
        seconds=seconds,
        long_record=long_record,
        others=[name for name in ((FLOOR, BARE) if signed else OTHERS) if name not in without],
        signed=signed,
        callers=callers,
    )
    title = f"GetTransactionList, 90 rows, {'signed' if signed else 'unsigned'}"
    run(partial(_measure, plan), title=title, as_json=as_json)


async def _measure(plan: Plan, folder: Path) -> Mapping[str, Any]:
    about = machine()
    wrk = Wrk.found(folder)
    await require(plan.others)
    patients = list(listed_patients(plan.patients, ROWS))
    async with running_redis(folder) as redis, _asking(plan, folder) as (ask, issuers, authors):
        tell(f"Seeding {plan.patients} patients with {ROWS} references each.")
        async with open_index(folder, redis.url) as index:
            for listed in patients:
                await seed(index, listed)
        await permit(folder, redis.url, [listed.patient.ssin for listed in patients], authors)
        async with running_hub(folder, redis, believing=issuers) as hub:
            rows = await listed_rows(hub.url, patients, ask)
            prepared = await prepare(folder, redis, patients, rows, issuers)
            async with contenders(hub, prepared, plan.others) as servers:
                tell("Comparing the answers.")
                answer_bytes = await check_answers(servers, rows, ask)
                if plan.signed:
                    await check_refusals(servers, rows, ask)
                turns = _Turns(folder, wrk, servers, redis, plan, ask, [listed.patient.ssin for listed in patients])
                loads = await turns.take()
                paced = await turns.paced(rate=median([load.rate for load in loads[OURS]]) / 2)
            costs = {}
            if not plan.signed:
                costs = await long_record_costs(
                    folder, redis, hub, wrk, references=plan.long_record, rounds=plan.rounds, seconds=plan.seconds
                )
    about_runs = {"rows": ROWS, "answer_bytes": answer_bytes, "patients": plan.patients, "rounds": plan.rounds}
    return {"signed": plan.signed} | about_runs | _figures(loads) | paced | costs | {"machine": about}


@asynccontextmanager
async def _asking(plan: Plan, folder: Path) -> AsyncIterator[tuple[Ask, Issuers | None, Sequence[Author]]]:
    """Who writes the requests, who vouches for them, and as whom they are written."""
    if not plan.signed:
        yield ask_unsigned, None, [ASKER]
        return
    tell(f"Making keys of {plan.callers} callers.")
    issuers = Issuers.make(folder, datetime.now(UTC))
    async with running_signers(issuers, plan.callers) as signers:
        yield signers.list_requests, issuers, signers.authors


@dataclass(frozen=True, slots=True)
class _Turns:
    """Load for every server in turn, so that what disturbs the machine for a while disturbs all."""

    folder: Path
    wrk: Wrk
    servers: Sequence[Contender]
    redis: RedisProcess
    plan: Plan
    ask: Ask
    patients: Sequence[Ssin]

    async def take(self) -> dict[str, list[Load]]:
        """What every server did in every round."""
        loads: dict[str, list[Load]] = {server.name: [] for server in self.servers}
        fastest = await self._warm_up()
        for number in range(self.plan.rounds):
            bodies = await self._bodies(_MARGIN * fastest * self.plan.seconds)
            for server in self.servers:
                loads[server.name].append(load := await self._load(server, bodies, self.plan.seconds))
                fastest = max(fastest, load.rate)
            told = ", ".join(f"{name} {done[-1].rate:.0f}" for name, done in loads.items())
            tell(f"Round {number + 1} of {self.plan.rounds}, requests/s: {told}")
        return loads

    async def paced(self, *, rate: float) -> dict[str, Any]:
        """The time of an answer at half the rate that saturates the hub; the floor's shows what the machine adds."""
        figures: dict[str, Any] = {"paced_rps": round(rate, 1)}
        seconds = _PACED_TURNS * self.plan.seconds
        bodies = await self._bodies(rate * seconds)
        for server in self.servers:
            if server.name not in (OURS, FLOOR):
                continue
            options = ("--url", server.url, "--bodies", bodies, "--rate", str(rate), "--seconds", str(seconds))
            given = [word for name, value in HEADERS.items() for word in ("--header", f"{name}={value}")]
            told = json.loads(await output_of(sys.executable, "-m", "bench.paced_load", *options, *given))
            figures |= {f"{_prefix(server.name)}{part}_ms": told[f"{part}_ms"] for part in ("p50", "p99")}
        return figures

    async def _warm_up(self) -> float:
        """The rate of the fastest. Ours comes last, when it is known how many messages are certainly enough."""
        seconds, fastest = min(_WARM_UP, self.plan.seconds), 0.0
        for server in reversed(self.servers):
            bodies = await self._bodies(_MARGIN * fastest * seconds)
            fastest = max(fastest, (await self._load(server, bodies, seconds)).rate)
        return fastest

    async def _bodies(self, most: float) -> Path:
        """Requests for a turn in which the hub answers so many at most: a signed one it answers once only."""
        count = ceil(most) + 2 * _CONNECTIONS if self.plan.signed else len(self.patients)
        patients = list(islice(cycle(self.patients), count))
        return write_bodies(self.folder / "bodies", await self.ask(patients))

    async def _load(self, server: Contender, bodies: Path, seconds: int) -> Load:
        try:
            return await self.wrk.load(
                server.url,
                bodies,
                HEADERS,
                seconds=seconds,
                connections=_CONNECTIONS,
                servers=server.processes,
                behind=[self.redis.process],
            )
        except BenchmarkError as error:
            if not self.plan.signed:
                raise
            hint = "signed messages are answered once, and those of a turn may have been too few"
            raise BenchmarkError(f"{error} ({hint})") from error


def _figures(loads: Mapping[str, Sequence[Load]]) -> dict[str, Any]:
    """Medians over the rounds. Who was left out has None.

    Ratios are of the medians: `ratio_X` how often ours answers while X answers once, `cpu_ratio_X` how much of the
    processor X takes for what takes ours one.
    """
    rates = {name: [load.rate for load in done] for name, done in loads.items()}
    costs = {name: [load.cpu_ms for load in done] for name, done in loads.items()}
    names = (OURS, *OTHERS)
    figures: dict[str, Any] = {f"{_prefix(name)}rps": _median(rates, name, 1) for name in names}
    figures |= {f"{_prefix(name)}cpu_ms": _median(costs, name, 3) for name in names}
    figures |= {
        f"{_prefix(name)}redis_cpu_ms": median([load.other_cpu_ms for load in loads[name]], 3)
        for name in (OURS, FLOOR)
        if name in loads
    }
    ours = figures["rps"]
    figures |= {
        f"ratio_{name}": round(ours / other, 2) if (other := figures[f"{name}_rps"]) else None for name in OTHERS
    }
    figures |= {
        f"cpu_ratio_{name}": round(cost / figures["cpu_ms"], 2) if (cost := figures[f"{name}_cpu_ms"]) else None
        for name in OTHERS
    }
    figures["spread"] = {f"{_prefix(name)}rps": spread(values, 1) for name, values in rates.items()}
    figures["spread"] |= {f"{_prefix(name)}cpu_ms": spread(values, 3) for name, values in costs.items()}
    return figures


def _median(values: Mapping[str, Sequence[float]], name: str, digits: int) -> float | None:
    return median(values[name], digits) if name in values else None


def _prefix(name: str) -> str:
    """Figures of the hub itself have none."""
    return "" if name == OURS else f"{name}_"
