"""`hub bench relay`: large documents through the hub, beside nginx `proxy_pass` of the same bytes.

A hospital's files are served by one nginx. The hub (GetTransaction, two workers) and another nginx (two processes,
default buffers) fetch them from there for the same client, wrk, which sends both the same requests. First, one document
at a time, the attachments that come out are compared with what the hospital has, and the memory that the hub takes for
one is noted. Then the two take turns under load, for hospitals that answer by SOAP and for those that give files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer

from bench.command import AsJson, run
from bench.figures import machine, median, spread, tell
from bench.hub_process import WORKERS, running_hub, running_redis
from bench.large_documents import MEBIBYTE, LargeDocument, attachment_of, declare, large_documents, sources
from bench.messages import ASKER, get_request, headers
from bench.nginx import proxying, serving_files
from bench.permission import permit
from bench.processes import BenchmarkError, Running
from bench.wrk import Load, Wrk, write_bodies
from hub.sandbox.bulk import open_index

_HEADERS = headers("GetTransaction")
_WARM_UP_MIB, _WARM_UPS = 1, 20
"""A small document, so often: code and buffers that are needed once are no growth."""
_CONNECTIONS = 8
_MANY_CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Relay:
    """Something that hands out the hospitals' documents; `prefix` stands before the names of its figures."""

    prefix: str
    process: Running
    url: str
    is_hub: bool

    def url_of(self, document: LargeDocument) -> str:
        """The hub has one address for all documents."""
        return self.url if self.is_hub else f"{self.url}/{document.name}"


