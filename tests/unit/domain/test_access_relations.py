"""The decision about who stands in which relation to the patient: exclusions, links, emergencies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.domain.access import Granted, decide
from hub.domain.access_facts import Refused, Result, Rule
from hub.domain.access_policy import (
    Authentication,
    BreakTheGlassRules,
    NumberMatch,
    Team,
)
from hub.domain.asker import asking_subjects
from hub.domain.errors import Reason
from hub.domain.parties import Id, Requester
from hub.domain.patient_facts import SubjectFacts
from hub.domain.subjects import EVERYBODY, Subject, SubjectKind
from tests.access_builders import (
    GP,
    HOSPITAL,
    JAN_AS_SUBJECT,
    LINKED,
    MILA_AS_SUBJECT,
    NOTHING_SAID,
    NOW,
    POLICY,
    REASON,
    TODAY,
    a_link,
    a_mandate,
    a_party,
    a_patient_party,
    an_exclusion,
    an_identity,
    broken_glass,
    found,
    granted,
    refused,
    registered,
    the_facts,
    with_glass,
)
from tests.builders import GP_NIHII, HOSPITAL_NIHII, JAN, OTHER_GP_NIHII, a_hospital, a_person

PSYCHIATRY = a_party("deptpsychiatry")


# Exclusions


@pytest.mark.parametrize(
    ("subject", "exclusion"),
    [
        (GP, an_exclusion(GP_NIHII)),
        (GP, an_exclusion("19990116999")),
        (HOSPITAL, an_exclusion(HOSPITAL_NIHII)),
        (JAN_AS_SUBJECT, an_exclusion()),
        (Subject(SubjectKind.PROFESSION, "persphysician"), an_exclusion()),
    ],
)
def test_an_exclusion_shuts_out_by_every_subject_that_the_asker_is(subject: Subject, exclusion: object) -> None:
    said = {GP: SubjectFacts(links=(a_link(),))}
    said[subject] = replace(said.get(subject, SubjectFacts()), exclusions=(exclusion,))  # type: ignore[arg-type]  # one
    doctor = replace(a_person(), ids=(*a_person().ids, Id("INSS", "1.0", JAN.digits)))
    refusal = refused(the_facts(a_hospital(), doctor, registered=registered(said)))
    assert refusal.reason is Reason.EXCLUDED
    assert found(refusal, Rule.EXCLUSION) == (Result.FAILED, "excluded", {})


def test_an_exclusion_of_the_certified_person_counts_when_he_states_less() -> None:
    said = registered({**LINKED.by_subject, JAN_AS_SUBJECT: SubjectFacts(exclusions=(an_exclusion(),))})
    identity = an_identity(number=GP_NIHII, ssin=JAN)
    facts = the_facts(registered=said, identity=identity, authentication=Authentication.PERSON)
    assert refused(facts).reason is Reason.EXCLUDED
    assert JAN_AS_SUBJECT in asking_subjects(facts.requester)


def test_what_is_asked_for_is_all_that_the_asker_is() -> None:
    stated = Requester((a_person(),), an_identity(number=OTHER_GP_NIHII, ssin=JAN))
    doctors = Subject(SubjectKind.PROFESSION, "persphysician")
    other = Subject(SubjectKind.NIHII, OTHER_GP_NIHII[:8])
    assert asking_subjects(stated) == {EVERYBODY, GP, doctors, JAN_AS_SUBJECT, other}
    of_organisation = an_identity(number=HOSPITAL_NIHII, is_organisation=True)
    assert asking_subjects(Requester((a_person(),), of_organisation)) == {EVERYBODY, GP, doctors}
    assert asking_subjects(Requester((a_person(),), an_identity())) == {EVERYBODY, GP, doctors}


@pytest.mark.parametrize(
    ("excluded", "asking", "certified", "is_excluded"),
    [
        (GP_NIHII, GP_NIHII, "", True),
        (GP_NIHII, "19990116999", "", False),
        ("19990116", GP_NIHII, "", True),
        (GP_NIHII, "19990116", "", True),
        (GP_NIHII, "19990116999", GP_NIHII, True),
        ("19990116001", "19990116999", "19990116002", False),
    ],
)
def test_persons_may_be_excluded_by_their_whole_number(
    excluded: str, asking: str, certified: str, is_excluded: bool
) -> None:
    said = registered({GP: SubjectFacts(links=(a_link(),), exclusions=(an_exclusion(excluded),))})
    policy = replace(POLICY, exclusion=replace(POLICY.exclusion, persons=NumberMatch.EXACT))
    identity = an_identity(number=certified) if certified else None
    decision = decide(policy, the_facts(a_person(asking), registered=said, identity=identity))
    assert isinstance(decision, Refused) is is_excluded
    by_prefix = decide(POLICY, the_facts(a_person(asking), registered=said, identity=identity))
    assert isinstance(by_prefix, Refused)


def test_the_patient_is_never_excluded_from_his_own_record() -> None:
    said = registered({MILA_AS_SUBJECT: SubjectFacts(exclusions=(an_exclusion(),))})
    assert found(granted(the_facts(a_patient_party(), registered=said)), Rule.EXCLUSION)[0] is Result.NOT_APPLICABLE


def test_a_mandatary_may_be_excluded() -> None:
    both = SubjectFacts(mandates=(a_mandate(),), exclusions=(an_exclusion(),))
    facts = the_facts(a_patient_party(JAN), registered=registered({JAN_AS_SUBJECT: both}))
    assert refused(facts).reason is Reason.EXCLUDED


# Links


def test_a_link_is_told_with_its_kind_and_its_end() -> None:
    values = {"by": "person", "until": "2026-12-31"}
    assert found(granted(the_facts()), Rule.LINK) == (Result.PASSED, "gpconsultation", values)
    odd = registered({GP: SubjectFacts(links=(a_link("Jan Peeters"),))})
    assert found(granted(the_facts(registered=odd)), Rule.LINK)[1] == "other"


@pytest.mark.parametrize(("day", "holds"), [(-1, False), (0, True), (1, True), (2, False)])
def test_a_link_holds_on_its_days_both_included(day: int, holds: bool) -> None:
    link = a_link(start=TODAY, end=TODAY + timedelta(days=1))
    facts = the_facts(registered=registered({GP: SubjectFacts(links=(link,))}), now=NOW + timedelta(days=day))
    assert isinstance(decide(POLICY, facts), Granted) is holds


@pytest.mark.parametrize(
    ("organisation", "profession", "counts"),
    [
        ("orghospital", "persnurse", True),
        ("groupofphysicianssameaddress", "persphysician", True),
        ("groupofphysicianssameaddress", "persnurse", False),
        ("orgprimaryhealthcarecenter", "persnurse", True),
        ("orginsurance", "persphysician", False),
    ],
)
def test_a_link_of_the_organisation_counts_for_those_of_its_team(
    organisation: str, profession: str, counts: bool
) -> None:
    parties = a_party(organisation, Id("ID-HCPARTY", "1.0", HOSPITAL_NIHII)), a_person(profession=profession)
    said = registered({HOSPITAL: SubjectFacts(links=(a_link("hospitalstay"),))})
    decision = decide(POLICY, the_facts(*parties, registered=said))
    assert isinstance(decision, Granted) is counts
    if isinstance(decision, Granted):
        assert found(decision, Rule.LINK)[2]["by"] == "organisation"
        assert not decision.view.has_own_link
        assert decision.view.in_care_context


def test_a_psychiatrist_is_of_the_team_of_doctors() -> None:
    practice = a_party("groupofphysicianssameaddress", Id("ID-HCPARTY", "1.0", HOSPITAL_NIHII))
    said = registered({HOSPITAL: SubjectFacts(links=(a_link(),))})
    decision = granted(the_facts(practice, PSYCHIATRY, a_person(), registered=said))
    assert decision.view.role.name == "psychiatrist"


def test_teams_are_policy() -> None:
    teams = {"insurance": Team(organisations=frozenset({"orginsurance"}), roles=frozenset({"nurse"}))}
    policy = replace(POLICY, links=replace(POLICY.links, teams=teams))
    parties = a_party("orginsurance", Id("ID-HCPARTY", "1.0", HOSPITAL_NIHII)), a_person(profession="persnurse")
    said = registered({HOSPITAL: SubjectFacts(links=(a_link(),))})
    granted(the_facts(*parties, registered=said), policy)
    assert refused(the_facts(a_hospital(), a_person(), registered=said), policy).reason is Reason.LINK_MISSING


def test_an_own_link_is_named_before_that_of_the_organisation() -> None:
    both = {GP: SubjectFacts(links=(a_link("gmd"),)), HOSPITAL: SubjectFacts(links=(a_link("hospitalstay"),))}
    decision = granted(the_facts(a_hospital(), a_person(), registered=registered(both)))
    assert found(decision, Rule.LINK)[1] == "gmd"
    assert (decision.view.has_own_link, decision.view.in_care_context) == (True, True)


@pytest.mark.parametrize("subject", [EVERYBODY, Subject(SubjectKind.PROFESSION, "persphysician")])
def test_a_link_that_names_nobody_counts_for_nobody(subject: Subject) -> None:
    said = registered({subject: SubjectFacts(links=(a_link(),))})
    assert refused(the_facts(registered=said)).reason is Reason.LINK_MISSING


def test_a_link_of_the_certified_person_counts() -> None:
    said = registered({JAN_AS_SUBJECT: SubjectFacts(links=(a_link(),))})
    identity = an_identity(number=GP_NIHII, ssin=JAN)
    granted(the_facts(registered=said, identity=identity, authentication=Authentication.PERSON))


# Breaking the glass


def test_breaking_the_glass_is_off_as_shipped() -> None:
    refusal = refused(the_facts(registered=NOTHING_SAID, break_the_glass=REASON))
    assert refusal.reason is Reason.LINK_MISSING
    assert found(refusal, Rule.BREAK_THE_GLASS) == (Result.FAILED, "disabled", {})


def test_a_doctor_breaks_the_glass_with_a_reason() -> None:
    decision = granted(the_facts(registered=NOTHING_SAID, break_the_glass=REASON), with_glass())
    assert decision.breaks_the_glass
    assert decision.rules[-2:] == ("link/broken-glass", "break-the-glass/now")
    assert found(decision, Rule.BREAK_THE_GLASS) == (Result.PASSED, "now", {"hours": "24"})
    assert not decision.view.has_own_link
    assert not decision.view.in_care_context
    assert with_glass().break_the_glass.lifetime == timedelta(hours=24)


def test_without_a_reason_nothing_is_broken() -> None:
    refusal = refused(the_facts(registered=NOTHING_SAID), with_glass())
    assert refusal.reason is Reason.LINK_MISSING
    assert found(refusal, Rule.BREAK_THE_GLASS)[0] is Result.NOT_APPLICABLE


def test_a_reason_breaks_nothing_where_there_is_a_link() -> None:
    decision = granted(the_facts(break_the_glass="short"), with_glass())
    assert not decision.breaks_the_glass
    assert found(decision, Rule.BREAK_THE_GLASS)[0] is Result.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("reason", "length"),
    [("", None), ("x" * 9, 9), (" " * 20, 0), ("x" * 10, None), ("x" * 200, None), ("x" * 201, 201)],
)
def test_a_reason_has_ten_to_two_hundred_characters(reason: str, length: int | None) -> None:
    decision = decide(with_glass(), the_facts(registered=NOTHING_SAID, break_the_glass=reason))
    if length is None and reason:
        assert isinstance(decision, Granted)
        return
    assert isinstance(decision, Refused)
    assert decision.reason is Reason.BREAK_THE_GLASS_REASON
    assert decision.error().details == {"least": "10", "most": "200", "length": str(length or 0)}
    assert decision.rules[-1] == "link/missing"


def test_a_nurse_does_not_break_the_glass() -> None:
    facts = the_facts(a_person(profession="persnurse"), registered=NOTHING_SAID, break_the_glass=REASON)
    refusal = refused(facts, with_glass())
    assert refusal.reason is Reason.LINK_MISSING
    assert found(refusal, Rule.BREAK_THE_GLASS) == (Result.FAILED, "role", {"role": "nurse"})


def test_a_broken_glass_stands_in_until_it_ends() -> None:
    said = registered({GP: SubjectFacts(broken_glass=(broken_glass(),))})
    decision = granted(the_facts(registered=said), with_glass())
    assert not decision.breaks_the_glass
    assert found(decision, Rule.BREAK_THE_GLASS) == (Result.PASSED, "before", {})
    ended = registered({GP: SubjectFacts(broken_glass=(broken_glass(until=NOW),))})
    assert refused(the_facts(registered=ended), with_glass()).reason is Reason.LINK_MISSING


def test_a_broken_glass_ends_when_the_hub_forbids_it() -> None:
    said = registered({GP: SubjectFacts(broken_glass=(broken_glass(),))})
    assert found(refused(the_facts(registered=said)), Rule.BREAK_THE_GLASS)[1] == "disabled"


def test_the_glass_that_a_hospital_broke_is_not_everybodys() -> None:
    said = registered({HOSPITAL: SubjectFacts(broken_glass=(broken_glass(),))})
    assert refused(the_facts(a_hospital(), a_person(), registered=said), with_glass()).reason is Reason.LINK_MISSING


@pytest.mark.parametrize(
    ("least", "most", "hours", "wrong"),
    [(1, 1, 1, ""), (0, 1, 1, "least"), (2, 1, 1, "least"), (1, 2, 0, "hours"), (1, 2, -1, "hours")],
)
def test_rules_for_breaking_the_glass_make_sense(least: int, most: int, hours: int, wrong: str) -> None:
    if not wrong:
        assert BreakTheGlassRules(least=least, most=most, hours=hours).lifetime == timedelta(hours=1)
        return
    with pytest.raises(ValueError, match=f"^{wrong}: .* is wanted, seen: {least if wrong == 'least' else hours}$"):
        BreakTheGlassRules(least=least, most=most, hours=hours)


def test_breaking_the_glass_replaces_no_consent() -> None:
    facts = the_facts(registered=registered(consents=()), break_the_glass=REASON)
    assert refused(facts, with_glass()).reason is Reason.CONSENT_MISSING


def test_the_excluded_do_not_break_the_glass_unless_configured() -> None:
    said = registered({GP: SubjectFacts(links=(a_link(),), exclusions=(an_exclusion(GP_NIHII),))})
    facts = the_facts(registered=said, break_the_glass=REASON)
    assert refused(facts, with_glass()).reason is Reason.EXCLUDED
    policy = with_glass(overrides_exclusion=True)
    decision = granted(facts, policy)
    assert decision.breaks_the_glass
    assert found(decision, Rule.EXCLUSION) == (Result.PASSED, "overridden", {})
    assert refused(the_facts(registered=said), policy).reason is Reason.EXCLUDED
    linked = granted(the_facts(break_the_glass=REASON), policy)
    assert not linked.breaks_the_glass
    without_link = registered({GP: SubjectFacts(exclusions=(an_exclusion(GP_NIHII),))})
    assert refused(the_facts(registered=without_link, break_the_glass="short"), policy).reason is Reason.EXCLUDED
    assert refused(replace(facts, registered=without_link), with_glass()).reason is Reason.EXCLUDED
