"""The outbox: a folder of notices, each a file of its own that is there as a whole or not at all.

Whoever sends them, by mail or to the eBox, takes a file, sends what it says and deletes it.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from hub.domain.audit import AuditEvent

Writer = Callable[[AuditEvent, datetime], Mapping[str, bytes]]
"""The notices about a glass that is broken until a moment, by the names of their files."""


class Outbox:
    """Implements `hub.ports.notifications.Notifications`, except that it waits for the disk and raises OSError."""

    def __init__(self, folder: Path, *, writer: Writer) -> None:
        self._folder, self._writer = folder, writer

    async def glass_broken(self, event: AuditEvent, *, until: datetime) -> None:
        """See the port."""
        for name, notice in self._writer(event, until).items():
            await asyncio.to_thread(self._put, name, notice)

    def _put(self, name: str, notice: bytes) -> None:
        """On disk under a name that senders look for only when all of it is there. Others than us may not read it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._folder / f".{name}.new"
        place = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode=0o600)
        with open(place, "wb") as file:  # noqa: PTH123 - a file with these rights from the start
            file.write(notice)
            file.flush()
            os.fsync(place)
        new.replace(self._folder / name)
