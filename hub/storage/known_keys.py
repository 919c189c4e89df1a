"""Which pseudonym keys an index was made with: a worker with another one would find nobody, and fill a second index.

A hash of the store holds a digest by every key that was ever configured, under its id; of a key that was replaced, a
mark. While a backup is restored the hash says so, and nobody uses the index.
"""

from collections.abc import Iterable, Mapping
from typing import cast

from redis.asyncio import Redis

from hub.storage import keys
from hub.storage.connection import stored, translated
from hub.storage.patient_places import MOVED
from hub.storage.secrets import Pseudonyms

_TEXT = b"the pseudonym key of this name"
_RESTORING = "restoring"
"""A field that no key can have for its id, which is shorter."""


class WrongKeyError(ValueError):
    """The index is not to be used with the configured pseudonym keys; the text says what to do."""


async def require_known(client: Redis, pseudonyms: Pseudonyms) -> None:
    """See that the keys are those that the index was made with; a key with a new id is known from now on.

    Raises WrongKeyError, also for an index that is not restored yet, and HubError (index-unavailable).
    """
    if await restoring(client):
        raise WrongKeyError("this index has not been restored to its end: run hub restore again, with the same file")
    for live in _live(pseudonyms):
        with translated():
            await client.hsetnx(keys.KNOWN_KEYS, live.key_id, live.digest(_TEXT))
            known = stored(await client.hget(keys.KNOWN_KEYS, live.key_id))
        _require(live, known)


def require_same(known: Mapping[str, bytes], pseudonyms: Pseudonyms) -> None:
    """See that an index with these keys can be used. Raises WrongKeyError."""
    meant = [live for live in _live(pseudonyms) if live.key_id in known]
    if not meant:
        raise WrongKeyError(f"there the pseudonym keys are {', '.join(sorted(known))}; none of them is configured")
    for live in meant:
        _require(live, known[live.key_id])


async def known_keys(client: Redis) -> dict[str, bytes]:
    """The digest or the mark of each key, by its id. Raises HubError (index-unavailable)."""
    with translated():
        found = cast("dict[bytes, bytes]", await client.hgetall(keys.KNOWN_KEYS))
    return {key_id.decode(): digest for key_id, digest in found.items() if key_id != _RESTORING.encode()}


async def retire(client: Redis, key_ids: Iterable[str]) -> None:
    """Say that these keys have been replaced. Raises HubError (index-unavailable)."""
    for key_id in key_ids:
        with translated():
            await client.hset(keys.KNOWN_KEYS, key_id, MOVED)


async def restoring(client: Redis) -> bytes | None:
    """The digest of the backup that is being restored. Raises HubError (index-unavailable)."""
    with translated():
        return stored(await client.hget(keys.KNOWN_KEYS, _RESTORING))


async def begin_restoring(client: Redis, digest: bytes) -> None:
    """Keep everybody away until `end_restoring`. Raises HubError (index-unavailable)."""
    with translated():
        await client.hset(keys.KNOWN_KEYS, _RESTORING, digest)


async def end_restoring(client: Redis, known: Mapping[str, bytes]) -> None:
    """The index is whole, and these are its keys. Raises HubError (index-unavailable)."""
    with translated():
        for key_id, digest in known.items():
            await client.hset(keys.KNOWN_KEYS, key_id, digest)
        await client.hdel(keys.KNOWN_KEYS, _RESTORING)


def _live(pseudonyms: Pseudonyms) -> Iterable[Pseudonyms]:
    return filter(None, (pseudonyms, pseudonyms.previous, pseudonyms.following))


def _require(live: Pseudonyms, known: bytes | None) -> None:
    if known == MOVED:
        raise WrongKeyError(f"pseudonym key {live.key_id} was replaced in this index; a new key takes another id")
    if known != live.digest(_TEXT):
        raise WrongKeyError(f"pseudonym key {live.key_id} is not the key of this id that the index was made with")
