"""A process that does jobs, one after the other, for the process that started it, and ends when that one does."""

import asyncio
import gc
import multiprocessing
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

from hub.domain.errors import HubError, Reason
from hub.secrecy import keep_memory_private

Job = TypeVar("Job")
Result = TypeVar("Result")

Work = Callable[[Job], Awaitable[Result]]
Workshop = Callable[[], AbstractAsyncContextManager[Work[Job, Result]]]
"""Called in the process; opens what the work needs, and closes it at the end. It has to be something to pickle."""

_PATIENCE = 10.0
_COLLECTED_EVERY = 200
"""Jobs: what a job makes is gone when it ends, but for the few circles that the libraries leave."""


class WorkerEnded(Exception):
    """A worker process has ended, by itself or by somebody else's hand."""


class WorkerProcess(Generic[Job, Result]):
    """One process. `running` is the way to get one."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self._connection = connection

    @classmethod
    @asynccontextmanager
    async def running(cls, workshop: Workshop[Job, Result]) -> AsyncIterator["WorkerProcess[Job, Result]"]:
        """A process that has opened its workshop or is about to; it ends when the context does."""
        # Started afresh, not forked: a fork would take over the connections and threads of this process.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, workshop), daemon=True)
        await asyncio.to_thread(process.start)
        theirs.close()
        try:
            yield cls(ours)
        finally:
            ours.close()
            await asyncio.to_thread(process.join, _PATIENCE)
            if process.is_alive():
                process.kill()
            process.join()
            process.close()

    async def do(self, job: Job) -> Result:
        """The result of a job. Raises the HubError that the work has raised, or WorkerEnded."""
        try:
            answer = await asyncio.to_thread(self._exchange, job)
        except (EOFError, OSError) as error:
            raise WorkerEnded from error
        match answer:
            case ("done", result):
                return result  # type: ignore[no-any-return]  # what came through a pipe has no type
            case ("failed", reason, where):
                raise HubError(Reason(reason), where=where)
        raise WorkerEnded

    def _exchange(self, job: Job) -> Any:  # noqa: ANN401 - what comes through a pipe
        self._connection.send(job)
        return self._connection.recv()


def _serve(connection: "Connection[Any, Any]", workshop: Workshop[Any, Any]) -> None:
    keep_memory_private()
    # An interrupt from the terminal is for the process that owns this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # looking for circles among the rows of a job would cost more than the job
    asyncio.run(_work(connection, workshop))


async def _work(connection: "Connection[Any, Any]", workshop: Workshop[Any, Any]) -> None:
    async with workshop() as work:
        gc.freeze()
        done = 0
        while True:
            try:
                job = connection.recv()
            except (EOFError, OSError):
                return
            try:
                connection.send(("done", await work(job)))
            except HubError as error:
                connection.send(("failed", error.reason.value, error.where))
            except BrokenPipeError:
                return
            del job
            done += 1
            if done % _COLLECTED_EVERY == 0:
                gc.collect()
