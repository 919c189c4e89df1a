"""Therapeutic links: the relation between a patient and a care party that lets the party look.

Security facts, part 4.3. How long a link of a kind lasts, and which proof it needs, is policy (`access_policy`).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hub.domain.parties import Id
from hub.domain.recorded import Recorded


class Proof(StrEnum):
    """What shows that patient and care party met (CD-PROOFTYPE, as far as the hub tells them apart)."""

    NONE = "none"
    EID_READING = "eidreading"
    ISI_READING = "isireading"
    SIS_READING = "sisreading"
    PATIENT = "patient"
    """The patient said so himself."""
    ORGANISATION = "organisation"
    """A recognised organisation answers for it, with its own proof (circle of trust)."""
    AUTHENTIC_SOURCE = "authenticsource"


@dataclass(frozen=True, slots=True, kw_only=True)
class TherapeuticLink:
    """A link, both days included. `party` are the ids of the care party as put; `kind` is CD-THERAPEUTICLINKTYPE.

    `revoked_on` is the day since which it does not hold any more, None for never.
    """

    party: tuple[Id, ...]
    kind: str
    start: date
    end: date
    proof: Proof
    recorded: Recorded
    comment: str = ""
    revoked_on: date | None = None
    revocation: Recorded | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.start <= day <= self.end and self.revoked_on is None
