"""Workers and archiver: each is started with its order, asked how it is, started again when it ends by itself."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hub.child_process import give
from hub.observability.events import Event, Logger, Value, emit
from hub.observability.metrics import MULTIPROCESS_FOLDER, SharedMetrics
from hub.orders import Order
from hub.supervisor.stopping import Backoff, Stopping
from hub.web.health import Dependency, ask_state

_POLL = 0.03
_ANSWER = 3.0
_LEEWAY = 5.0
"""Seconds a worker gets on top of the grace before it is killed."""


class StartFailed(Exception):
    """A part of the hub did not start; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """What all processes of a hub have in common."""

    logger: Logger
    metrics: SharedMetrics
    metrics_folder: Path
    grace: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of process: the command that starts it, and what is logged of it."""

    command: Sequence[str]
    started: Event
    ready: Event
    ended: Event
    killed: Event


class WorkerKeeper:
    """Keeps one process running."""

    def __init__(self, order: Order, crew: Crew, kind: Kind) -> None:
        self._order, self._crew, self._kind = order, crew, kind
        self._process: asyncio.subprocess.Process | None = None
        self.is_ready = asyncio.Event()
        """Set when it has been ready for the first time."""

    @property
    def is_required(self) -> bool:
        """Whether a hub is one without it."""
        return self._order.is_required

    @property
    def state_socket(self) -> Path:
        """Where it is asked."""
        return self._order.state_socket

    async def keep(self, stopping: Stopping) -> None:
        """Run it until the hub stops. Raises StartFailed when it is required and ends before it was ever ready."""
        loop, backoff = asyncio.get_running_loop(), Backoff()
        while not stopping.is_asked:
            started = loop.time()
            process = self._process = await self._start()
            try:
                await stopping.interrupts(self._until_ended(process, started))
                if process.returncode is None:
                    await self._drain(process, stopping)
                    return
            finally:
                await self._end(process)
            if self.is_required and not self.is_ready.is_set():
                raise StartFailed(f"{self._order.title} ended with status {process.returncode} while starting")
            pause = backoff.pause(ran_for=loop.time() - started)
            self._crew.metrics.worker_ended(process.pid)
            self._emit(self._kind.ended, process, status=process.returncode, retry_in=pause)
            await stopping.interrupts(asyncio.sleep(pause))

    async def state(self) -> Sequence[Dependency]:
        """The process itself, and what it says of what it depends on."""
        if self._process is None or self._process.returncode is not None:
            return [self._is(is_well=False, detail="does not run")]
        said = await ask_state(self._order.state_socket, patience=_ANSWER)
        if said is None:
            return [self._is(is_well=False, detail="does not answer")]
        return [self._is(is_well=True, detail=f"process {self._process.pid}"), *said]

    def _is(self, *, is_well: bool, detail: str) -> Dependency:
        return Dependency(name=self._order.title, is_well=is_well, is_required=self.is_required, detail=detail)

    async def _start(self) -> asyncio.subprocess.Process:
        self._order.state_socket.unlink(missing_ok=True)
        process = await asyncio.create_subprocess_exec(
            *self._kind.command,
            stdin=asyncio.subprocess.PIPE,
            env=os.environ | {MULTIPROCESS_FOLDER: str(self._crew.metrics_folder)},
            # Its own session: an interrupt from the terminal is for us, who drain in order.
            start_new_session=True,
        )
        if process.stdin is not None:
            give(self._order, process.stdin)
        self._crew.metrics.worker_is(self._order.member, up=True)
        self._emit(self._kind.started, process)
        return process

    async def _until_ended(self, process: asyncio.subprocess.Process, started: float) -> None:
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._say_when_ready(process, started))
            await process.wait()
            watching.cancel()

    async def _say_when_ready(self, process: asyncio.subprocess.Process, started: float) -> None:
        while await ask_state(self._order.state_socket, patience=_ANSWER) is None:  # noqa: ASYNC110 - another process
            await asyncio.sleep(_POLL)
        seconds = round(asyncio.get_running_loop().time() - started, 2)
        self._emit(self._kind.ready, process, seconds=seconds)
        self.is_ready.set()

    async def _drain(self, process: asyncio.subprocess.Process, stopping: Stopping) -> None:
        """Ask it to finish, and wait unless that takes too long or the hub is to stop at once."""
        process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._crew.grace + _LEEWAY):
                await stopping.hurries(process.wait())

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            self._emit(self._kind.killed, process)
            process.kill()
            await process.wait()
        self._crew.metrics.worker_is(self._order.member, up=False)

    def _emit(self, event: Event, process: asyncio.subprocess.Process, **fields: Value) -> None:
        emit(self._crew.logger, event, worker=self._order.member, pid=process.pid, **fields)
