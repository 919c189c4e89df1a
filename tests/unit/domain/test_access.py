"""The decision, rule by rule: what each one asks, what it answers, and what is told of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hub.domain.access import Granted, decide
from hub.domain.access_facts import ProviderStanding, Result, Rule
from hub.domain.access_matrix import AccessMatrix
from hub.domain.access_policy import (
    Authentication,
    ConsentRules,
    ProviderRules,
)
from hub.domain.consent import ConsentKind
from hub.domain.errors import Kind, Reason
from hub.domain.parties import HcParty, Id
from hub.domain.patient_facts import SubjectFacts
from tests.access_builders import (
    GP,
    HOSPITAL,
    NOW,
    POLICY,
    TODAY,
    a_consent,
    a_link,
    a_party,
    a_patient_party,
    an_identity,
    found,
    granted,
    refused,
    registered,
    the_facts,
)
from tests.builders import GP_NIHII, HOSPITAL_NIHII, OTHER_GP_NIHII, a_hospital, a_person


def test_every_rule_is_asked_in_order_whatever_fails() -> None:
    order = [rule for rule in Rule if rule is not Rule.ACTION]
    nobody = the_facts(a_party("perstechnician"), registered=registered(consents=()), standing=ProviderStanding())
    assert [outcome.rule for outcome in granted(the_facts()).outcomes] == order
    assert [outcome.rule for outcome in refused(nobody).outcomes] == order


def test_what_decided_is_named_up_to_the_reason() -> None:
    assert granted(the_facts()).rules == (
        "profession/doctor",
        "authentication/plain",
        "provider-registration/person",
        "provider-consent/person",
        "patient-alive/alive",
        "consent/retrospective",
        "exclusion/none",
        "link/gpconsultation",
    )
    refusal = refused(the_facts(registered=registered(consents=())))
    assert refusal.rules[-2:] == ("patient-alive/alive", "consent/missing")
    assert [outcome.id for outcome in refusal.outcomes][-2:] == ["break-the-glass", "mandate"]


def test_the_first_rule_that_fails_is_the_reason() -> None:
    facts = the_facts(deceased=True, standing=ProviderStanding(registered=True), registered=registered(consents=()))
    assert refused(facts).reason is Reason.PROVIDER_CONSENT_MISSING
    error = refused(facts).error()
    assert (error.reason, error.kind, error.details) == (Reason.PROVIDER_CONSENT_MISSING, Kind.REFUSED, {})
    assert (error.where, error.findings) == ("", ())


# Profession


def test_a_profession_without_a_role_is_refused_by_its_name() -> None:
    refusal = refused(the_facts(a_party("perstechnician")))
    assert refusal.reason is Reason.PROFESSION_UNKNOWN
    assert refusal.error().details == {"profession": "perstechnician"}
    assert found(refusal, Rule.PROFESSION) == (Result.FAILED, "unknown", {"profession": "perstechnician"})


@pytest.mark.parametrize(("stated", "shown"), [("", "-"), ("pers Jan", "other"), ("pers451231", "other")])
def test_a_profession_that_is_no_word_is_not_repeated(stated: str, shown: str) -> None:
    assert refused(the_facts(a_party(stated))).details == {"profession": shown}


def test_two_people_in_a_chain_are_nobody() -> None:
    refusal = refused(the_facts(a_person(), a_person(OTHER_GP_NIHII)))
    assert refusal.reason is Reason.PROFESSION_UNKNOWN
    assert found(refusal, Rule.PROFESSION) == (Result.FAILED, "several", {"profession": "persphysician"})


def test_a_profession_is_told_with_its_role() -> None:
    values = {"profession": "persphysician"}
    assert found(granted(the_facts()), Rule.PROFESSION) == (Result.PASSED, "doctor", values)


def test_a_role_that_the_matrix_does_not_know_is_refused() -> None:
    assert refused(the_facts(a_party("persadministrative"))).reason is Reason.PROFESSION_UNKNOWN


def test_before_the_first_edition_of_the_matrix_nobody_has_access() -> None:
    early = the_facts(now=NOW.replace(year=2025), registered=registered({GP: SubjectFacts(links=(a_link(),))}))
    assert refused(early).reason is Reason.PROFESSION_UNKNOWN


def test_the_edition_in_force_counts() -> None:
    (edition,) = POLICY.matrix.editions
    later = replace(edition, effective=TODAY, categories=edition.categories[:3])
    future = replace(edition, effective=TODAY + timedelta(days=1))
    policy = replace(POLICY, matrix=AccessMatrix((later, future, edition)))
    assert granted(the_facts(), policy).view.edition is later
    assert granted(the_facts(now=NOW - timedelta(days=1)), policy).view.edition is edition


def test_a_pharmacy_may_ask_without_naming_anybody() -> None:
    pharmacy = a_party("orgpharmacy", Id("ID-HCPARTY", "1.0", HOSPITAL_NIHII))
    said = registered({HOSPITAL: SubjectFacts(links=(a_link(),))})
    decision = granted(the_facts(pharmacy, registered=said, authentication=Authentication.ORGANISATION))
    assert decision.view.role.name == "pharmacist"
    assert decision.view.has_own_link


PSYCHIATRY = a_party("deptpsychiatry")
PSYCHIATRIST = "19990116780"


@pytest.mark.parametrize(
    ("parties", "authentication", "number", "role"),
    [
        ((a_person(),), Authentication.PERSON, GP_NIHII, "doctor"),
        ((a_hospital(), PSYCHIATRY, a_person()), Authentication.ORGANISATION, "", "psychiatrist"),
        ((a_hospital(), a_person(PSYCHIATRIST)), Authentication.ORGANISATION, "", "psychiatrist"),
        ((a_hospital(), a_person()), Authentication.ORGANISATION, "", "doctor"),
        ((a_person(PSYCHIATRIST),), Authentication.PERSON, PSYCHIATRIST, "psychiatrist"),
        # What a person says of himself does not make him a specialist.
        ((a_person(PSYCHIATRIST),), Authentication.PERSON, GP_NIHII, "doctor"),
        ((a_person(), PSYCHIATRY), Authentication.PERSON, GP_NIHII, "doctor"),
    ],
)
def test_a_speciality_counts_when_somebody_vouches_for_it(
    parties: tuple[HcParty, ...], authentication: Authentication, number: str, role: str
) -> None:
    identity = an_identity(number=number) if number else an_identity(number=HOSPITAL_NIHII, is_organisation=True)
    facts = the_facts(*parties, authentication=authentication, identity=identity)
    assert granted(facts).view.role.name == role


def test_a_person_without_an_identity_has_no_speciality() -> None:
    facts = the_facts(a_person(PSYCHIATRIST), authentication=Authentication.PERSON)
    assert granted(facts).view.role.name == "doctor"


# Authentication


def test_a_way_to_prove_oneself_that_is_not_accepted_is_weak() -> None:
    rules = replace(POLICY.authentication, accepted=frozenset({Authentication.PERSON}))
    refusal = refused(the_facts(), replace(POLICY, authentication=rules))
    assert refusal.reason is Reason.AUTHENTICATION_WEAK
    assert found(refusal, Rule.AUTHENTICATION) == (Result.FAILED, "weak", {"authentication": "plain"})


@pytest.mark.parametrize(
    ("organisation", "may"), [("orghospital", True), ("orginsurance", False), (None, False)], ids=str
)
def test_an_organisation_names_its_people_when_it_is_a_circle_of_trust(organisation: str | None, may: bool) -> None:
    parties = (a_party(organisation, Id("ID-HCPARTY", "1.0", HOSPITAL_NIHII)), a_person()) if organisation else ()
    decision = decide(POLICY, the_facts(*parties, authentication=Authentication.ORGANISATION))
    assert isinstance(decision, Granted) is may
    wanted = (Result.PASSED, "organisation") if may else (Result.FAILED, "nobody-vouches")
    assert found(decision, Rule.AUTHENTICATION) == (*wanted, {"authentication": "organisation"})


def test_no_organisation_speaks_for_patients_unless_it_is_a_portal() -> None:
    facts = the_facts(a_hospital(), a_patient_party(), authentication=Authentication.ORGANISATION)
    assert refused(facts).reason is Reason.AUTHENTICATION_WEAK
    rules = replace(POLICY.authentication, portals=frozenset({HOSPITAL_NIHII}))
    assert granted(facts, replace(POLICY, authentication=rules)).view.is_patient
    alone = the_facts(a_patient_party(), authentication=Authentication.ORGANISATION)
    assert refused(alone, replace(POLICY, authentication=rules)).reason is Reason.AUTHENTICATION_WEAK


# Registration and consent of care providers


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (ProviderStanding(registered=False, consented=True), Reason.PROVIDER_NOT_REGISTERED),
        (ProviderStanding(registered=True, consented=False), Reason.PROVIDER_CONSENT_MISSING),
    ],
)
def test_a_care_provider_has_to_take_part(standing: ProviderStanding, reason: Reason) -> None:
    refusal = refused(the_facts(standing=standing))
    assert refusal.reason is reason
    assert refusal.outcomes[2 if reason is Reason.PROVIDER_NOT_REGISTERED else 3].values == {"by": "person"}


def test_a_hub_may_do_without_registration_and_consent_of_care_providers() -> None:
    policy = replace(POLICY, provider=ProviderRules(registration=False, consent=False))
    decision = granted(the_facts(standing=ProviderStanding()), policy)
    assert found(decision, Rule.PROVIDER_REGISTRATION) == (Result.NOT_APPLICABLE, "", {})
    assert found(decision, Rule.PROVIDER_CONSENT) == (Result.NOT_APPLICABLE, "", {})


def test_patients_need_not_be_registered_as_care_providers() -> None:
    decision = granted(the_facts(a_patient_party(), standing=ProviderStanding()))
    assert found(decision, Rule.PROVIDER_REGISTRATION)[0] is Result.NOT_APPLICABLE
    assert found(decision, Rule.PROVIDER_CONSENT)[0] is Result.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("parties", "answering"),
    [
        ((a_person(),), 0),
        ((a_hospital(), a_person()), 0),
        ((a_party("orginsurance"), a_person()), 1),
        ((a_party("orginsurance"),), 0),
    ],
)
def test_a_circle_of_trust_answers_for_its_people(parties: tuple[HcParty, ...], answering: int) -> None:
    decision = decide(POLICY, the_facts(*parties, standing=ProviderStanding()))
    by = "organisation" if parties[answering].is_organisation else "person"
    assert found(decision, Rule.PROVIDER_REGISTRATION) == (Result.FAILED, "missing", {"by": by})


def test_an_application_alone_is_nobody() -> None:
    assert refused(the_facts(a_party("application"))).reason is Reason.PROFESSION_UNKNOWN


# The patient: alive, and consenting


@pytest.mark.parametrize("asker", [a_person(), a_patient_party()])
def test_nobody_has_access_to_what_a_dead_patient_shared(asker: HcParty) -> None:
    refusal = refused(the_facts(asker, deceased=True))
    assert refusal.reason is Reason.PATIENT_DECEASED
    assert found(refusal, Rule.PATIENT_ALIVE) == (Result.FAILED, "deceased", {})


def test_without_consent_the_patient_himself_sees_nothing_either() -> None:
    assert refused(the_facts(a_patient_party(), registered=registered(consents=()))).reason is Reason.CONSENT_MISSING


def test_a_withdrawn_consent_is_told_from_none() -> None:
    withdrawn = registered(consents=(a_consent(revoked_on=TODAY),))
    assert found(refused(the_facts(registered=withdrawn)), Rule.CONSENT) == (Result.FAILED, "withdrawn", {})
    none = registered(consents=())
    assert found(refused(the_facts(registered=none)), Rule.CONSENT) == (Result.FAILED, "missing", {})
    unaccepted = registered(consents=(a_consent(ConsentKind.LOCAL),))
    policy = replace(POLICY, consent=ConsentRules(kinds=frozenset({ConsentKind.RETROSPECTIVE})))
    assert found(refused(the_facts(registered=unaccepted), policy), Rule.CONSENT) == (Result.FAILED, "missing", {})


def test_a_consent_counts_from_the_day_it_was_signed() -> None:
    links = {GP: SubjectFacts(links=(a_link(),))}
    today = registered(links, consents=(a_consent(signed_on=TODAY),))
    granted(the_facts(registered=today))
    tomorrow = registered(links, consents=(a_consent(signed_on=TODAY + timedelta(days=1)),))
    assert refused(the_facts(registered=tomorrow)).reason is Reason.CONSENT_MISSING


LATER = date(2026, 2, 1)


@pytest.mark.parametrize(
    ("kinds", "accepted", "kind", "covered_from"),
    [
        ({ConsentKind.RETROSPECTIVE}, set(ConsentKind), "retrospective", date.min),
        ({ConsentKind.PROSPECTIVE}, set(ConsentKind), "prospective", LATER),
        ({ConsentKind.LOCAL}, set(ConsentKind), "local", date.min),
        ({ConsentKind.PROSPECTIVE, ConsentKind.LOCAL}, set(ConsentKind), "prospective", date.min),
        ({ConsentKind.PROSPECTIVE, ConsentKind.LOCAL}, {ConsentKind.PROSPECTIVE}, "prospective", LATER),
    ],
)
def test_a_prospective_consent_covers_from_the_day_it_was_signed(
    kinds: set[ConsentKind], accepted: set[ConsentKind], kind: str, covered_from: date
) -> None:
    said = registered({GP: SubjectFacts(links=(a_link(),))}, consents=(a_consent(*kinds, signed_on=LATER),))
    policy = replace(POLICY, consent=ConsentRules(kinds=frozenset(accepted)))
    decision = granted(the_facts(registered=said), policy)
    assert decision.view.covered_from == covered_from
    shown = "" if covered_from == date.min else covered_from.isoformat()
    assert found(decision, Rule.CONSENT) == (Result.PASSED, kind, {"covered_from": shown})


def test_of_several_consents_the_widest_counts() -> None:
    both = (a_consent(ConsentKind.PROSPECTIVE, signed_on=LATER), a_consent(ConsentKind.PROSPECTIVE))
    said = registered({GP: SubjectFacts(links=(a_link(),))}, consents=both)
    assert granted(the_facts(registered=said)).view.covered_from == date(2025, 1, 1)
