"""The patient's informed consent to sharing, and that of care parties to taking part (security facts, part 4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from hub.domain.parties import Id
from hub.domain.recorded import Recorded, bounded


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

    @property
    def is_local(self) -> bool:
        """Whether it is for this hub only, beside the national one."""
        return ConsentKind.LOCAL in self.kinds

    @property
    def covers_the_past(self) -> bool:
        """Whether documents from before the day of signing are covered."""
        return ConsentKind.PROSPECTIVE not in self.kinds or ConsentKind.RETROSPECTIVE in self.kinds

    def covers(self, day: date) -> bool:
        """Whether documents of this day are covered."""
        return self.covers_the_past or day >= self.signed_on


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyConsent:
    """The consent of a care party to take part in the hub."""

    signed_on: date
    recorded: Recorded
    revoked_on: date | None = None
    revocation: Recorded | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentStatement:
    """What somebody says of a patient's consent: its kinds, and the days if he states them.

    `patient_ids` are those of the message, with the number of a card when one was read.
    """

    patient_ids: tuple[Id, ...]
    kinds: frozenset[ConsentKind]
    signed_on: date | None = None
    revoked_on: date | None = None


def standing(consents: Sequence[PatientConsent]) -> PatientConsent | None:
    """The consent that stands, of all that a patient gave, oldest first; None when there is none.

    The national and the local one may stand side by side: then the one that covers more, so that it covers whatever
    one of them does.
    """
    given = [consent for consent in consents if consent.is_given]
    return min(given, key=lambda consent: (not consent.covers_the_past, consent.signed_on), default=None)


def give(before: Sequence[PatientConsent], consent: PatientConsent) -> tuple[PatientConsent, ...]:
    """Give a consent. It takes the place of the one that stands, the national of the national, the local of the local.

    Nothing changes when that one is of the same kinds and was signed no later: to say yes again never narrows.
    """
    said = [other for other in before if other.is_given and other.is_local == consent.is_local]
    if any(other.kinds == consent.kinds and other.signed_on <= consent.signed_on for other in said):
        return tuple(before)
    return _kept((*_ended(before, said, consent.recorded.at.date(), consent.recorded), consent))


def withdraw(
    before: Sequence[PatientConsent], kinds: frozenset[ConsentKind], revoked_on: date, recorded: Recorded
) -> tuple[PatientConsent, ...]:
    """Withdraw consent: the local one when `kinds` name it, else all, since who shares with nobody shares not here.

    Nothing changes when there is nothing to withdraw.
    """
    only_local = ConsentKind.LOCAL in kinds
    withdrawn = [other for other in before if other.is_given and (other.is_local or not only_local)]
    return _kept(_ended(before, withdrawn, revoked_on, recorded)) if withdrawn else tuple(before)


def _ended(
    before: Sequence[PatientConsent], ending: Sequence[PatientConsent], day: date, recorded: Recorded
) -> tuple[PatientConsent, ...]:
    return tuple(
        replace(consent, revoked_on=day, revocation=recorded) if consent in ending else consent for consent in before
    )


def _kept(consents: Sequence[PatientConsent]) -> tuple[PatientConsent, ...]:
    return bounded(consents, lambda consent: not consent.is_given)
