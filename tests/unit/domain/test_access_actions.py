"""Who may say what about the access to a patient's documents: each action, each relation."""

from dataclasses import replace

import pytest

from hub.domain.access_actions import Permitted, Relation, may
from hub.domain.access_facts import AccessFacts, ProviderStanding, Refused, Result, Rule
from hub.domain.access_policy import AccessPolicy, Action, ActionRules, Authentication
from hub.domain.errors import Reason
from hub.domain.mandates import MandateKind
from hub.domain.parties import Author, HcParty, Id
from hub.domain.patient_facts import SubjectFacts
from hub.domain.subjects import EVERYBODY, Subject, SubjectKind
from tests.access_builders import (
    GP,
    HOSPITAL,
    JAN_AS_SUBJECT,
    LINKED,
    NOTHING_SAID,
    POLICY,
    a_link,
    a_mandate,
    a_party,
    a_patient_party,
    an_exclusion,
    an_identity,
    found,
    registered,
    the_facts,
)
from tests.builders import GP_NIHII, JAN, MILA, OTHER_GP_NIHII, a_hospital, a_person

SOMEBODY = Subject(SubjectKind.NIHII, OTHER_GP_NIHII[:8])
HIMSELF = frozenset({GP})
CHILD = "2012-01-01"
NOBODY: frozenset[Subject] = frozenset()


def permitted(
    action: Action,
    facts: AccessFacts,
    *,
    about: frozenset[Subject] = NOBODY,
    author: Author = (),
    policy: AccessPolicy = POLICY,
) -> Relation | Reason:
    """As what somebody may do something, or why not."""
    answer = may(policy, action, facts, about=about, author=author)
    return answer.relation if isinstance(answer, Permitted) else answer.reason


def mandatary(kind: MandateKind = MandateKind.LEGAL_REPRESENTATIVE, *, birthdate: str = "1950-06-01") -> AccessFacts:
    said = registered({JAN_AS_SUBJECT: SubjectFacts(mandates=(a_mandate(kind),))})
    return the_facts(a_patient_party(JAN), registered=said, birthdate=birthdate)


PATIENT = the_facts(a_patient_party())
STRANGER = the_facts(a_patient_party(JAN))
DOCTOR = the_facts(registered=NOTHING_SAID)
TRUSTED = mandatary(MandateKind.TRUSTED_PERSON)
YES, MANDATARY, CONCERNED = Relation.PATIENT, Relation.MANDATARY, Relation.CONCERNED
PROVIDER, LINKED_ONE, AUTHOR = Relation.PROVIDER, Relation.LINKED, Relation.AUTHOR
NO, MISSING = Reason.NOT_YOURS, Reason.MANDATE_MISSING


TABLE = {
    # patient, representative, trusted person, doctor without a link, concerned, author, with a link
    Action.GIVE_CONSENT: (YES, MANDATARY, MISSING, PROVIDER, PROVIDER, PROVIDER, PROVIDER),
    Action.WITHDRAW_CONSENT: (YES, MANDATARY, MISSING, PROVIDER, PROVIDER, PROVIDER, PROVIDER),
    Action.READ_CONSENT: (YES, MANDATARY, MANDATARY, PROVIDER, PROVIDER, PROVIDER, PROVIDER),
    Action.PUT_LINK: (YES, MANDATARY, MISSING, NO, CONCERNED, NO, LINKED_ONE),
    Action.REVOKE_LINK: (YES, MANDATARY, MISSING, NO, CONCERNED, NO, NO),
    Action.READ_LINKS: (YES, MANDATARY, MANDATARY, NO, CONCERNED, NO, NO),
    Action.EXCLUDE: (YES, MANDATARY, MISSING, NO, NO, NO, NO),
    Action.LIFT_EXCLUSION: (YES, MANDATARY, MISSING, NO, NO, NO, NO),
    Action.READ_EXCLUSIONS: (YES, MANDATARY, MANDATARY, NO, NO, NO, NO),
    Action.PUT_RIGHT: (YES, MANDATARY, MISSING, NO, NO, AUTHOR, NO),
    Action.REVOKE_RIGHT: (YES, MANDATARY, MISSING, NO, NO, AUTHOR, NO),
    Action.READ_RIGHTS: (YES, MANDATARY, MANDATARY, NO, CONCERNED, AUTHOR, NO),
    Action.NAME_MANDATE: (YES, NO, MISSING, NO, NO, NO, NO),
    Action.ACCEPT_MANDATE: (NO, NO, MISSING, NO, NO, NO, NO),
    Action.END_MANDATE: (YES, NO, MISSING, NO, NO, NO, NO),
    Action.READ_MANDATES: (YES, MANDATARY, MANDATARY, NO, NO, NO, NO),
    Action.READ_TRAIL: (YES, MANDATARY, MANDATARY, NO, CONCERNED, NO, NO),
}


