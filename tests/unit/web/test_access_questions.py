"""Questions of the staff become requesters as the guard would see them, and answers name nobody."""

import json
import re
from dataclasses import replace

import pytest

from hub.domain.access import decide
from hub.domain.access_facts import AccessFacts
from hub.domain.access_policy import Authentication, authentication_of
from hub.domain.access_rights import Right
from hub.domain.access_view import NO_SUCH_DOCUMENT
from hub.domain.asker import Asker
from hub.domain.errors import HubError, Reason
from hub.domain.national import NationalWord
from hub.domain.parties import Id
from hub.domain.patient_facts import PatientFacts, SubjectFacts
from hub.services.explanations import Explained
from hub.web.access_answers import LANGUAGES, answer, lines
from hub.web.access_facts_texts import FACTS, NAMES
from hub.web.access_questions import AskedAccess, question_of
from tests.access_builders import (
    GP,
    HOSPITAL,
    JAN_AS_SUBJECT,
    REASON,
    TODAY,
    a_consent,
    a_link,
    a_mandate,
    a_patient_party,
    a_right,
    an_exclusion,
    broken_glass,
    registered,
    the_facts,
    with_glass,
)
from tests.builders import GP_NIHII, HOSPITAL_NIHII, JAN, MILA, a_hospital, a_person

DOCTOR = AskedAccess(requester=[GP_NIHII], profession="persphysician", patient=JAN.digits)
EVERYTHING = registered(
    {
        GP: SubjectFacts(
            links=(a_link(), a_link("gmd", revoked_on=TODAY)),
            exclusions=(an_exclusion(GP_NIHII, lifted_on=TODAY),),
            rights=(a_right(Right.DISALLOW),),
            broken_glass=(broken_glass(),),
        ),
        HOSPITAL: SubjectFacts(links=(a_link("hospitalstay"),)),
    },
    consents=(a_consent(), a_consent(revoked_on=TODAY)),
)
BY_MANDATE = registered({JAN_AS_SUBJECT: SubjectFacts(mandates=(a_mandate(),))})


def asked(**changes: object) -> AskedAccess:
    values = {name: getattr(DOCTOR, name) for name in DOCTOR.__struct_fields__} | changes
    return AskedAccess(**values)


def explained(facts: AccessFacts, *, word: NationalWord | None = None) -> Explained:
    policy = with_glass()
    return Explained(asker=Asker.of(policy, facts), word=word or NationalWord(), decision=decide(policy, facts))


def test_who_signs_is_the_organisation_or_else_the_person() -> None:
    by_person = question_of(DOCTOR, id_scheme="RSBID").requester
    assert authentication_of(by_person) is Authentication.PERSON
    assert (by_person.person, by_person.organisation) == (by_person.parties[0], None)
    through = asked(organisation=HOSPITAL_NIHII)
    by_hospital = question_of(through, id_scheme="RSBID").requester
    assert authentication_of(by_hospital) is Authentication.ORGANISATION
    assert [party.number for party in by_hospital.parties] == [HOSPITAL_NIHII, GP_NIHII]
    himself = question_of(asked(organisation=HOSPITAL_NIHII, signed_by="person"), id_scheme="RSBID").requester
    assert himself.identity is not None
    assert himself.identity.number == GP_NIHII
    assert question_of(asked(signed_by="nobody"), id_scheme="RSBID").requester.identity is None
    pharmacy = asked(requester=[HOSPITAL_NIHII], profession="orgpharmacy")
    assert authentication_of(question_of(pharmacy, id_scheme="RSBID").requester) is Authentication.ORGANISATION


def test_numbers_are_told_apart_by_their_check_digits() -> None:
    both = question_of(asked(requester=[GP_NIHII, f" inss:{MILA.digits} "]), id_scheme="RSBID").requester.parties[0]
    assert (both.number, both.id_value("INSS")) == (GP_NIHII, MILA.digits)
    patient = question_of(asked(requester=[JAN.digits], profession="patient"), id_scheme="RSBID").requester.parties[0]
    assert patient.ids == (Id("INSS", "1.0", JAN.digits),)


def test_the_id_of_a_document_is_the_hubs_unless_its_scheme_is_said() -> None:
    assert question_of(DOCTOR, id_scheme="RSBID").transaction is None
    ours = question_of(asked(transaction=" 12 "), id_scheme="RSBID").transaction
    assert ours == Id("LOCAL", "1.0", "12", "RSBID")
    theirs = question_of(asked(transaction="12", id_scheme="emr"), id_scheme="RSBID").transaction
    assert theirs == Id("LOCAL", "1.0", "12", "emr")


