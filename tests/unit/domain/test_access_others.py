"""The decision about patients, those who act for them, single documents and peer hubs."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hub.domain.access import Granted, decide
from hub.domain.access_facts import AccessFacts, ProviderStanding, Result, Rule
from hub.domain.access_matrix import Role
from hub.domain.access_policy import (
    Authentication,
    PeerRules,
)
from hub.domain.access_rights import NO_RIGHTS, Right, RightsInForce
from hub.domain.errors import Reason
from hub.domain.mandates import MandateKind
from hub.domain.parties import HcParty, Id, Requester
from hub.domain.patient_facts import SubjectFacts
from hub.domain.subjects import EVERYBODY, Subject, SubjectKind
from tests.access_builders import (
    GP,
    JAN_AS_SUBJECT,
    NOTHING_SAID,
    POLICY,
    REASON,
    TODAY,
    a_link,
    a_mandate,
    a_party,
    a_patient_party,
    a_right,
    an_exclusion,
    an_identity,
    found,
    granted,
    refused,
    registered,
    rights_on,
    the_facts,
    with_glass,
)
from tests.builders import GP_NIHII, JAN, MILA, a_person

PEER = "1990999927"
HUB = a_party("hub", Id("ID-HCPARTY", "1.0", PEER))


# Patients and mandates


def test_a_patient_sees_his_own_record() -> None:
    decision = granted(the_facts(a_patient_party(), registered=NOTHING_SAID))
    assert (decision.mandate, decision.rules[-1]) == ("", "mandate/self")
    assert decision.view.is_patient
    assert found(decision, Rule.LINK)[0] is Result.NOT_APPLICABLE


def test_a_patient_is_who_he_states_and_who_is_certified() -> None:
    identity = an_identity(ssin=JAN)
    facts = the_facts(a_patient_party(), identity=identity, authentication=Authentication.PERSON)
    assert refused(facts).reason is Reason.MANDATE_MISSING
    granted(replace(facts, requester=Requester((a_patient_party(),), an_identity(ssin=MILA))))


def test_another_patient_sees_nothing() -> None:
    refusal = refused(the_facts(a_patient_party(JAN)))
    assert refusal.reason is Reason.MANDATE_MISSING
    assert found(refusal, Rule.MANDATE) == (Result.FAILED, "missing", {})


def test_a_patient_breaks_no_glass() -> None:
    refusal = refused(the_facts(a_patient_party(JAN), break_the_glass=REASON), with_glass())
    assert found(refusal, Rule.BREAK_THE_GLASS)[0] is Result.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("birthdate", "sees"),
    [
        ("2010-03-10", True),
        ("2010-03-11", False),
        ("2010", False),
        ("2009", True),
        ("", True),
        ("unreadable", True),
    ],
)
def test_a_minor_sees_his_record_from_sixteen_on(birthdate: str, sees: bool) -> None:
    decision = decide(POLICY, the_facts(a_patient_party(), birthdate=birthdate))
    assert isinstance(decision, Granted) is sees
    if not sees:
        assert found(decision, Rule.MANDATE) == (Result.FAILED, "too-young", {"age": "16"})


@pytest.mark.parametrize(
    ("kind", "birthdate", "sees"),
    [
        (MandateKind.PARENT, "2014-03-11", True),
        (MandateKind.PARENT, "2014-03-10", False),
        (MandateKind.PARENT, "2015", True),
        (MandateKind.PARENT, "2014", False),
        (MandateKind.PARENT, "", False),
        (MandateKind.TRUSTED_PERSON, "1950", True),
        (MandateKind.LEGAL_REPRESENTATIVE, "1950", True),
        (MandateKind.HEALTH_DATA, "", True),
    ],
)
def test_a_mandatary_sees_what_his_mandate_allows(kind: MandateKind, birthdate: str, sees: bool) -> None:
    said = registered({JAN_AS_SUBJECT: SubjectFacts(mandates=(a_mandate(kind),))})
    decision = decide(POLICY, the_facts(a_patient_party(JAN), registered=said, birthdate=birthdate))
    assert isinstance(decision, Granted) is sees
    if isinstance(decision, Granted):
        assert decision.mandate == kind
        assert found(decision, Rule.MANDATE) == (Result.PASSED, kind, {})


def test_a_mandate_that_the_policy_does_not_know_counts_for_nothing() -> None:
    said = registered({JAN_AS_SUBJECT: SubjectFacts(mandates=(a_mandate(),))})
    facts = the_facts(a_patient_party(JAN), registered=said)
    assert refused(facts, replace(POLICY, mandates={})).reason is Reason.MANDATE_MISSING


def test_a_mandate_that_ended_or_was_not_accepted_counts_for_nothing() -> None:
    for mandate in (a_mandate(end=TODAY - timedelta(days=1)), a_mandate(accepted=False)):
        said = registered({JAN_AS_SUBJECT: SubjectFacts(mandates=(mandate,))})
        assert refused(the_facts(a_patient_party(JAN), registered=said)).reason is Reason.MANDATE_MISSING


def test_a_mandate_does_not_serve_a_care_provider_in_his_profession() -> None:
    doctor = replace(a_person(), ids=(*a_person().ids, Id("INSS", "1.0", JAN.digits)))
    said = registered({JAN_AS_SUBJECT: SubjectFacts(mandates=(a_mandate(),))})
    decision = refused(the_facts(doctor, registered=said))
    assert decision.reason is Reason.LINK_MISSING
    assert found(decision, Rule.MANDATE)[0] is Result.NOT_APPLICABLE


def test_a_doctor_who_is_the_patient_needs_a_link_in_his_profession() -> None:
    doctor = replace(a_person(), ids=(*a_person().ids, Id("INSS", "1.0", MILA.digits)))
    assert refused(the_facts(doctor, registered=NOTHING_SAID)).reason is Reason.LINK_MISSING


# Rights


def test_a_disallow_beats_an_allow_whatever_the_order() -> None:
    for rights in ((Right.ALLOW, Right.DISALLOW), (Right.DISALLOW, Right.ALLOW)):
        said = SubjectFacts(links=(a_link(),), rights=tuple(map(a_right, rights)))
        assert granted(the_facts(registered=registered({GP: said}))).view.rights.on(1, (1,)) is Right.DISALLOW


def test_rights_of_everybody_and_of_professions_count_for_care_providers() -> None:
    doctors = Subject(SubjectKind.PROFESSION, "persphysician")
    said = {
        GP: SubjectFacts(links=(a_link(),)),
        EVERYBODY: SubjectFacts(rights=(a_right(Right.DISALLOW, 4),)),
        doctors: SubjectFacts(rights=(a_right(Right.ALLOW, 5), a_right(Right.DISALLOW, 6, revoked=True))),
        JAN_AS_SUBJECT: SubjectFacts(rights=(a_right(Right.DISALLOW, 7),)),
    }
    view = granted(the_facts(registered=registered(said))).view
    assert view.rights == RightsInForce(frozenset({4}), {5: 5})


def test_what_everybody_may_not_see_the_patient_still_does() -> None:
    patients = Subject(SubjectKind.PROFESSION, "patient")
    said = {
        EVERYBODY: SubjectFacts(rights=(a_right(Right.DISALLOW, 4),)),
        patients: SubjectFacts(rights=(a_right(Right.DISALLOW, 5),)),
    }
    view = granted(the_facts(a_patient_party(), registered=registered(said))).view
    assert view.rights == rights_on(Right.DISALLOW, 5)


# Peer hubs


def from_peer(*parties: HcParty, **facts: object) -> AccessFacts:
    given = {"registered": registered(consents=()), "standing": ProviderStanding(), **facts}
    return the_facts(HUB, *parties, peer=PEER, authentication=Authentication.ORGANISATION, **given)  # type: ignore[arg-type]  # facts by their names


def test_a_peer_hub_answers_for_consent_and_link() -> None:
    decision = granted(from_peer(a_person()))
    assert decision.rules == (
        "profession/doctor",
        "authentication/hub",
        "patient-alive/alive",
        "exclusion/none",
    )
    assert found(decision, Rule.AUTHENTICATION)[2] == {"authentication": "organisation"}
    assert found(decision, Rule.CONSENT)[0] is Result.NOT_APPLICABLE
    assert decision.view.covered_from == date.min
    assert (decision.view.by_matrix, decision.view.by_flags) == (True, True)


def test_a_peer_hub_shows_nothing_to_the_excluded_unless_configured() -> None:
    said = registered({GP: SubjectFacts(exclusions=(an_exclusion(GP_NIHII),))}, consents=())
    assert refused(from_peer(a_person(), registered=said)).reason is Reason.EXCLUDED
    policy = replace(POLICY, peers=PeerRules(exclusions=False))
    decision = granted(from_peer(a_person(), registered=said), policy)
    assert found(decision, Rule.EXCLUSION)[0] is Result.NOT_APPLICABLE


def test_what_is_looked_at_for_a_peer_hub_can_be_switched() -> None:
    said = registered({GP: SubjectFacts(rights=(a_right(Right.DISALLOW),))}, consents=())
    assert granted(from_peer(a_person(), registered=said)).view.rights == rights_on(Right.DISALLOW)
    nothing = replace(POLICY, peers=PeerRules(exclusions=False, rights=False, matrix=False, patient_flags=False))
    view = granted(from_peer(a_person(), registered=said), nothing).view
    assert (view.rights, view.by_matrix, view.by_flags) == (NO_RIGHTS, False, False)
    ours = the_facts(registered=registered({GP: SubjectFacts(links=(a_link(),), rights=(a_right(Right.DISALLOW),))}))
    view = granted(ours, nothing).view
    assert (view.rights, view.by_matrix, view.by_flags) == (rights_on(Right.DISALLOW), True, True)


def test_a_peer_hub_breaks_no_glass() -> None:
    decision = granted(from_peer(a_person(), break_the_glass=REASON), with_glass())
    assert not decision.breaks_the_glass
    assert found(decision, Rule.BREAK_THE_GLASS)[0] is Result.NOT_APPLICABLE


def test_a_patient_who_asks_through_a_peer_hub_sees_himself_only() -> None:
    assert granted(from_peer(a_patient_party())).view.is_patient
    assert refused(from_peer(a_patient_party(JAN))).reason is Reason.MANDATE_MISSING


def test_a_peer_hub_names_somebody_with_a_role() -> None:
    assert refused(from_peer()).reason is Reason.PROFESSION_UNKNOWN
    rules = replace(POLICY.authentication, accepted=frozenset({Authentication.PERSON}))
    assert refused(from_peer(a_person()), replace(POLICY, authentication=rules)).reason is Reason.AUTHENTICATION_WEAK


def test_a_role_is_one_of_those_it_is_like() -> None:
    psychiatrist = Role(name="psychiatrist", codes=frozenset(), like="doctor")
    assert psychiatrist.is_one_of(frozenset({"doctor"}))
    assert psychiatrist.is_one_of(frozenset({"psychiatrist", "nurse"}))
    assert psychiatrist.is_one_of(frozenset({"*"}))
    assert not psychiatrist.is_one_of(frozenset({"nurse"}))
    patient = Role(name="patient", codes=frozenset())
    assert not patient.is_one_of(frozenset({"*"}))
    assert patient.is_one_of(frozenset({"*", "patient"}))
