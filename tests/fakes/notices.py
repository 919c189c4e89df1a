"""Notices that go nowhere."""

from dataclasses import dataclass, field
from datetime import datetime

from hub.domain.audit import AuditEvent


@dataclass
class KeptNotices:
    """Implements `hub.ports.notifications.Notifications`: what would have been told, oldest first."""

    broken: list[tuple[AuditEvent, datetime]] = field(default_factory=list)

    async def glass_broken(self, event: AuditEvent, *, until: datetime) -> None:
        """See the port."""
        self.broken.append((event, until))
