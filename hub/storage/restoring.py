"""A backup brought back into an empty store. Nobody can use the index before all of it is there."""

from collections.abc import Callable, Iterator

from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub.storage.backup_file import Backup, BackupError, Dumped
from hub.storage.bulk.execution import Execution
from hub.storage.connection import masters, translated
from hub.storage.known_keys import begin_restoring, end_restoring, require_same, restoring
from hub.storage.secrets import Pseudonyms

Progress = Callable[[int, int], None]
"""Told how many keys are there again, and how many there are to be."""

_MOST_KEYS, _MOST_BYTES = 1000, 1 << 20
"""What is sent at once."""

_IS_THERE = "BUSYKEY"


class Restoring:
    """Restores a backup. Raises BackupError, WrongKeyError, and HubError (index-unavailable): run it again then."""

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms) -> None:
        self._client, self._pseudonyms = client, pseudonyms
        self._execute = Execution(client)

    async def run(self, backup: Backup, progress: Progress) -> None:
        """Restore it. An interrupted restore of the same backup is gone on with."""
        require_same(backup.known_keys, self._pseudonyms)
        if await self._size() and await restoring(self._client) != backup.digest:
            raise BackupError("the index is not empty; a backup is restored into an empty one only")
        await begin_restoring(self._client, backup.digest)
        before, done, new = await self._size(), 0, 0
        for part in _parts(backup.frames()):
            new += await self._restored(part, backup.server)
            done += len(part)
            progress(done, backup.counts.keys)
        if done != backup.counts.keys or await self._size() != before + new:
            raise BackupError("somebody else has changed the index meanwhile; empty it and restore again")
        await end_restoring(self._client, backup.known_keys)

    async def _restored(self, part: list[Dumped], server: str) -> int:
        """Bring keys back; how many were not there yet."""
        new = 0
        for (answer,) in await self._execute([[("RESTORE", key, 0, dump)] for key, dump in part]):
            if not isinstance(answer, RedisError):
                new += 1
            elif not str(answer).startswith(_IS_THERE):
                raise BackupError(f"the server does not take what was dumped by one of version {server}: {answer}")
        return new

    async def _size(self) -> int:
        """How many keys there are."""
        with translated():
            return sum([await server.dbsize() for server in await masters(self._client)])


def _parts(frames: Iterator[Dumped]) -> Iterator[list[Dumped]]:
    part: list[Dumped] = []
    size = 0
    for frame in frames:
        part.append(frame)
        size += len(frame.dump)
        if len(part) == _MOST_KEYS or size >= _MOST_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part
