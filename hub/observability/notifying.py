"""Notices while the answer is on its way already: whoever is answered neither waits for one nor sees it fail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Self

from hub.domain.audit import AuditEvent
from hub.observability.events import NOTICE_FAILED, Logger, emit
from hub.ports.notifications import Notifications


class BackgroundNotifications:
    """Implements `hub.ports.notifications.Notifications` around another one, which may wait and raise."""

    def __init__(self, notifications: Notifications, *, logger: Logger) -> None:
        self._notifications, self._logger = notifications, logger
        self._under_way: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def running(cls, notifications: Notifications, *, logger: Logger) -> AsyncIterator[Self]:
        """At the end what is under way is waited for."""
        background = cls(notifications, logger=logger)
        try:
            yield background
        finally:
            if background._under_way:
                await asyncio.wait(background._under_way)

    async def glass_broken(self, event: AuditEvent, *, until: datetime) -> None:
        """See the port."""
        task = asyncio.create_task(self._tell(event, until))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _tell(self, event: AuditEvent, until: datetime) -> None:
        try:
            await self._notifications.glass_broken(event, until=until)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a notice, the hub goes on; the trail has it
            emit(self._logger, NOTICE_FAILED, exception=error)
