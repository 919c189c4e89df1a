"""When and by whom something was said about access, and how much of what has ended is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeVar

from hub.domain.errors import HubError, Reason
from hub.domain.parties import Author

HISTORY: Final = 20
"""Ended entries that are kept of what was said about one subject; the audit trail has the older ones."""

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True, repr=False)
class Recorded:
    """The moment the hub took it (aware), and who said it: the author chain of the request."""

    at: datetime
    by: Author

    def __repr__(self) -> str:
        return f"Recorded({self.at.isoformat()})"


def bounded(entries: Sequence[Entry], has_ended: Callable[[Entry], bool]) -> tuple[Entry, ...]:
    """All entries that stand and the newest `HISTORY` that have ended, in their order (oldest first)."""
    surplus = sum(map(has_ended, entries)) - HISTORY
    kept: list[Entry] = []
    for entry in entries:
        if surplus > 0 and has_ended(entry):
            surplus -= 1
        else:
            kept.append(entry)
    return tuple(kept)


def day_said(stated: date | None, recorded: Recorded, *, tolerance: timedelta, where: str) -> date:
    """The day that a statement is about: the stated one, or that of recording when it states none.

    A clock may be ahead of ours: a day that lies ahead by no more than the tolerance counts as today. Raises HubError
    (content) for one further ahead.
    """
    today = recorded.at.date()
    if stated is None:
        return today
    if stated > today + tolerance:
        raise HubError(Reason.CONTENT, where=where, limit="a day that is not in the future")
    return min(stated, today)
