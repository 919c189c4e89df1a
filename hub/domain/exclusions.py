"""Exclusions: a care party whom the patient shuts out, whatever the link (security facts, part 4.4)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from hub.domain.parties import Id
from hub.domain.recorded import Recorded, bounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A care party who sees nothing from `start` on; `lifted_on` is the day since which he may again."""

    party: tuple[Id, ...]
    start: date
    recorded: Recorded
    lifted_on: date | None = None
    lifting: Recorded | None = None

    @property
    def is_in_force(self) -> bool:
        """Whether it has not been lifted; an exclusion counts at once, whatever day it states."""
        return self.lifted_on is None


def exclude(before: Sequence[Exclusion], exclusion: Exclusion) -> tuple[Exclusion, ...]:
    """Shut the party out; nothing changes when it is shut out already."""
    return tuple(before) if any(other.is_in_force for other in before) else (*before, exclusion)


def lift(before: Sequence[Exclusion], recorded: Recorded) -> tuple[Exclusion, ...]:
    """Let the party in again from this day on; nothing changes when it is not shut out."""
    lifted = [
        replace(exclusion, lifted_on=recorded.at.date(), lifting=recorded) if exclusion.is_in_force else exclusion
        for exclusion in before
    ]
    return bounded(lifted, lambda exclusion: not exclusion.is_in_force)
