"""What holds of every decision: nothing that restricts ever widens, and a list shows exactly what a get would grant."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.access import Granted, decide
from hub.domain.access_facts import AccessFacts, ProviderStanding
from hub.domain.access_matrix import Level
from hub.domain.access_policy import AccessPolicy, Authentication
from hub.domain.access_rights import Right
from hub.domain.access_view import Document
from hub.domain.asker import asking_subjects
from hub.domain.consent import ConsentKind
from hub.domain.mandates import MandateKind
from hub.domain.parties import Author, HcParty, Id
from hub.domain.patient_facts import PatientFacts, SubjectFacts
from hub.domain.subjects import EVERYBODY, Subject, SubjectKind
from tests.access_builders import (
    GP,
    HOSPITAL,
    JAN_AS_SUBJECT,
    MILA_AS_SUBJECT,
    NOW,
    POLICY,
    REASON,
    TODAY,
    a_consent,
    a_link,
    a_mandate,
    a_party,
    a_patient_party,
    a_right,
    an_exclusion,
    broken_glass,
    codes,
    the_facts,
    with_glass,
)
from tests.builders import GP_NIHII, JAN, OTHER_GP_NIHII, a_hospital, a_person

PROFESSIONS = [*sorted({code for role in POLICY.roles for code in role.codes} - {"patient"}), "perstechnician"]
SUBJECTS = [GP, HOSPITAL, JAN_AS_SUBJECT, MILA_AS_SUBJECT, EVERYBODY, Subject(SubjectKind.PROFESSION, "persnurse")]
DAYS = st.integers(-400, 40).map(lambda days: TODAY + timedelta(days=days))
FLAGS = [(), (("PatientAccess", "yes"),), (("PatientAccess", "no"),), (("Confidentiality", "restricted"),),
         (("Confidentiality", "secret"),), (("PatientAccessDate", "2026-03-12"),)]  # fmt: skip
AUTHORS: list[Author] = [
    (a_hospital(),),
    (a_hospital(), a_party("deptpsychiatry"), a_person(OTHER_GP_NIHII)),
    (a_hospital(), a_party("deptorthopedy")),
    (a_hospital(), a_party("persnurse")),
    (a_person(),),
    (a_patient_party(),),
]
LINEAGES = [(1,), (1, 2), (3,)]
"""Of the documents of serials 1 to 3: the second is a version of the first, and of another one."""
TYPES = ["sumehr", "labresult", "report", "result", "invented"]
SPANS = st.tuples(DAYS, st.integers(0, 300)).map(lambda span: (span[0], span[0] + timedelta(days=span[1])))


@st.composite
def subject_facts(draw: st.DrawFn) -> SubjectFacts:
    """Anything that may be said about a subject."""
    links = draw(st.lists(st.tuples(st.sampled_from(["gmd", "referral"]), SPANS, st.booleans()), max_size=2))
    return SubjectFacts(
        links=tuple(a_link(k, start=s, end=e, revoked_on=TODAY if gone else None) for k, (s, e), gone in links),
        exclusions=tuple(an_exclusion(GP_NIHII) for _ in range(draw(st.integers(0, 5)) // 5)),
        rights=tuple(
            a_right(right, serial, lineage=LINEAGES[serial - 1])
            for right, serial in draw(st.lists(st.tuples(st.sampled_from(Right), st.integers(1, 3)), max_size=2))
        ),
        mandates=tuple(map(a_mandate, draw(st.lists(st.sampled_from(MandateKind), max_size=1)))),
        broken_glass=tuple(broken_glass() for _ in range(draw(st.integers(0, 1)))),
    )


@st.composite
def consents(draw: st.DrawFn) -> PatientFacts:
    """A few consents, and statements about some subjects."""
    kinds = st.sets(st.sampled_from(ConsentKind), min_size=1, max_size=2)
    given_ones = draw(st.lists(st.tuples(kinds, DAYS, st.booleans()), max_size=3))
    return PatientFacts(
        tuple(a_consent(*k, signed_on=day, revoked_on=TODAY if gone else None) for k, day, gone in given_ones),
        draw(st.dictionaries(st.sampled_from(SUBJECTS), subject_facts(), max_size=4)),
    )


def chains() -> st.SearchStrategy[tuple[HcParty, ...]]:
    """Who may ask."""
    people = st.sampled_from(PROFESSIONS).map(lambda code: a_party(code, Id("ID-HCPARTY", "1.0", GP_NIHII)))
    patients = st.sampled_from([a_patient_party(), a_patient_party(JAN)])
    return st.one_of(
        people.map(lambda person: (person,)),
        people.map(lambda person: (a_hospital(), person)),
        people.map(lambda person: (a_hospital(), a_party("deptpsychiatry"), person)),
        patients.map(lambda patient: (patient,)),
    )


@st.composite
def asked(draw: st.DrawFn) -> AccessFacts:
    """Anything that may be asked."""
    return the_facts(
        *draw(chains()),
        registered=draw(consents()),
        authentication=draw(st.sampled_from(Authentication)),
        standing=draw(st.sampled_from([ProviderStanding(registered=True, consented=True), ProviderStanding()])),
        birthdate=draw(st.sampled_from(["1950-06-01", "2016", "2012-01-01", ""])),
        break_the_glass=draw(st.sampled_from([None, REASON, "short"])),
        peer=draw(st.sampled_from(["", "", "1990999927"])),
        deceased=draw(st.integers(0, 9)) == 9,
    )


def documents() -> Iterator[Document]:
    """Documents of each type, author and flag; their serials and days differ."""
    for number, kind in enumerate(TYPES):
        for author in AUTHORS:
            for flags in FLAGS:
                day = TODAY - timedelta(days=number * 60)
                yield Document(number % 3 + 1, LINEAGES[number % 3], codes(kind, *flags), author, day, day)


DOCUMENTS = list(documents())
POLICIES = st.sampled_from([POLICY, with_glass(), with_glass(overrides_exclusion=True)])
MUCH = {Level.NONE: 0, Level.PART: 1, Level.FULL: 2}


def seen(policy: AccessPolicy, facts: AccessFacts) -> list[int]:
    """How much is seen of each document."""
    decision = decide(policy, facts)
    if not isinstance(decision, Granted):
        return [0] * len(DOCUMENTS)
    return [MUCH[decision.view.access(document).level] for document in DOCUMENTS]


def assert_never_wider(policy: AccessPolicy, before: AccessFacts, after: AccessFacts) -> None:
    assert all(now <= then for now, then in zip(seen(policy, after), seen(policy, before), strict=True))


def with_said(facts: AccessFacts, subject: Subject, **more: object) -> AccessFacts:
    """The same with something else said about a subject."""
    by_subject = dict(facts.registered.by_subject)
    by_subject[subject] = replace(by_subject.get(subject, SubjectFacts()), **more)  # type: ignore[arg-type]  # by names
    return replace(facts, registered=replace(facts.registered, by_subject=by_subject))


def about(facts: AccessFacts, subject: Subject) -> SubjectFacts:
    return facts.registered.by_subject.get(subject, SubjectFacts())


@given(policy=POLICIES, facts=asked(), subject=st.sampled_from(SUBJECTS))
def test_an_exclusion_never_widens(policy: AccessPolicy, facts: AccessFacts, subject: Subject) -> None:
    more = with_said(facts, subject, exclusions=(*about(facts, subject).exclusions, an_exclusion(GP_NIHII)))
    assert_never_wider(policy, facts, more)


@given(facts=asked(), subject=st.sampled_from(SUBJECTS))
def test_an_exclusion_of_the_asker_shows_nothing(facts: AccessFacts, subject: Subject) -> None:
    excluded = with_said(facts, subject, exclusions=(an_exclusion(GP_NIHII),))
    if subject in asking_subjects(facts.requester) and facts.requester.parties[0] != a_patient_party():
        assert not any(seen(with_glass(), excluded))


@given(policy=POLICIES, facts=asked(), which=st.integers(0, 2))
def test_a_consent_less_never_widens(policy: AccessPolicy, facts: AccessFacts, which: int) -> None:
    left = tuple(consent for n, consent in enumerate(facts.registered.consents) if n != which)
    assert_never_wider(policy, facts, replace(facts, registered=replace(facts.registered, consents=left)))


@given(policy=POLICIES, facts=asked())
def test_without_consent_nobody_of_ours_sees_anything(policy: AccessPolicy, facts: AccessFacts) -> None:
    without = replace(facts, peer="", registered=replace(facts.registered, consents=()))
    assert not any(seen(policy, without))


@given(policy=POLICIES, facts=asked(), subject=st.sampled_from(SUBJECTS), ended=st.booleans())
def test_a_link_that_does_not_hold_never_widens(
    policy: AccessPolicy, facts: AccessFacts, subject: Subject, ended: bool
) -> None:
    dead = a_link("referral", end=TODAY - timedelta(days=1)) if ended else a_link("referral", revoked_on=TODAY)
    more = with_said(facts, subject, links=(*about(facts, subject).links, dead))
    assert seen(policy, more) == seen(policy, facts)


@given(policy=POLICIES, facts=asked(), subject=st.sampled_from(SUBJECTS), serial=st.integers(1, 3))
def test_a_disallow_never_widens(policy: AccessPolicy, facts: AccessFacts, subject: Subject, serial: int) -> None:
    rights = (*about(facts, subject).rights, a_right(Right.DISALLOW, serial))
    assert_never_wider(policy, facts, with_said(facts, subject, rights=rights))


@given(policy=POLICIES, facts=asked())
def test_time_alone_never_brings_a_link_back(policy: AccessPolicy, facts: AccessFacts) -> None:
    ends = [link.end for said in facts.registered.by_subject.values() for link in said.links]
    later = NOW.replace(year=max([*(day.year for day in ends), NOW.year]) + 1)
    decision = decide(policy, replace(facts, now=later, peer="", break_the_glass=None))
    if isinstance(decision, Granted):
        assert decision.view.is_patient


@given(facts=asked())
def test_without_the_glass_only_a_link_opens_to_care_providers(facts: AccessFacts) -> None:
    unlinked = {subject: replace(said, links=()) for subject, said in facts.registered.by_subject.items()}
    decision = decide(POLICY, replace(facts, peer="", registered=replace(facts.registered, by_subject=unlinked)))
    assert not isinstance(decision, Granted) or decision.view.is_patient


@given(facts=asked())
def test_what_is_said_about_others_changes_nothing(facts: AccessFacts) -> None:
    own = asking_subjects(facts.requester)
    known = {subject: said for subject, said in facts.registered.by_subject.items() if subject in own}
    narrowed = replace(facts, registered=replace(facts.registered, by_subject=known))
    assert decide(POLICY, narrowed) == decide(POLICY, facts)


@given(policy=POLICIES, facts=asked(), days=st.lists(DAYS, min_size=1, max_size=4))
def test_a_list_shows_exactly_what_a_get_would_grant(
    policy: AccessPolicy, facts: AccessFacts, days: list[date]
) -> None:
    """A list decides each kind once, and some kinds without a look at any of their rows."""
    decision = decide(policy, facts)
    if not isinstance(decision, Granted):
        return
    view = decision.view
    for cds, author in {(document.cds, document.author) for document in DOCUMENTS}:
        kind = view.kind(cds, author)
        departments = frozenset(party.profession for party in author if party.profession.startswith("dept"))
        for (serial, day), lineage in zip(enumerate(days, start=1), LINEAGES, strict=False):
            document = Document(serial, lineage, cds, author, day, days[0])
            by_get = view.access(document)
            assert kind.access(document) == by_get
            if view.rights.on(serial, lineage) is None and (kind.shows_all or view.shows_all(cds, departments)):
                assert by_get.level is not Level.NONE
            assert not kind.shows_none or by_get.level is Level.NONE


@given(facts=asked())
def test_nothing_that_is_told_names_anybody(facts: AccessFacts) -> None:
    numbers = {id_.value for party in facts.requester.parties for id_ in party.ids} | {facts.patient.digits, REASON}
    told = " ".join(f"{outcome.id} {' '.join(outcome.values.values())}" for outcome in decide(POLICY, facts).outcomes)
    assert not any(number in told or number[:8] in told for number in numbers)
