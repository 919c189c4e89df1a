"""Interned values: what repeats among references is stored once and named by a number.

Numbers are never given twice and values never change, so every process may remember them; it remembers the most used.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from redis.asyncio import Redis

from hub.domain.errors import HubError, Reason
from hub.storage import keys
from hub.storage.connection import script, stored, translated
from hub.storage.remembered import Remembered
from hub.storage.secrets import Pseudonyms, Sealer

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
        self._by_number: Remembered[int, Value] = Remembered(REMEMBERED)
        self._by_value: Remembered[Value, int] = Remembered(REMEMBERED)

    async def number_of(self, value: Value) -> int:
        """The number of a value; a new one when it was never seen. Raises HubError (index-unavailable)."""
        known = self._by_value.get(value)
        if known is not None:
            return known
        written = self._encode(value)
        sealed = self._sealer.seal(written, self._values_key.encode())
        with translated():
            (number,) = await self._intern(
                keys=[self._values_key, self._numbers_key], args=[self._pseudonyms.digests(written), sealed]
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
