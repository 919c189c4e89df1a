"""When to stop, and how long to wait before something that ended is started again."""

import asyncio
import signal
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class Stopping:
    """The wish to stop: the first SIGTERM or SIGINT asks, the second does not wait any more."""

    def __init__(self) -> None:
        self._asked, self._at_once = asyncio.Event(), asyncio.Event()
        self.signal = ""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._take, number)

    def _take(self, number: signal.Signals) -> None:
        if self._asked.is_set():
            self._at_once.set()
        self.signal = self.signal or number.name
        self._asked.set()

    @property
    def is_asked(self) -> bool:
        """Whether the hub is to stop."""
        return self._asked.is_set()

    async def asked(self) -> None:
        """Wait for the wish to stop."""
        await self._asked.wait()

    async def interrupts(self, work: Awaitable[T]) -> T | None:
        """The result of the work, or None when the wish to stop came first; the work is then cancelled."""
        return await _first(work, self._asked)

    async def hurries(self, work: Awaitable[T]) -> T | None:
        """The same for the wish to stop at once."""
        return await _first(work, self._at_once)


class Backoff:
    """Longer and longer pauses between starts, short again after something ran for a while."""

    _FIRST, _LONGEST, _FORGIVEN_AFTER = 0.2, 30.0, 60.0

    def __init__(self) -> None:
        self._pause = self._FIRST

    def pause(self, *, ran_for: float) -> float:
        """Seconds to wait before the next start."""
        if ran_for > self._FORGIVEN_AFTER:
            self._pause = self._FIRST
        pause, self._pause = self._pause, min(self._pause * 2, self._LONGEST)
        return pause


async def _first(work: Awaitable[T], event: asyncio.Event) -> T | None:
    task, waiting = asyncio.ensure_future(work), asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        for one in (task, waiting):
            one.cancel()
        await asyncio.wait((task, waiting))
