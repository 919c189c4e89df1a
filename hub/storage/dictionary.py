"""Interned values: what repeats among references is stored once and named by a number.

Numbers are never given twice and values never change, so every process may remember them; it remembers the most used.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from redis.asyncio import Redis

from hub.domain.errors import HubError, Reason
from hub.storage import keys
from hub.storage.connection import script, stored, translated
from hub.storage.secrets import Pseudonyms, Sealer

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")
Value = TypeVar("Value", bound=Hashable)

REMEMBERED = 20_000
"""How many values of a dictionary a process remembers at least; twice as many at most."""


class Dictionary(Generic[Value]):
    """One kind of interned values in Redis: sealed, found again by keyed digest, the most used remembered here."""

    def __init__(
        self,
        client: Redis,
        name: str,
        *,
        encode: Callable[[Value], bytes],
        decode: Callable[[bytes], Value],
        pseudonyms: Pseudonyms,
        sealer: Sealer,
    ) -> None:
        self._client = client
        self._values_key, self._numbers_key = keys.dictionary_values(name), keys.dictionary_numbers(name)
        self._encode, self._decode = encode, decode
        self._pseudonyms, self._sealer = pseudonyms, sealer
        self._intern = script(client, "intern")
        self._by_number: _Memory[int, Value] = _Memory(REMEMBERED)
        self._by_value: _Memory[Value, int] = _Memory(REMEMBERED)

    async def number_of(self, value: Value) -> int:
        """The number of a value; a new one when it was never seen. Raises HubError (index-unavailable)."""
        known = self._by_value.get(value)
        if known is not None:
            return known
        written = self._encode(value)
        sealed = self._sealer.seal(written, self._values_key.encode())
        with translated():
            (number,) = await self._intern(
                keys=[self._values_key, self._numbers_key], args=[self._pseudonyms.digest(written), sealed]
            )
        self._by_value.keep(value, int(number))
        return int(number)

    async def values_of(self, numbers: Iterable[int]) -> Mapping[int, Value]:
        """The values of some numbers: at most one round trip. Raises HubError (index-unavailable)."""
        found: dict[int, Value] = {}
        missing = []
        for number in set(numbers):
            if (value := self._by_number.get(number)) is None:
                missing.append(number)
            else:
                found[number] = value
        if missing:
            found |= await self._fetch(missing)
        return found

    async def _fetch(self, numbers: list[int]) -> dict[int, Value]:
        with translated():
            sealed = await self._client.hmget(self._values_key, [str(number) for number in numbers])
        fetched: dict[int, Value] = {}
        for number, written in zip(numbers, map(stored, sealed), strict=True):
            if written is None:
                raise HubError(Reason.INDEX_UNAVAILABLE, where=self._values_key)
            value = fetched[number] = self._decode(self._sealer.open(written, self._values_key.encode()))
            self._by_number.keep(number, value)
        return fetched


class _Memory(Generic[Key, Kept]):
    """Remembers the keys used last, between `size` and twice as many: two generations, of which the older is dropped.

    A list asks for some twenty keys; a list of uses kept in order would cost it more than what is remembered saves.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._young: dict[Key, Kept] = {}
        self._old: dict[Key, Kept] = {}

    def get(self, key: Key) -> Kept | None:
        """What is remembered under a key."""
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.keep(key, found)
        return found

    def keep(self, key: Key, value: Kept) -> None:
        """Remember."""
        if len(self._young) >= self._size:
            self._old, self._young = self._young, {}
        self._young[key] = value
