"""Notices to those whom something concerns: the patient, and who watches over the hub."""

from datetime import datetime
from typing import Protocol

from hub.domain.audit import AuditEvent


class Notifications(Protocol):
    """Sends notices."""

    async def glass_broken(self, event: AuditEvent, *, until: datetime) -> None:
        """Tell the patient and the privacy officer that somebody broke the glass, and until when it is broken.

        What the guard is given neither waits nor raises: an answer does not depend on a notice.
        """
        ...
