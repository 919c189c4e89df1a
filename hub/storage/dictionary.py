"""Interned values: what repeats among references is stored once and named by a number.

Numbers are never given twice and values never change, so every process may remember them for good.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from redis.asyncio import Redis

from hub.domain.errors import HubError, Reason
from hub.storage import keys
from hub.storage.connection import script, stored, translated
from hub.storage.secrets import Pseudonyms, Sealer

Value = TypeVar("Value", bound=Hashable)


class Dictionary(Generic[Value]):
    """One kind of interned values in Redis: sealed, found again by keyed digest, remembered in this process."""

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
        self._by_number: dict[int, Value] = {}
        self._by_value: dict[Value, int] = {}

    async def number_of(self, value: Value) -> int:
        """The number of a value; a new one when it was never seen. Raises HubError (index-unavailable)."""
        if value not in self._by_value:
            written = self._encode(value)
            sealed = self._sealer.seal(written, self._values_key.encode())
            with translated():
                (number,) = await self._intern(
                    keys=[self._values_key, self._numbers_key], args=[self._pseudonyms.digest(written), sealed]
                )
            self._remember(number, value)
        return self._by_value[value]

    async def load(self, numbers: Iterable[int]) -> None:
        """Make sure that `value_of` knows these numbers: at most one round trip.

        Raises HubError (index-unavailable).
        """
        missing = [number for number in set(numbers) if number not in self._by_number]
        if not missing:
            return
        with translated():
            sealed = await self._client.hmget(self._values_key, [str(number) for number in missing])
        for number, value in zip(missing, map(stored, sealed), strict=True):
            if value is None:
                raise HubError(Reason.INDEX_UNAVAILABLE, where=self._values_key)
            self._remember(number, self._decode(self._sealer.open(value, self._values_key.encode())))

    def value_of(self, number: int) -> Value:
        """The value of a number that was loaded."""
        return self._by_number[number]

    def _remember(self, number: int, value: Value) -> None:
        self._by_number[number] = value
        self._by_value[value] = number
