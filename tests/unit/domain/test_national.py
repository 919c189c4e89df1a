"""What a national register says is merged with what the hub was told: yes counts beside ours, no counts at once."""

from datetime import UTC, date, datetime

import pytest

from hub.domain.consent import ConsentKind, ConsentState, PatientConsent, standing
from hub.domain.exclusions import Exclusion
from hub.domain.national import NationalConsent, NationalWord, parties_among
from hub.domain.parties import Id
from hub.domain.patient_facts import PatientFacts, SubjectFacts
from hub.domain.recorded import Recorded
from hub.domain.subjects import EVERYBODY, Subject, SubjectKind, subjects_of
from hub.domain.therapeutic_links import Proof, TherapeuticLink
from tests.builders import GP_NIHII, JAN, a_hospital, a_person

HERE = Recorded(datetime(2026, 3, 2, 10, tzinfo=UTC), (a_person(),))
THERE = Recorded(datetime(2026, 3, 3, 10, tzinfo=UTC), ())
GP = Subject(SubjectKind.NIHII, GP_NIHII[:8])
GP_IDS = (Id("ID-HCPARTY", "1.0", GP_NIHII),)
DAY, EARLIER, LATER = date(2026, 2, 1), date(2026, 1, 1), date(2026, 3, 1)


def a_consent(
    signed_on: date = DAY,
    *kinds: ConsentKind,
    revoked_on: date | None = None,
    recorded: Recorded = HERE,
) -> PatientConsent:
    kinds = kinds or (ConsentKind.RETROSPECTIVE,)
    revocation = recorded if revoked_on else None
    return PatientConsent(
        kinds=frozenset(kinds), signed_on=signed_on, recorded=recorded, revoked_on=revoked_on, revocation=revocation
    )


def given(consent: PatientConsent | None = None) -> NationalWord:
    consent = consent or a_consent(recorded=THERE)
    return NationalWord(consent=NationalConsent(state=ConsentState.GIVEN, recorded=THERE, consent=consent))


def state(state: ConsentState, ended_on: date | None = None) -> NationalWord:
    return NationalWord(consent=NationalConsent(state=state, recorded=THERE, ended_on=ended_on))


def a_link(start: date = DAY, *, revoked_on: date | None = None, kind: str = "gmd") -> TherapeuticLink:
    return TherapeuticLink(
        party=GP_IDS,
        kind=kind,
        start=start,
        end=date(2027, 1, 1),
        proof=Proof.AUTHENTIC_SOURCE,
        recorded=THERE,
        revoked_on=revoked_on,
    )


def merged_consent(word: NationalWord, *own: PatientConsent) -> PatientConsent | None:
    return standing(word.merged(PatientFacts(consents=own)).consents)


def test_a_register_that_was_not_asked_changes_nothing() -> None:
    facts = PatientFacts((a_consent(),), {GP: SubjectFacts(links=(a_link(),))})
    assert NationalWord().merged(facts) == facts
    assert not NationalWord().is_deceased


def test_national_consent_counts_as_the_hubs_own_does() -> None:
    assert merged_consent(given()) == a_consent(recorded=THERE)


def test_the_consent_that_covers_more_stands() -> None:
    narrow = given(a_consent(LATER, ConsentKind.PROSPECTIVE, recorded=THERE))
    assert merged_consent(narrow, a_consent()) == a_consent()
    own = a_consent(LATER, ConsentKind.PROSPECTIVE)
    assert merged_consent(given(), own) == a_consent(recorded=THERE)


@pytest.mark.parametrize("kind", [ConsentKind.RETROSPECTIVE, ConsentKind.LOCAL])
@pytest.mark.parametrize("ended", [ConsentState.REVOKED, ConsentState.DECEASED])
def test_what_was_ended_nationally_is_ended_here_at_once(ended: ConsentState, kind: ConsentKind) -> None:
    for day, seen in ((DAY, DAY), (None, THERE.at.date())):
        (consent,) = state(ended, day).merged(PatientFacts(consents=(a_consent(EARLIER, kind),))).consents
        assert (consent.revoked_on, consent.revocation) == (seen, THERE)


def test_only_the_deceased_are_deceased() -> None:
    assert [word for word in ConsentState if state(word).is_deceased] == [ConsentState.DECEASED]


def test_a_register_that_knows_nothing_leaves_the_hubs_own_consent() -> None:
    assert merged_consent(state(ConsentState.NONE), a_consent()) == a_consent()
    assert merged_consent(state(ConsentState.NONE)) is None


@pytest.mark.parametrize("revoked_on", [DAY, LATER])
def test_what_was_withdrawn_here_does_not_come_back_by_a_register_that_does_not_know_yet(revoked_on: date) -> None:
    assert merged_consent(given(), a_consent(EARLIER, revoked_on=revoked_on)) is None


def test_a_national_consent_counts_when_it_is_newer_than_the_withdrawal_here() -> None:
    assert merged_consent(given(), a_consent(EARLIER, revoked_on=EARLIER)) == a_consent(recorded=THERE)


def test_withdrawing_the_local_consent_leaves_the_national_one() -> None:
    local = a_consent(EARLIER, ConsentKind.LOCAL, revoked_on=LATER)
    assert merged_consent(given(), local) == a_consent(recorded=THERE)


def test_a_national_link_stands_beside_the_hubs_own() -> None:
    own = a_link(EARLIER, kind="gpconsultation")
    facts = PatientFacts(by_subject={GP: SubjectFacts(links=(own,))})
    assert NationalWord(links=(a_link(),)).merged(facts).by_subject == {GP: SubjectFacts(links=(own, a_link()))}
    assert NationalWord(links=(a_link(),)).merged(PatientFacts()).by_subject == {GP: SubjectFacts(links=(a_link(),))}


@pytest.mark.parametrize(("revoked_on", "counts"), [(EARLIER, True), (DAY, False), (LATER, False)])
def test_a_link_that_was_ended_here_does_not_come_back(revoked_on: date, *, counts: bool) -> None:
    facts = PatientFacts(by_subject={GP: SubjectFacts(links=(a_link(EARLIER, revoked_on=revoked_on),))})
    links = NationalWord(links=(a_link(),)).merged(facts).by_subject[GP].links
    assert (a_link() in links) is counts


def test_a_national_exclusion_excludes_whatever_was_lifted_here() -> None:
    lifted = Exclusion(party=GP_IDS, start=EARLIER, recorded=HERE, lifted_on=LATER, lifting=HERE)
    national = Exclusion(party=GP_IDS, start=EARLIER, recorded=THERE)
    facts = PatientFacts(by_subject={GP: SubjectFacts(exclusions=(lifted,))})
    exclusions = NationalWord(exclusions=(national,)).merged(facts).by_subject[GP].exclusions
    assert [exclusion.is_in_force for exclusion in exclusions] == [False, True]


def test_registers_are_asked_about_numbers_and_never_about_the_patient_as_a_party() -> None:
    own = Subject(SubjectKind.INSS, JAN.digits)
    subjects = subjects_of((a_hospital(), a_person())) | {own}
    assert EVERYBODY in subjects
    assert {party.kind for party in parties_among(subjects, JAN)} == {SubjectKind.NIHII}
    assert len(parties_among(subjects, JAN)) == 2
