"""Starting and ending the processes of a sandbox: each by its own number, none left behind."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

_SECONDS_TO_STOP = 15.0
_LAST_LINES = 15
_POLL = 0.02


class SandboxError(Exception):
    """The sandbox cannot start or go on; the text says what happened and where to look."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process of ours; what it prints is in its log."""

    name: str
    log: Path
    process: asyncio.subprocess.Process

    def check(self) -> None:
        """Raises SandboxError when the process has ended."""
        if self.process.returncode is not None:
            raise self._ended(self.process.returncode)

    async def ended(self) -> None:
        """Wait for the process to end by itself, which it should not: raises SandboxError."""
        raise self._ended(await self.process.wait())

    def _ended(self, status: int) -> SandboxError:
        lines = self.log.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:]
        return SandboxError("\n".join([f"{self.name} ended with status {status}; see {self.log}", *lines]))


@asynccontextmanager
async def running(name: str, module: str, *arguments: str, logs: Path) -> AsyncIterator[Child]:
    """Run a module of ours and write what it prints into `logs`; at the end ask it to stop, and then make it."""
    log = logs / f"{name}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            # An interrupt from the terminal is for us: we end everybody in order.
            start_new_session=True,
        )
    try:
        yield Child(name, log, process)
    finally:
        await _stop(process)


async def listening(child: Child, host: str, port: int) -> None:
    """Wait until a process takes connections. Raises SandboxError when it ends instead."""
    while True:
        child.check()
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(_POLL)
        else:
            writer.close()
            return


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(_SECONDS_TO_STOP):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


@contextmanager
def reserved_ports(host: str, count: int) -> Iterator[Sequence[int]]:
    """Free ports that nobody else gets meanwhile: the servers share them with us, who do not listen."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for place in sockets:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            place.bind((host, 0))
        yield [place.getsockname()[1] for place in sockets]
    finally:
        for place in sockets:
            place.close()


def cancel_on_signals() -> None:
    """Cancel the running task at the first SIGINT or SIGTERM; later ones do not disturb its cleaning up."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    signals = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        for number in signals:
            loop.add_signal_handler(number, _ignore)
        if task is not None:
            task.cancel()

    for number in signals:
        loop.add_signal_handler(number, stop)


def _ignore() -> None:
    pass
