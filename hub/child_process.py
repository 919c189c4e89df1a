"""What the processes have in common that the supervisor starts: a worker, the archiver.

Each has a pipe as standard input: its order comes first; the end of the pipe means that the supervisor has gone, and is
taken as the order to stop. Each answers on a private unix socket how it is.
"""

import asyncio
import pickle
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from hub.orders import Order
from hub.web.health import State, state_application

AnOrder = TypeVar("AnOrder")


def give(order: Order, pipe: asyncio.StreamWriter) -> None:
    """Send a process its order; the pipe stays open."""
    pipe.write(pickle.dumps(order))


def take(kind: type[AnOrder]) -> AnOrder:
    """Read the order, in the process."""
    order = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own supervisor, through a private pipe
    if not isinstance(order, kind):
        raise TypeError("this process is started by `hub serve`")
    return order


def stop_signal() -> asyncio.Event:
    """Set at SIGTERM or when the supervisor has gone. An interrupt from the terminal is for the supervisor."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def supervisor_gone() -> None:
        loop.remove_reader(sys.stdin)
        stop.set()

    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, lambda: None)
    loop.add_reader(sys.stdin, supervisor_gone)
    return stop


@asynccontextmanager
async def serving_state(place: Path, state: State, routes: Iterable[web.RouteDef] = ()) -> AsyncIterator[None]:
    """Answer on a socket how the process is, and what else it is asked there."""
    runner = web.AppRunner(state_application(state, routes), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.UnixSite(runner, str(place)).start()
        yield
    finally:
        await runner.cleanup()
