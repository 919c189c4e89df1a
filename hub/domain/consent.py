"""The patient's informed consent to sharing, and that of care parties to taking part (security facts, part 4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hub.domain.recorded import Recorded


class ConsentKind(StrEnum):
    """What a consent covers (CD-CONSENTTYPE)."""

    RETROSPECTIVE = "retrospective"
    """Documents of the past and of the future."""
    PROSPECTIVE = "prospective"
    """Documents from the day of signing on."""
    LOCAL = "local"
    """This hub only: it is not the national consent."""


class ConsentState(StrEnum):
    """How consent stands."""

    NONE = "none"
    GIVEN = "given"
    REVOKED = "revoked"
    DECEASED = "deceased"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientConsent:
    """One consent of a patient; `revoked_on` is the day it ended, None while it stands. Days are inclusive."""

    kinds: frozenset[ConsentKind]
    signed_on: date
    recorded: Recorded
    revoked_on: date | None = None
    revocation: Recorded | None = None

    @property
    def is_given(self) -> bool:
        """Whether it stands."""
        return self.revoked_on is None

    def covers(self, day: date) -> bool:
        """Whether documents of this day are covered."""
        return self.kinds != {ConsentKind.PROSPECTIVE} or day >= self.signed_on


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyConsent:
    """The consent of a care party to take part in the hub."""

    signed_on: date
    recorded: Recorded
    revoked_on: date | None = None
    revocation: Recorded | None = None


def standing(consents: Sequence[PatientConsent]) -> PatientConsent | None:
    """The consent that stands, of all that a patient gave, oldest first; None when there is none."""
    return next((consent for consent in reversed(consents) if consent.is_given), None)
