"""Time and identifiers from outside, so that rules and tests are repeatable."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time of day."""

    def now(self) -> datetime:
        """Now, with its zone."""
        ...


class IdSource(Protocol):
    """New identifiers."""

    def new_id(self) -> str:
        """A new unguessable identifier of 26 letters and digits."""
        ...
