"""How far an import has come: kept in the store itself, so that it is never further than what the store has."""

import json
from dataclasses import dataclass, field

from redis.asyncio import Redis

from hub.storage.bulk.report import Counts
from hub.storage.connection import translated

_KEPT = 30 * 86400
"""Seconds that an import which was broken off may be gone on with."""


@dataclass(slots=True)
class Progress:
    """All lines up to this number are in the index, and what they counted."""

    line: int = 0
    counts: Counts = field(default_factory=Counts)


class Checkpoints:
    """The progress of one file. Raises HubError (index-unavailable)."""

    def __init__(self, client: Redis, identity: str) -> None:
        self._client, self._key = client, f"{{import}}:{identity}"

    async def load(self) -> Progress:
        """What was kept last, or the beginning."""
        with translated():
            kept = await self._client.get(self._key)
        if not kept:
            return Progress()
        line, counts = json.loads(kept)
        return Progress(line, Counts(**counts))

    async def save(self, progress: Progress) -> None:
        """Keep the progress. What it counts has been acknowledged before."""
        with translated():
            await self._client.set(self._key, json.dumps([progress.line, progress.counts.to_dict()]), ex=_KEPT)

    async def forget(self) -> None:
        """The file has been read to its end."""
        with translated():
            await self._client.delete(self._key)
