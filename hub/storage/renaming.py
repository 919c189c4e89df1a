"""Fields of hashes that are named by a pseudonym key, moved from the older of two keys to the newer one.

Care parties, care providers, and the digests by which interned values are found again. As with patients, what is still
named by the older key is what is left to do; see `rotation`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from redis.asyncio import Redis

from hub.domain.errors import HubError
from hub.domain.subjects import Subject
from hub.storage import keys
from hub.storage.connection import script, translated
from hub.storage.patient_places import MOVED
from hub.storage.provider_registry import provider_name
from hub.storage.provider_values import decode_provider, decode_waiting
from hub.storage.registries import party_name
from hub.storage.secrets import Pseudonyms, Sealer
from hub.storage.sweeping import batches, fields
from hub.storage.values import decode_party


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """Fields of one kind moved by this run, and those that cannot be read and so stay under the older key."""

    moved: int
    unreadable: int


class Renaming:
    """Moves fields. Raises HubError (index-unavailable) when the store cannot be reached: run it again then."""

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms, previous: Pseudonyms, sealer: Sealer) -> None:
        self._client, self._older, self._newer, self._sealer = client, previous, pseudonyms, sealer
        self._move_fields = script(client, "move_fields")

    async def parties(self) -> Renamed:
        """Move care parties, leaving marks behind, until there are no more."""
        return await self._rename(keys.PARTIES, self._party_field, mark=MOVED)

    async def providers(self) -> Renamed:
        """Move care providers, leaving marks behind, until there are no more; then the queue of those who wait."""
        providers = await self._rename(keys.PROVIDERS, self._provider_field, mark=MOVED)
        waiting = await self._rename(keys.PENDING_PROVIDERS, self._waiting_field, mark=b"")
        return Renamed(moved=providers.moved, unreadable=providers.unreadable + waiting.unreadable)

    async def digests(self) -> int:
        """Move the digests of all interned values; how many were moved by this run."""
        moved = 0
        async for batch in batches(self._client, keys.DICTIONARIES):
            for values in batch.keys:
                numbers = keys.dictionary_numbers(keys.dictionary_in(values))
                async for found in fields(self._client, values):
                    written = [self._sealer.open(sealed, values.encode()) for sealed in found.values()]
                    renamed = {self._older.digest(value): self._newer.digest(value) for value in written}
                    moved += await self._move(numbers, renamed, mark=b"")
        return moved

    async def _rename(self, key: str, renamed: Callable[[bytes, bytes], bytes], *, mark: bytes) -> Renamed:
        moved = 0
        while True:
            before, unreadable = moved, 0
            async for found in fields(self._client, key, f"{self._older.key_id}.*"):
                there = {field: renamed(field, value) for field, value in found.items() if value != MOVED}
                known = {field: newer for field, newer in there.items() if newer}
                unreadable += len(there) - len(known)
                moved += await self._move(key, known, mark=mark)
            if moved == before:
                return Renamed(moved=moved, unreadable=unreadable)

    async def _move(self, key: str, renamed: Mapping[bytes, bytes], *, mark: bytes) -> int:
        if not renamed:
            return 0
        with translated():
            moved = await self._move_fields(
                keys=[key], args=[mark, *(part for pair in renamed.items() for part in pair)]
            )
        return int(moved)

    def _party_field(self, field: bytes, sealed: bytes) -> bytes:
        """The field by the newer key; empty when the party cannot be read or is not known by such an identifier."""
        try:
            party, _ = decode_party(self._sealer.open(sealed, keys.PARTIES.encode()))
        except (HubError, ValueError):
            return b""
        names = {self._older.of(party_name(id_)).encode(): party_name(id_) for id_ in party.ids}
        return self._newer.of(names[field]).encode() if field in names else b""

    def _provider_field(self, field: bytes, sealed: bytes) -> bytes:
        """The same for a care provider."""
        try:
            subject = decode_provider(self._sealer.open(sealed, keys.PROVIDERS.encode())).subject
        except (HubError, ValueError):
            return b""
        return self._subject_field(field, subject)

    def _waiting_field(self, field: bytes, sealed: bytes) -> bytes:
        """The same for one who waits."""
        try:
            subject, _ = decode_waiting(self._sealer.open(sealed, keys.PENDING_PROVIDERS.encode()))
        except (HubError, ValueError):
            return b""
        return self._subject_field(field, subject)

    def _subject_field(self, field: bytes, subject: Subject) -> bytes:
        name = provider_name(subject)
        return self._newer.of(name).encode() if field == self._older.of(name).encode() else b""