@pytest.mark.parametrize("action", Action)
def test_who_may_do_what_as_shipped(action: Action) -> None:
    another = frozenset({SOMEBODY})
    assert TABLE[action] == (
        permitted(action, PATIENT, about=another),
        permitted(action, mandatary(), about=another),
        permitted(action, TRUSTED, about=another),
        permitted(action, DOCTOR, about=another, author=(a_person(OTHER_GP_NIHII),)),
        permitted(action, DOCTOR, about=HIMSELF),
        permitted(action, DOCTOR, about=another, author=(a_person(),)),
        permitted(action, the_facts(registered=LINKED), about=another),
    )
    assert permitted(action, STRANGER, about=another) is MISSING


@pytest.mark.parametrize(
    ("profession", "gives", "withdraws"),
    [
        ("persphysician", PROVIDER, PROVIDER),
        ("persnurse", PROVIDER, PROVIDER),
        ("persdentist", PROVIDER, PROVIDER),
        ("persmidwife", PROVIDER, PROVIDER),
        ("persadministrative", PROVIDER, PROVIDER),
        ("perspharmacist", PROVIDER, NO),
        ("persphysiotherapist", NO, NO),
        ("perstechnician", Reason.PROFESSION_UNKNOWN, Reason.PROFESSION_UNKNOWN),
    ],
)
def test_consent_is_taken_and_withdrawn_by_some_professions(
    profession: str, gives: Relation | Reason, withdraws: Relation | Reason
) -> None:
    facts = the_facts(a_hospital(), a_party(profession))
    assert permitted(Action.GIVE_CONSENT, facts) is gives
    assert permitted(Action.WITHDRAW_CONSENT, facts) is withdraws


def test_what_decided_is_told() -> None:
    answer = may(POLICY, Action.PUT_LINK, DOCTOR, about=HIMSELF)
    assert isinstance(answer, Permitted)
    assert answer.rules == (
        "profession/doctor",
        "authentication/plain",
        "provider-registration/person",
        "provider-consent/person",
        "action/concerned",
    )
    assert found(answer, Rule.ACTION) == (Result.PASSED, "concerned", {"action": "put-link"})
    assert found(answer, Rule.MANDATE)[0] is Result.NOT_APPLICABLE
    assert answer.mandate == ""
    refusal = may(POLICY, Action.EXCLUDE, DOCTOR)
    assert isinstance(refusal, Refused)
    assert refusal.rules[-1] == "action/nobody"
    assert found(refusal, Rule.ACTION) == (Result.FAILED, "nobody", {"action": "exclude"})
    assert refusal.error().details == {}


def test_a_mandatary_is_told_with_his_mandate() -> None:
    answer = may(POLICY, Action.PUT_LINK, mandatary())
    assert isinstance(answer, Permitted)
    assert answer.mandate == "legal-representative"
    assert found(answer, Rule.MANDATE) == (Result.PASSED, "legal-representative", {})
    himself = may(POLICY, Action.PUT_LINK, PATIENT)
    assert isinstance(himself, Permitted)
    assert himself.mandate == ""
    assert found(himself, Rule.MANDATE) == (Result.PASSED, "self", {})


def test_parents_decide_below_sixteen_and_read_below_twelve() -> None:
    parent = mandatary(MandateKind.PARENT, birthdate=CHILD)
    assert permitted(Action.GIVE_CONSENT, parent) is MANDATARY
    assert permitted(Action.READ_TRAIL, parent) is MISSING
    infant = mandatary(MandateKind.PARENT, birthdate="2020")
    assert permitted(Action.READ_TRAIL, infant) is MANDATARY
    assert permitted(Action.GIVE_CONSENT, mandatary(MandateKind.PARENT, birthdate="2009")) is MISSING


def test_a_minor_decides_from_sixteen_on() -> None:
    child = the_facts(a_patient_party(), birthdate=CHILD)
    assert permitted(Action.GIVE_CONSENT, child) is MISSING
    answer = may(POLICY, Action.GIVE_CONSENT, child)
    assert found(answer, Rule.MANDATE) == (Result.FAILED, "too-young", {"age": "16"})
    assert permitted(Action.GIVE_CONSENT, the_facts(a_patient_party(), birthdate="2009-12-31")) is YES


def test_the_ages_to_read_and_to_decide_differ_by_policy() -> None:
    policy = replace(POLICY, patient=replace(POLICY.patient, reads_from=12))
    child = the_facts(a_patient_party(), birthdate=CHILD)
    assert permitted(Action.READ_TRAIL, child, policy=policy) is YES
    assert permitted(Action.GIVE_CONSENT, child, policy=policy) is MISSING