def measure(
    *,
    small: Annotated[int, typer.Option(min=2, help="MiB of the smaller documents.")] = 20,
    large: Annotated[int, typer.Option(min=2, help="MiB of the larger ones.")] = 100,
    rounds: Annotated[int, typer.Option(min=1, help="How often each has its turn at each document.")] = 3,
    seconds: Annotated[int, typer.Option(min=1, help="How long a turn lasts.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Documents of 20 and 100 MiB through the hub, beside nginx with default buffers; memory for one of them."""
    run(partial(_measure, small, large, rounds, seconds), title="Relay of large documents", as_json=as_json)


async def _measure(small: int, large: int, rounds: int, seconds: int, folder: Path) -> Mapping[str, Any]:
    about, wrk, root = machine(), Wrk.found(folder), folder / "hospital"
    root.mkdir()
    warm_ups, documents = large_documents((_WARM_UP_MIB,), root), large_documents((small, large), root)
    every = [*warm_ups, *documents]
    async with (
        serving_files(root, folder, processes=1) as (hospital, _),
        proxying(hospital, folder, processes=WORKERS) as (proxy, nginx),
        running_redis(folder) as redis,
    ):
        async with open_index(folder, redis.url) as index:
            for document in every:
                await declare(index, document)
        await permit(folder, redis.url, {document.ssin for document in every}, [ASKER])
        async with running_hub(folder, redis, sources=sources(every, hospital)) as hub:
            relays = Relay("", hub.process, hub.url, is_hub=True), Relay("nginx_", nginx, proxy, is_hub=False)
            for relay in relays:
                await _warm_up(relay, warm_ups)
            memory: dict[str, float] = {}
            for relay in relays:
                memory |= await _memory_for_one(relay, documents[::-1], root)
            turns = _Turns(folder, wrk, relays, rounds, seconds)
            rows = [await turns.take(document) for document in documents]
            for relay in relays:
                memory |= await _memory_for_many(relay, turns, documents[0])
    headline = {name: value for name, value in rows[0].items() if name not in ("kind", "mib", "spread")}
    return headline | memory | {"rounds": rounds, "documents": rows, "machine": about}


async def _warm_up(relay: Relay, documents: Sequence[LargeDocument]) -> None:
    for document in documents:
        for _ in range(_WARM_UPS):
            await _fetch(relay, document)


async def _memory_for_one(relay: Relay, documents: Sequence[LargeDocument], root: Path) -> dict[str, float]:
    """How much more memory a relay takes while one document passes, the largest first, and that it is the right one."""
    grown = []
    for document in documents:
        before = relay.process.resident_bytes()
        relay.process.reset_peak()
        body = await _fetch(relay, document)
        grown.append((relay.process.peak_bytes() - before) / MEBIBYTE)
        if attachment_of(body) != attachment_of((root / document.name).read_bytes()):
            raise BenchmarkError(f"{relay.url_of(document)} does not hand out what the hospital has")
    return {f"{relay.prefix}rss_growth_mib": round(max(grown[0], 0), 1)}


async def _memory_for_many(relay: Relay, turns: "_Turns", document: LargeDocument) -> dict[str, float]:
    """The peak of memory with many documents on their way at once, per document."""
    before = relay.process.resident_bytes()
    relay.process.reset_peak()
    await turns.load(relay, document, _MANY_CONNECTIONS)
    grown = (relay.process.peak_bytes() - before) / MEBIBYTE
    return {f"{relay.prefix}rss_per_stream_mib": round(max(grown, 0) / _MANY_CONNECTIONS, 2)}


async def _fetch(relay: Relay, document: LargeDocument) -> bytes:
    """One document, on a connection of its own."""
    request = get_request(document.ssin, document.id)
    try:
        async with (
            aiohttp.ClientSession(headers=_HEADERS) as session,
            session.post(relay.url_of(document), data=request) as response,
        ):
            body = await response.read()
    except aiohttp.ClientError as error:
        raise BenchmarkError(f"{relay.url_of(document)} does not answer: {type(error).__name__}") from error
    if response.status != 200 or b"<lnk" not in body:
        raise BenchmarkError(f"{relay.url_of(document)} gives no document: {body[:2000].decode(errors='replace')}")
    return body


@dataclass(frozen=True, slots=True)
class _Turns:
    """The load, by turns."""

    folder: Path
    wrk: Wrk
    relays: Sequence[Relay]
    rounds: int
    seconds: int

    async def take(self, document: LargeDocument) -> dict[str, Any]:
        """The figures of one document: MiB per second, and CPU milliseconds per MiB."""
        rates: dict[str, list[float]] = {relay.prefix: [] for relay in self.relays}
        costs: dict[str, list[float]] = {relay.prefix: [] for relay in self.relays}
        for _ in range(self.rounds):
            for relay in self.relays:
                load = await self.load(relay, document, _CONNECTIONS)
                mebibytes = load.received / MEBIBYTE
                rates[relay.prefix].append(mebibytes / load.seconds)
                costs[relay.prefix].append(1000 * load.cpu / mebibytes)
        row: dict[str, Any] = {"kind": document.kind, "mib": document.mebibytes}
        row |= {f"{prefix}mib_per_s": median(values, 0) for prefix, values in rates.items()}
        row |= {f"{prefix}cpu_ms_per_mib": median(values, 3) for prefix, values in costs.items()}
        row["cpu_ratio_nginx"] = round(row["cpu_ms_per_mib"] / row["nginx_cpu_ms_per_mib"], 2)
        row["spread"] = {f"{prefix}mib_per_s": spread(values, 0) for prefix, values in rates.items()}
        row["spread"] |= {f"{prefix}cpu_ms_per_mib": spread(values, 3) for prefix, values in costs.items()}
        tell(f"{document.name}: CPU {row['cpu_ratio_nginx']} of nginx's, {row['mib_per_s']:.0f} MiB/s")
        return row

    async def load(self, relay: Relay, document: LargeDocument, connections: int) -> Load:
        """One turn of one relay."""
        return await self.wrk.load(
            relay.url_of(document),
            write_bodies(self.folder / "bodies", [get_request(document.ssin, document.id)]),
            _HEADERS,
            seconds=self.seconds,
            connections=connections,
            servers=[relay.process],
        )
