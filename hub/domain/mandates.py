"""Mandates: persons who may act for a patient (security facts, part 4.8)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hub.domain.identifiers import Ssin
from hub.domain.recorded import Recorded


class MandateKind(StrEnum):
    """Why somebody may act for a patient; what each kind may do is policy."""

    PARENT = "parent"
    TRUSTED_PERSON = "trusted-person"
    LEGAL_REPRESENTATIVE = "legal-representative"
    HEALTH_DATA = "health-data"
    """A mandate of the type "management of health data"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """A mandate of `holder`, both days included; `end` is None for one without an end.

    One of a trusted person counts when both have agreed: `accepted` says that the holder has.
    """

    holder: Ssin
    kind: MandateKind
    start: date
    end: date | None
    accepted: bool
    recorded: Recorded
    revoked_on: date | None = None
    revocation: Recorded | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.accepted and self.start <= day and (self.end is None or day <= self.end) and not self.revoked_on