@pytest.mark.parametrize(
    ("changes", "reason", "where"),
    [
        ({"patient": "45123199773"}, Reason.PATIENT_NUMBER, ""),
        ({"patient": ""}, Reason.PATIENT_NUMBER, ""),
        ({"requester": []}, Reason.PARTY_NUMBER, "requester"),
        ({"requester": ["19990117004"]}, Reason.PARTY_NUMBER, "requester"),
        ({"requester": [f"nihii:{JAN.digits}"]}, Reason.PARTY_NUMBER, "requester"),
        ({"requester": [f"card:{JAN.digits}"]}, Reason.PARTY_NUMBER, "requester"),
        ({"requester": [GP_NIHII], "profession": "patient"}, Reason.PARTY_NUMBER, "requester"),
        ({"organisation": "71999933"}, Reason.PARTY_NUMBER, "organisation"),
        ({"signed_by": "organisation"}, Reason.PARTY_NUMBER, "organisation"),
    ],
)
def test_a_number_that_is_none_is_refused(changes: dict[str, object], reason: Reason, where: str) -> None:
    with pytest.raises(HubError) as refusal:
        question_of(asked(**changes), id_scheme="RSBID")
    assert (refusal.value.reason, refusal.value.where) == (reason, where)


def test_an_answer_reads_like_this() -> None:
    facts = the_facts(a_hospital(), a_person(), registered=EVERYTHING)
    said = lines(explained(facts, word=NationalWord(notes=("national-links/last-known",))), "en", "R")
    assert said[:9] == [
        "Requester: profession persphysician, role doctor, authentication plain, registered yes, has consented yes",
        "Patient: deceased no",
        (
            "Consents of the patient: kinds retrospective, signed on 2025-01-01, in force yes; "
            "kinds retrospective, signed on 2025-01-01, revoked on 2026-03-10, in force no"
        ),
        (
            "Therapeutic links: kind gpconsultation, by person, from 2026-01-01, to 2026-12-31, in force yes; "
            "kind gmd, by person, from 2026-01-01, to 2026-03-09, in force no; "
            "kind hospitalstay, by organisation, from 2026-01-01, to 2026-12-31, in force yes"
        ),
        "Exclusions: by person, from 2026-03-10, lifted on 2026-03-10, in force no",
        "Rights on documents: right disallow",
        "Mandates: nothing",
        "Broken glass: until 2026-03-10T13:00+01:00, in force yes",
        "National registers: links 0, exclusions 0, remarks national-links/last-known",
    ]
    assert said[-1] == "Outcome: access is granted."
    refused = lines(explained(the_facts(registered=PatientFacts())), "fr", "R")
    assert refused[2] == "Consentements du patient : rien"
    assert refused[-1].startswith("Résultat : accès refusé (consent-missing). ")
    hidden = replace(explained(facts), document=NO_SUCH_DOCUMENT)
    assert lines(hidden, "nl", "R")[-1] == "Document verborgen: de patiënt heeft geen document met dit nummer."


@pytest.mark.parametrize(
    ("facts", "breaks"),
    [
        (the_facts(registered=EVERYTHING), False),
        (the_facts(a_patient_party(JAN), registered=BY_MANDATE), False),
        (the_facts(registered=registered({}), break_the_glass=REASON), True),
    ],
)
def test_an_answer_is_json_in_three_languages_and_names_nobody(facts: AccessFacts, *, breaks: bool) -> None:
    shown = json.dumps(answer(explained(facts), "R"))
    assert not re.search(r"\d{6}", shown), "a number of somebody"
    assert REASON not in shown
    said = json.loads(shown)
    assert set(said["texts"]) == set(LANGUAGES)
    assert {len(said["texts"][language]) for language in LANGUAGES} == {len(said["texts"]["fr"])}
    assert [rule["rule"] for rule in said["rules"]] == [outcome.rule for outcome in explained(facts).decision.outcomes]
    assert set(said["facts"]) == set(FACTS)
    assert said["outcome"]["breaks_the_glass"] is breaks


def test_every_name_of_a_fact_is_in_use() -> None:
    by_mandate = the_facts(a_patient_party(JAN), registered=BY_MANDATE)
    answers = [answer(explained(facts), "R") for facts in (the_facts(registered=EVERYTHING), by_mandate)]
    groups = [group for each in answers for group in each["facts"].values()]
    entries = [entry for group in groups for entry in (group if isinstance(group, list) else [group])]
    assert {name for entry in entries for name in entry} == set(NAMES)
