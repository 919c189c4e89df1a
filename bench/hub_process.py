"""The hub under measurement: `hub serve` with two workers, plain or signed, on a Redis of its own."""

import json
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.callers import Issuers
from bench.processes import HOST, Running, free_port, running
from hub.observability.events import HUB_READY
from hub.sandbox.configuration import INDEX_KEY_FILE, INDEX_KEY_ID, VAULT_KEY_FILE
from hub.sandbox.people import SANDBOX_HUB
from hub.storage.embedded import EmbeddedServer
from hub.web.soap.paths import INTRAHUB_PATH, PLAIN_INTRAHUB_PATH

WORKERS = 2


@dataclass(frozen=True, slots=True)
class RedisProcess:
    """A real server, persistent, that writes to disk once a second."""

    url: str
    process: Running


@dataclass(frozen=True, slots=True)
class HubProcess:
    """A hub that answers at `url`."""

    url: str
    process: Running


@asynccontextmanager
async def running_redis(folder: Path) -> AsyncIterator[RedisProcess]:
    """A Redis on a unix socket, with the keys of the hub that will use it beside it in the folder."""
    for name in (INDEX_KEY_FILE, VAULT_KEY_FILE):
        file = folder / name
        file.parent.mkdir(mode=0o700, exist_ok=True)
        file.write_text(secrets.token_hex(32))
    async with EmbeddedServer.running(folder / "redis", fsync="everysec") as server:
        yield RedisProcess(server.url, Running("redis", server.pid, folder / "redis" / "redis.log"))


@asynccontextmanager
async def running_hub(
    folder: Path,
    redis: RedisProcess,
    *,
    sources: Mapping[str, Mapping[str, object]] | None = None,
    believing: Issuers | None = None,
) -> AsyncIterator[HubProcess]:
    """A hub on that Redis, with these `[sources.…]`. Raises BenchmarkError when it does not start.

    It takes signed messages only of callers for whom `believing` vouch; without them, unsigned ones of anybody.
    """
    port = free_port()
    configuration = folder / "hub.toml"
    configuration.write_text(_configuration(port, redis.url, sources or {}, believing), "utf-8")
    command = (sys.executable, "-m", "hub", "serve", "--config", configuration)
    async with running("hub", command, folder=folder, ready=f'"{HUB_READY.name}"') as process:
        path = PLAIN_INTRAHUB_PATH if believing is None else INTRAHUB_PATH
        yield HubProcess(f"http://{HOST}:{port}{path}", process)


def _configuration(
    port: int, redis_url: str, sources: Mapping[str, Mapping[str, object]], believing: Issuers | None
) -> str:
    hub = {"id": SANDBOX_HUB.number, "name": SANDBOX_HUB.name, "id_scheme": SANDBOX_HUB.id_scheme}
    tables: dict[str, Mapping[str, object]] = {
        "hub": hub,
        "listener": {
            "host": HOST,
            "port": port,
            "workers": WORKERS,
            "authentication": "plain" if believing is None else "signed",
        },
        "operations": {"host": HOST, "port": 0, "shutdown_grace": 2},
        "redis": {"url": redis_url},
        "index": {"secret_file": INDEX_KEY_FILE, "key_id": INDEX_KEY_ID},
        "vault": {"key_id": "1"},
        "vault.keys": {"1": VAULT_KEY_FILE},
    }
    if believing is not None:
        tables["security"] = {
            "sts_certificates": [str(believing.token_service.certificate)],
            "authorities": [str(believing.authority.certificate)],
        }
    tables |= {f"sources.{name}": source for name, source in sources.items()}
    return "strict = false\n" + "".join(f"\n[{name}]\n{_keys(table)}" for name, table in tables.items())


def _keys(table: Mapping[str, object]) -> str:
    """Strings, numbers, booleans and lists of them are written in TOML as in JSON."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
