"""A bounded memory for what a process has read or made before."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """Remembers the keys used last, between `size` and twice as many: two generations, of which the older is dropped.

    A list asks for some twenty keys; a list of uses kept in order would cost it more than what is remembered saves.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._young: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """What is remembered under a key."""
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.keep(key, found)
        return found

    def keep(self, key: Key, value: Value) -> None:
        """Remember."""
        if len(self._young) >= self._size:
            self._old, self._young = self._young, {}
        self._young[key] = value
