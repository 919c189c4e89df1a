"""Which pseudonym keys an index was made with: a worker with another one would find nobody, and fill a second index.

A hash of the store holds a digest by every key that was ever configured, under its id; of a key that was replaced, a
mark.
"""

from collections.abc import Iterable

from redis.asyncio import Redis

from hub.storage import keys
from hub.storage.connection import stored, translated
from hub.storage.patient_places import MOVED
from hub.storage.secrets import Pseudonyms

_TEXT = b"the pseudonym key of this name"


class WrongKeyError(ValueError):
    """A configured pseudonym key is not the one that the index knows under its id; the text says what to do."""


async def require_known(client: Redis, pseudonyms: Pseudonyms) -> None:
    """See that the keys are those that the index was made with; a key with a new id is known from now on.

    Raises WrongKeyError, and HubError (index-unavailable).
    """
    for live in filter(None, (pseudonyms, pseudonyms.previous, pseudonyms.following)):
        digest = live.digest(_TEXT)
        with translated():
            await client.hsetnx(keys.KNOWN_KEYS, live.key_id, digest)
            known = stored(await client.hget(keys.KNOWN_KEYS, live.key_id))
        if known == MOVED:
            raise WrongKeyError(f"pseudonym key {live.key_id} was replaced in this index; a new key takes another id")
        if known != digest:
            raise WrongKeyError(f"pseudonym key {live.key_id} is not the key of this id that the index was made with")


async def retire(client: Redis, key_ids: Iterable[str]) -> None:
    """Say that these keys have been replaced. Raises HubError (index-unavailable)."""
    for key_id in key_ids:
        with translated():
            await client.hset(keys.KNOWN_KEYS, key_id, MOVED)
