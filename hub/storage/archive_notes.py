"""What the store knows of the archive of audit events: how far it has come, and who is filling it."""

from redis.asyncio import Redis

from hub.domain.errors import Reason
from hub.storage import keys
from hub.storage.connection import stored, translated


class ArchiveNotes:
    """Methods raise HubError (audit-unavailable) when the store cannot be reached."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def head(self) -> bytes | None:
        """The end of the archive's chain when it was last noted."""
        with translated(Reason.AUDIT_UNAVAILABLE):
            return stored(await self._client.get(keys.AUDIT_HEAD))

    async def note_head(self, head: bytes) -> None:
        """Note how far the archive has come."""
        with translated(Reason.AUDIT_UNAVAILABLE):
            await self._client.set(keys.AUDIT_HEAD, head)

    async def forget_head(self) -> None:
        """Take the archive for what it is from now on."""
        with translated(Reason.AUDIT_UNAVAILABLE):
            await self._client.delete(keys.AUDIT_HEAD)

    async def take_turn(self, archiver: str, *, seconds: float) -> bool:
        """Whether it is the turn of this archiver, for so long. Two may believe so for a moment; the chain bears it."""
        with translated(Reason.AUDIT_UNAVAILABLE):
            milliseconds = int(seconds * 1000)
            if await self._client.set(keys.AUDIT_ARCHIVER, archiver, nx=True, px=milliseconds):
                return True
            if stored(await self._client.get(keys.AUDIT_ARCHIVER)) != archiver.encode():
                return False
            return bool(await self._client.pexpire(keys.AUDIT_ARCHIVER, milliseconds))

    async def leave_turn(self, archiver: str) -> None:
        """Let the next one begin at once."""
        with translated(Reason.AUDIT_UNAVAILABLE):
            if stored(await self._client.get(keys.AUDIT_ARCHIVER)) == archiver.encode():
                await self._client.delete(keys.AUDIT_ARCHIVER)
