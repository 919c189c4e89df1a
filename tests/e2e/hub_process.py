"""A hub as an operator runs it: `hub serve` on the example configuration, with keys of its own and free ports."""

import asyncio
import json
import secrets
import signal
import ssl
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.e2e.secrecy import Secrets
from tests.signed import world

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "hub.example.toml"
_PATIENCE = 60.0
_CALLERS = 16


class HubProcess:
    """A running `hub serve`, what it logs and where it listens."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process, self._log = process, log
        self._secrets = Secrets(log.parent)

    @property
    def intrahub(self) -> str:
        """The endpoint of the service."""
        return str(self.events("hub.ready")[0]["intrahub_plain"])

    @property
    def operations(self) -> str:
        """Where operators look."""
        return str(self.events("hub.ready")[0]["operations"])

    @property
    def redis_pid(self) -> int:
        """The embedded Redis."""
        return int((Path(self.events("redis.started")[0]["folder"]) / "redis.pid").read_text())

    @property
    def redis_url(self) -> str:
        """The address of the embedded Redis."""
        return f"unix://{self.events('redis.started')[0]['folder']}/redis.sock"

    @property
    def worker_pids(self) -> list[int]:
        """The workers that are ready, in the order in which they became so."""
        return [event["pid"] for event in self.events("worker.ready")]

    def events(self, name: str) -> list[dict[str, Any]]:
        """What has been logged under this name; a line may still be on its way."""
        lines = self._log.read_text().rpartition("\n")[0].splitlines()
        # What was killed may leave a word of Python's own between the lines.
        return [event for line in lines if line.startswith("{") and (event := json.loads(line))["event"] == name]

    async def logged(self, name: str, count: int = 1) -> None:
        """Wait until an event has been logged so often."""
        await until(lambda: len(self.events(name)) >= count or self.process.returncode is not None)
        assert len(self.events(name)) >= count, self._log.read_text()

    async def readiness(self) -> tuple[int, dict[str, Any]]:
        """The status and the body of `/health/ready`."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.operations}/health/ready") as response:
            self._secrets.require_kept(await response.read(), "health")
            return response.status, await response.json()

    async def turns(self, status: int) -> None:
        """Wait until `/health/ready` says so."""
        async with asyncio.timeout(_PATIENCE):
            while (await self.readiness())[0] != status:
                await asyncio.sleep(0.05)

    async def metrics(self) -> str:
        """What Prometheus would read."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.operations}/metrics") as response:
            self._secrets.require_kept(await response.read(), "metrics")
            return await response.text()

    async def stopped(self) -> int:
        """Wait for the end; the exit status."""
        async with asyncio.timeout(_PATIENCE):
            return await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM, and wait."""
        self.process.send_signal(signal.SIGTERM)
        return await self.stopped()


def written(folder: Path, *, name: str = "hub.toml", **changes: str) -> Path:
    """The example with free ports, a plain service beside the signed one, and these replacements.

    Its keys and certificates are in the folder; the certificates are those of `tests.signed`.
    """
    text = EXAMPLE.read_text()
    usual = {
        "port = 8080": "port = 0",
        "port = 8081": "port = 0",
        "strict = true": "strict = false",
        'authentication = "signed"': 'authentication = "both"',
    }
    for old, new in (usual | changes).items():
        assert old in text
        text = text.replace(old, new)
    file = folder / name
    file.write_text(text)
    (folder / "secrets").mkdir(exist_ok=True)
    for key in ("index", "vault-1"):
        place = folder / "secrets" / f"{key}.key"
        if not place.exists():
            place.touch(mode=0o600)
            place.write_text(secrets.token_hex(32))
    (folder / "certificates").mkdir(exist_ok=True)
    (folder / "certificates" / "sts.pem").write_bytes(world().pem(world().token_service.certificate))
    (folder / "certificates" / "authorities.pem").write_bytes(world().pem(world().authority.credential.certificate))
    return file


@asynccontextmanager
async def started(configuration: Path) -> AsyncIterator[HubProcess]:
    """A process of `hub serve` that may not be ready yet; ended, whatever happens. No secret is in what it wrote."""
    log = configuration.with_suffix(".log")
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub", "serve", "--config", configuration),
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        yield HubProcess(process, log)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGINT)
            await process.wait()
    Secrets(configuration.parent).require_kept_in_files()


@asynccontextmanager
async def running(folder: Path, **changes: str) -> AsyncIterator[HubProcess]:
    """A hub that is ready."""
    async with started(written(folder, **changes)) as hub:
        await hub.logged("hub.ready")
        yield hub


async def outcomes_while_stopping(
    hub: HubProcess,
    call: Callable[[aiohttp.ClientSession], Awaitable[object]],
    *,
    keeps_alive: bool,
    trust: ssl.SSLContext | bool = True,
) -> set[str]:
    """What becomes of calls made one after the other by several callers until the hub, told to stop, takes no more."""
    outcomes: Counter[str] = Counter()

    async def keep_calling() -> None:
        connector = aiohttp.TCPConnector(limit=1, force_close=not keeps_alive, ssl=trust)
        async with aiohttp.ClientSession(connector=connector) as session:
            while True:
                try:
                    await call(session)
                    outcomes["answered"] += 1
                except aiohttp.ClientConnectorError:
                    outcomes["not begun"] += 1
                    return
                except aiohttp.ClientError as error:
                    outcomes[f"lost: {error!r}"] += 1
                    return

    async with asyncio.timeout(_PATIENCE), asyncio.TaskGroup() as group:
        for _ in range(_CALLERS):
            group.create_task(keep_calling())
        await until(lambda: outcomes["answered"] > 100)
        hub.process.send_signal(signal.SIGTERM)
    return set(outcomes)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, which must come true."""
    async with asyncio.timeout(_PATIENCE):
        while not condition():
            await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be noticed does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
