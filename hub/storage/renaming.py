"""Fields of hashes that are named by a pseudonym key, moved from the older of two keys to the newer one.

Care parties, and the digests by which interned values are found again. As with patients, what is still named by the
older key is what is left to do; see `rotation`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from redis.asyncio import Redis

from hub.domain.errors import HubError
from hub.storage import keys
from hub.storage.connection import script, translated
from hub.storage.patient_places import MOVED
from hub.storage.registries import party_name
from hub.storage.secrets import Pseudonyms, Sealer
from hub.storage.sweeping import batches, fields
from hub.storage.values import decode_party


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamedParties:
    """Fields of care parties moved by this run, and those that cannot be read and so stay under the older key."""

    moved: int
    unreadable: int


class Renaming:
    """Moves fields. Raises HubError (index-unavailable) when the store cannot be reached: run it again then."""

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms, previous: Pseudonyms, sealer: Sealer) -> None:
        self._client, self._older, self._newer, self._sealer = client, previous, pseudonyms, sealer
        self._move_fields = script(client, "move_fields")

    async def parties(self) -> RenamedParties:
        """Move care parties, leaving marks behind, until there are no more."""
        moved = 0
        while True:
            before, unreadable = moved, 0
            async for found in fields(self._client, keys.PARTIES, f"{self._older.key_id}.*"):
                parties = {field: value for field, value in found.items() if value != MOVED}
                renamed = {field: self._party_field(field, value) for field, value in parties.items()}
                known = {field: newer for field, newer in renamed.items() if newer}
                unreadable += len(renamed) - len(known)
                moved += await self._move(keys.PARTIES, known, mark=MOVED)
            if moved == before:
                return RenamedParties(moved=moved, unreadable=unreadable)

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
