"""The real clock and real randomness; tests give their own."""

import base64
import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Europe/Brussels")


class BelgianClock:
    """The time of day in Belgium, which hub services write without a zone. Implements `hub.ports.runtime.Clock`."""

    def now(self) -> datetime:
        """See the port."""
        return datetime.now(_ZONE)


class RandomIds:
    """Implements `hub.ports.runtime.IdSource`."""

    def new_id(self) -> str:
        """See the port."""
        return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")
