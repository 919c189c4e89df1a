"""The servers that are measured beside each other on GetTransactionList, two processes each, with the same rows."""

import pickle
import sys
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from redis.asyncio import Redis

from bench.callers import Issuers
from bench.floor.answering import KEY, READY
from bench.floor.records import Tables
from bench.hub_process import WORKERS, HubProcess, RedisProcess
from bench.patients import ListedPatient
from bench.peer_rows import write_peer_rows
from bench.processes import CHECKOUT, HOST, MissingTool, Running, free_port, output_of, program, running
from hub.domain.declarations import Declaration
from hub.wire.schemas import default_schema_folder

OURS, FLOOR, BARE, SPYNE, NODE = "ours", "floor", "bare", "spyne", "node"
OTHERS = (FLOOR, BARE, SPYNE, NODE)
_NODE_FOLDER = CHECKOUT / "bench" / "node"
_WSDL = default_schema_folder() / "hubservices-3.5" / "intrahub-v3.wsdl"


@dataclass(frozen=True, slots=True)
class Contender:
    """A server that answers GetTransactionList at `url`, and its processes."""

    name: str
    url: str
    processes: Sequence[Running]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The rows that the hub lists, as the others want them: the floor's in Redis and a file, the peers' in a file."""

    folder: Path
    redis: RedisProcess
    tables: Path
    peer_rows: Path
    issuers: Issuers | None


async def prepare(
    folder: Path,
    redis: RedisProcess,
    patients: Sequence[ListedPatient],
    rows: Mapping[str, Sequence[Declaration]],
    issuers: Issuers | None,
) -> Prepared:
    """Hand the hub's rows to the others, and the floor those whose signatures it verifies, if any."""
    tables = Tables()
    async with Redis.from_url(redis.url) as client:
        for listed in patients:
            number = listed.patient.ssin.digits
            await client.set(KEY + number, tables.pack(listed.patient.as_put, rows[number]))
    prepared = Prepared(folder, redis, folder / "tables.pickle", folder / "peer_rows.json", issuers)
    prepared.tables.write_bytes(pickle.dumps(tables))
    write_peer_rows(prepared.peer_rows, rows)
    return prepared


async def require(others: Collection[str]) -> None:
    """Make sure that what these others need is there; fetches node's toolkit once. Raises MissingTool."""
    if SPYNE in others and not (find_spec("spyne") and find_spec("gunicorn")):
        raise MissingTool("spyne is not installed: pip install --editable '.[bench]' (or --without spyne)")
    if BARE in others and find_spec("httptools") is None:
        raise MissingTool("httptools is not installed: pip install --editable '.[bench]' (or --without bare)")
    if NODE in others:
        program("node", "apt-get install nodejs npm (or --without node)")
        if not (_NODE_FOLDER / "node_modules" / "soap").is_dir():
            npm = program("npm", "apt-get install npm (or --without node)")
            await output_of(npm, "install", "--prefix", _NODE_FOLDER, "--no-audit", "--no-fund", "--no-package-lock")


@asynccontextmanager
async def contenders(hub: HubProcess, prepared: Prepared, others: Collection[str]) -> AsyncIterator[list[Contender]]:
    """The hub and those of the others that are wanted, all listening."""
    start = {FLOOR: _floor, BARE: _floor, SPYNE: _spyne, NODE: _node}
    async with AsyncExitStack() as stack:
        found = [Contender(OURS, hub.url, [hub.process])]
        for name in others:
            port = free_port()
            processes = await start[name](stack, name, port, prepared)
            found.append(Contender(name, f"http://{HOST}:{port}/", processes))
        yield found


async def _floor(stack: AsyncExitStack, name: str, port: int, prepared: Prepared) -> list[Running]:
    module = {FLOOR: "bench.floor.aiohttp_server", BARE: "bench.floor.bare_server"}[name]
    options = ["--port", str(port), "--redis", prepared.redis.url, "--tables", str(prepared.tables)]
    if prepared.issuers is not None:
        options += ["--token-service", str(prepared.issuers.token_service.certificate)]
    command = (sys.executable, "-m", module, *options)
    return [
        await stack.enter_async_context(
            running(f"{name}-{number}", command, folder=prepared.folder, ready=f"{READY}\n")
        )
        for number in range(WORKERS)
    ]


async def _spyne(stack: AsyncExitStack, name: str, port: int, prepared: Prepared) -> list[Running]:
    """With one thread a process: with more it is slower, as they wait for each other."""
    command = (
        *(sys.executable, "-m", "gunicorn", "--preload", "--workers", str(WORKERS)),
        *("--worker-class", "gthread", "--threads", "1", "--bind", f"{HOST}:{port}", "--no-control-socket"),
        f"bench.spyne_service:build('{prepared.peer_rows}')",
    )
    service = running(name, command, folder=prepared.folder, ready="Booting worker", times=WORKERS)
    return [await stack.enter_async_context(service)]


async def _node(stack: AsyncExitStack, name: str, port: int, prepared: Prepared) -> list[Running]:
    command = ("node", _NODE_FOLDER / "soap_service.js", str(port), _WSDL, prepared.peer_rows)
    service = running(name, command, folder=prepared.folder, ready=READY)
    return [await stack.enter_async_context(service)]
