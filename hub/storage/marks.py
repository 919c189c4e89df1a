"""The marks that a rotation leaves behind.

They guard against processes that know only the older key, so they are taken away by who does not know it any more: then
the operator has taken it out of the configuration. While anything else is left under a key, its marks stay.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from redis.asyncio import Redis

from hub.storage import keys
from hub.storage.connection import script, translated
from hub.storage.known_keys import retire
from hub.storage.patient_places import MOVED, Place
from hub.storage.sweeping import batches, beginnings, each, fields

_HASHES = (keys.PARTIES, keys.PROVIDERS, keys.PENDING_PROVIDERS)
"""Whose fields are named by pseudonym keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many marks were taken away, and how much else is under keys that are not configured, by their ids."""

    marks: int
    left: Mapping[str, int]


class Marks:
    """Takes marks away. Raises HubError (index-unavailable) when the store cannot be reached: run it again then."""

    def __init__(self, client: Redis, *, key_id: str) -> None:
        self._client, self._key_id = client, key_id
        self._forget = script(client, "forget")
        self._forgotten = 0

    async def forget(self) -> Forgotten:
        """Take away the marks under all keys but the one that names patients, and say that those were replaced."""
        marks, left = Counter[str](), Counter[str]()
        await self._look_at_patients(marks, left)
        for key in _HASHES:
            await self._look_at_fields(key, marks, left)
        replaced = marks.keys() - left.keys()
        await retire(self._client, replaced)
        for key_id in replaced:
            async for batch in batches(self._client, keys.patients("r", key_id)):
                await each(batch.keys, self._forget_patient)
            for key in _HASHES:
                await self._forget_fields(key, key_id)
        return Forgotten(marks=self._forgotten, left=dict(left))

    async def _look_at_patients(self, marks: Counter[str], left: Counter[str]) -> None:
        async for batch in batches(self._client, keys.patients()):
            foreign = {key for key in batch.keys if _key_id(keys.pseudonym_in(key)) != self._key_id}
            found = await beginnings(self._client, batch._replace(keys=[key for key in foreign if key[0] == "r"]))
            marked = {key for key, value in found.items() if value == MOVED}
            marks.update(_key_id(keys.pseudonym_in(key)) for key in marked)
            left.update(_key_id(keys.pseudonym_in(key)) for key in foreign - marked)

    async def _look_at_fields(self, key: str, marks: Counter[str], left: Counter[str]) -> None:
        async for found in fields(self._client, key):
            for field, value in found.items():
                if (key_id := _key_id(field.decode())) != self._key_id:
                    (marks if value == MOVED else left)[key_id] += 1

    async def _forget_patient(self, key: str) -> None:
        with translated():
            forgotten = await self._forget(keys=list(Place.of(keys.pseudonym_in(key))))
        self._forgotten += forgotten

    async def _forget_fields(self, key: str, key_id: str) -> None:
        async for found in fields(self._client, key, f"{key_id}.*"):
            marked = [field for field, value in found.items() if value == MOVED]
            if marked:
                with translated():
                    forgotten = await self._client.hdel(key, *marked)
                self._forgotten += forgotten


def _key_id(pseudonym: str) -> str:
    return pseudonym.partition(".")[0]
