"""Exclusions: a care party whom the patient shuts out, whatever the link (security facts, part 4.4)."""

from dataclasses import dataclass
from datetime import date

from hub.domain.parties import Id
from hub.domain.recorded import Recorded


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
