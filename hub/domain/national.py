"""What the national registers say about consent, links and exclusions, beside what the hub was told itself.

Security facts, parts 4.2 to 4.4; federation facts, part 4. What is given there counts here; what is refused there, or
here, is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from hub.domain.consent import ConsentState, PatientConsent, withdraw
from hub.domain.exclusions import Exclusion
from hub.domain.identifiers import Ssin
from hub.domain.patient_facts import PatientFacts, SubjectFacts
from hub.domain.recorded import Recorded
from hub.domain.subjects import Subject, SubjectKind, subject_named
from hub.domain.therapeutic_links import TherapeuticLink


class NationalRegister(StrEnum):
    """The registers there are."""

    CONSENTS = "consents"
    LINKS = "links"
    EXCLUSIONS = "exclusions"


class NationalQuestion(NamedTuple):
    """What a register is asked: about a patient, and about these care parties when it is about parties."""

    patient: Ssin
    parties: frozenset[Subject] = frozenset()


def parties_among(subjects: Iterable[Subject], patient: Ssin) -> frozenset[Subject]:
    """The subjects that a national register knows by a number, without the patient himself."""
    return frozenset(
        subject
        for subject in subjects
        if subject.kind in (SubjectKind.NIHII, SubjectKind.INSS) and subject.value != patient.digits
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalConsent:
    """How national consent stands, by the word of the register that `recorded` names.

    `consent` is the one that is given, None in any other state. `ended_on` is the day of the revocation or of death,
    when the register tells it.
    """

    state: ConsentState
    recorded: Recorded
    consent: PatientConsent | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalWord:
    """What all registers say about one request. One that was not asked says nothing.

    `notes` are ids for the audit trail, such as `national-consents/last-known`: that register was down, and what it
    said before was used.
    """

    consent: NationalConsent | None = None
    links: tuple[TherapeuticLink, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_deceased(self) -> bool:
        """Whether the patient is registered as deceased."""
        return self.consent is not None and self.consent.state is ConsentState.DECEASED

    def merged(self, facts: PatientFacts) -> PatientFacts:
        """What is known with the word of the registers.

        A revocation there ends every consent here. A national consent or link does not count when the patient has taken
        back here what he gave, on the day it began there or later: the register does not know of that yet.
        """
        by_subject = dict(facts.by_subject)
        for link in self.links:
            subject = subject_named(link.party, where="party")
            before = by_subject.get(subject, SubjectFacts())
            if not any(own.revoked_on is not None and own.revoked_on >= link.start for own in before.links):
                by_subject[subject] = replace(before, links=(*before.links, link))
        for exclusion in self.exclusions:
            subject = subject_named(exclusion.party, where="party")
            before = by_subject.get(subject, SubjectFacts())
            by_subject[subject] = replace(before, exclusions=(*before.exclusions, exclusion))
        return PatientFacts(self._consents(facts.consents), by_subject)

    def _consents(self, own: tuple[PatientConsent, ...]) -> tuple[PatientConsent, ...]:
        match self.consent:
            case NationalConsent(state=ConsentState.GIVEN, consent=PatientConsent() as given):
                return own if _was_withdrawn_since(own, given.signed_on) else (*own, given)
            case NationalConsent(
                state=ConsentState.REVOKED | ConsentState.DECEASED, recorded=recorded, ended_on=ended_on
            ):
                return withdraw(own, frozenset(), ended_on or recorded.at.date(), recorded)
        return own


def _was_withdrawn_since(own: tuple[PatientConsent, ...], day: date) -> bool:
    """Whether the newest consent that is more than local was taken back on that day or later."""
    newest = next((consent for consent in reversed(own) if not consent.is_local), None)
    return newest is not None and newest.revoked_on is not None and newest.revoked_on >= day
