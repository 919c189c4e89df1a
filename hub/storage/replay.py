"""The signed messages that were taken lately, on Redis."""

from datetime import datetime

from redis.asyncio import Redis

from hub.storage import keys
from hub.storage.connection import translated


class RedisReplayCache:
    """Implements `hub.ports.replay.ReplayCache`: a key for each message, which ends by itself."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def is_first(self, message: bytes, *, now: datetime, forget_at: datetime) -> bool:
        """See the port."""
        milliseconds = max(1, int((forget_at - now).total_seconds() * 1000))
        with translated():
            # Its own method for this puts the command together at twice the cost.
            stored = await self._client.execute_command(  # type: ignore[no-untyped-call]  # the library has no types here
                "SET", keys.signed_message(message), b"", "NX", "PX", milliseconds
            )
        return stored is not None