def test_who_holds_a_mandate_accepts_and_ends_it_himself() -> None:
    about = frozenset({JAN_AS_SUBJECT})
    for action in (Action.ACCEPT_MANDATE, Action.END_MANDATE, Action.READ_MANDATES):
        expected = MANDATARY if action is Action.READ_MANDATES else CONCERNED
        assert permitted(action, TRUSTED, about=about) is expected
    assert permitted(Action.ACCEPT_MANDATE, STRANGER, about=about) is CONCERNED
    mandate = found(may(POLICY, Action.ACCEPT_MANDATE, STRANGER, about=about), Rule.MANDATE)
    assert mandate[0] is Result.NOT_APPLICABLE


def test_a_link_of_the_organisation_concerns_who_speaks_through_it() -> None:
    facts = the_facts(a_hospital(), a_person(), registered=NOTHING_SAID)
    assert permitted(Action.REVOKE_LINK, facts, about=frozenset({HOSPITAL})) is CONCERNED


@pytest.mark.parametrize("subject", [EVERYBODY, Subject(SubjectKind.PROFESSION, "persphysician")])
def test_what_is_about_many_concerns_nobody(subject: Subject) -> None:
    assert permitted(Action.READ_RIGHTS, DOCTOR, about=frozenset({subject})) is NO


def test_who_is_concerned_may_be_known_by_his_certificate_alone() -> None:
    facts = replace(DOCTOR, requester=replace(DOCTOR.requester, identity=an_identity(number=GP_NIHII, ssin=JAN)))
    assert permitted(Action.READ_LINKS, facts, about=frozenset({JAN_AS_SUBJECT})) is CONCERNED


def test_an_excluded_care_provider_refers_to_nobody() -> None:
    said = registered({GP: SubjectFacts(links=(a_link(),), exclusions=(an_exclusion(GP_NIHII),))})
    assert permitted(Action.PUT_LINK, the_facts(registered=said), about=frozenset({SOMEBODY})) is NO


@pytest.mark.parametrize("profession", ["perspharmacist", "persclinicalpsychologist"])
def test_some_professions_refer_to_nobody(profession: str) -> None:
    facts = the_facts(a_person(profession=profession))
    assert permitted(Action.PUT_LINK, facts, about=frozenset({SOMEBODY})) is NO


@pytest.mark.parametrize(
    ("standing", "authentication", "parties", "reason"),
    [
        (ProviderStanding(), Authentication.PERSON, (a_person(),), Reason.PROVIDER_NOT_REGISTERED),
        (ProviderStanding(registered=True), Authentication.PERSON, (a_person(),), Reason.PROVIDER_CONSENT_MISSING),
        (ProviderStanding(), Authentication.ORGANISATION, (a_person(),), Reason.AUTHENTICATION_WEAK),
        (ProviderStanding(), Authentication.PERSON, (a_person(), a_person()), Reason.PROFESSION_UNKNOWN),
    ],
)
def test_a_care_provider_has_to_take_part_to_say_anything(
    standing: ProviderStanding, authentication: Authentication, parties: tuple[HcParty, ...], reason: Reason
) -> None:
    facts = the_facts(*parties, standing=standing, authentication=authentication)
    assert permitted(Action.PUT_LINK, facts, about=HIMSELF) is reason


def test_a_peer_hub_says_nothing_about_access() -> None:
    hub = a_party("hub", Id("ID-HCPARTY", "1.0", "1990999927"))
    for party in (a_person(), a_patient_party()):
        facts = the_facts(hub, party, peer="1990999927", authentication=Authentication.ORGANISATION)
        assert permitted(Action.READ_CONSENT, facts) is NO


def test_what_the_policy_does_not_name_nobody_may() -> None:
    policy = replace(POLICY, actions={})
    assert permitted(Action.READ_CONSENT, PATIENT, policy=policy) is NO
    assert permitted(Action.READ_CONSENT, DOCTOR, policy=policy) is NO
    nothing = replace(POLICY, actions={Action.READ_CONSENT: ActionRules()})
    assert permitted(Action.READ_CONSENT, mandatary(), policy=nothing, author=(a_person(),)) is NO


def test_without_a_number_nobody_is_the_author() -> None:
    facts = the_facts(a_party("persphysician"), registered=NOTHING_SAID)
    assert permitted(Action.PUT_RIGHT, facts, author=(a_party("persphysician"),)) is NO


def test_mila_reads_her_own_trail_only() -> None:
    assert permitted(Action.READ_TRAIL, PATIENT) is YES
    assert permitted(Action.READ_TRAIL, replace(PATIENT, patient=JAN)) is MISSING
    assert PATIENT.patient == MILA
