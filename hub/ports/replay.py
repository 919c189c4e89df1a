"""Which signed messages have been taken before."""

from datetime import datetime
from typing import Protocol


class ReplayCache(Protocol):
    """Remembers messages for all processes of the hub."""

    async def is_first(self, message: bytes, *, now: datetime, forget_at: datetime) -> bool:
        """Whether nobody has asked this of the message (32 bytes) before; it is remembered until that moment.

        Raises HubError (index-unavailable) when the store cannot be reached: then nobody knows.
        """
        ...
