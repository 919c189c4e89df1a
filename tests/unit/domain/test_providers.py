"""The rules of registration and of the consent of care providers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.errors import HubError, Reason
from hub.domain.party_consents import give_consent, revoke_consent
from hub.domain.providers import (
    Application,
    DirectoryFinding,
    Provider,
    RegistrationState,
    Wait,
    approve,
    refuse,
    register,
    standing_of,
    suspend,
    validate,
)
from hub.domain.recorded import HISTORY
from hub.domain.subjects import Subject, SubjectKind
from tests.builders import JAN
from tests.fakes.providers import (
    GP,
    HOSPITAL,
    NOON,
    OTHER_GP,
    POLICY,
    a_pending,
    an_application,
    an_organisation,
    recorded,
)

TODAY = NOON.date()
NURSE = replace(an_application(guarantor=""), profession="persnurse")
VALID = DirectoryFinding.VALID


def registered(
    application: Application, finding: DirectoryFinding = VALID, before: Provider | None = None
) -> tuple[RegistrationState | None, frozenset[Wait]]:
    """State, and what is waited for."""
    provider = register(before, application, POLICY, finding, recorded())
    assert provider.registration is not None
    return provider.state, provider.registration.waits_for


def refused(act: Callable[[], object]) -> HubError:
    with pytest.raises(HubError) as caught:
        act()
    return caught.value


def test_a_doctor_waits_for_the_guarantor_he_chose() -> None:
    assert registered(an_application()) == (RegistrationState.PENDING, frozenset({Wait.GUARANTOR}))


def test_a_self_employed_nurse_needs_no_guarantor() -> None:
    assert registered(NURSE) == (RegistrationState.APPROVED, frozenset())


def test_staff_of_a_hospital_is_vouched_for_by_the_hospital() -> None:
    application = Application(subject=GP, profession="persphysician", organisation=an_organisation())
    provider = register(None, application, POLICY, VALID, recorded())
    assert provider.state is RegistrationState.APPROVED
    assert provider.registration is not None
    assert provider.registration.guarantor == HOSPITAL.value


@pytest.mark.parametrize(
    "application",
    [
        an_application(guarantor=""),
        an_application(guarantor="nobody"),
        an_application(guarantor="kine"),
        an_application(profession="perspharmacist"),
        Application(subject=GP, profession="persphysician", organisation=Provider(subject=HOSPITAL)),
        Application(
            subject=GP,
            profession="persphysician",
            organisation=suspend(an_organisation(), recorded(1)),
        ),
        Application(
            subject=GP,
            profession="persphysician",
            organisation=register(None, replace(NURSE, subject=OTHER_GP), POLICY, VALID, recorded()),
        ),
    ],
    ids=["none", "unknown", "other profession", "not his", "unregistered", "suspended", "a person"],
)
def test_nobody_else_can_vouch(application: Application) -> None:
    assert refused(lambda: registered(application)).reason is Reason.GUARANTOR


def test_who_may_vouch_is_told() -> None:
    assert refused(lambda: registered(an_application(guarantor="kine"))).details == {
        "profession": "persphysician",
        "guarantor": "kine",
        "wanted": "league",
    }


@pytest.mark.parametrize("finding", DirectoryFinding)
def test_only_a_valid_licence_spares_the_staff(finding: DirectoryFinding) -> None:
    state, waits_for = registered(NURSE, finding)
    settled = {VALID: RegistrationState.APPROVED, DirectoryFinding.LICENCE_ENDED: RegistrationState.REFUSED}
    assert state == settled.get(finding, RegistrationState.PENDING)
    assert waits_for == (set() if finding in settled else {Wait.VALIDATION})


def test_registering_wants_a_nihii_number() -> None:
    by_inss = an_application(Subject(SubjectKind.INSS, JAN.digits))
    assert refused(lambda: registered(by_inss)).reason is Reason.PARTY_NUMBER


def test_the_guarantor_vouches_and_the_staff_settles_all() -> None:
    waiting = register(None, an_application(), POLICY, DirectoryFinding.NOT_FOUND, recorded())
    vouched = approve(waiting, recorded(1), guarantor="league")
    assert vouched.registration is not None
    assert (vouched.state, vouched.registration.waits_for) == (RegistrationState.PENDING, frozenset({Wait.VALIDATION}))
    assert approve(vouched, recorded(2), guarantor="league") == vouched
    for before in (waiting, vouched):
        assert approve(before, recorded(3)).state is RegistrationState.APPROVED
    assert approve(a_pending(), recorded(1), guarantor="league").state is RegistrationState.APPROVED


def test_who_waits_does_so_since_he_asked_whatever_was_settled_meanwhile() -> None:
    waiting = register(None, an_application(), POLICY, DirectoryFinding.NOT_FOUND, recorded())
    vouched = approve(waiting, recorded(5), guarantor="league")
    assert vouched.since == waiting.since == NOON
    assert approve(vouched, recorded(9)).since == recorded(9).at
    assert Provider(subject=GP).since is None


@pytest.mark.parametrize("decide", [approve, refuse])
def test_only_his_own_guarantor_decides(decide: Callable[..., Provider]) -> None:
    assert refused(lambda: decide(a_pending(), recorded(1), guarantor="kine")).reason is Reason.GUARANTOR


@pytest.mark.parametrize("decide", [approve, refuse, suspend])
@pytest.mark.parametrize("before", [None, Provider(subject=GP)], ids=["unknown", "never registered"])
def test_there_is_nothing_to_decide_of_a_stranger(decide: Callable[..., Provider], before: Provider | None) -> None:
    assert refused(lambda: decide(before, recorded())).reason is Reason.PARTY_UNKNOWN


def test_what_was_refused_may_be_asked_again_and_what_was_suspended_may_not() -> None:
    rejected = refuse(a_pending(), recorded(1), guarantor="league", remark="not a member")
    assert rejected.registration is not None
    assert (rejected.state, rejected.registration.remark) == (RegistrationState.REFUSED, "not a member")
    assert registered(an_application(), before=rejected) == (RegistrationState.PENDING, frozenset({Wait.GUARANTOR}))
    suspended = suspend(approve(a_pending(), recorded(1)), recorded(2))
    error = refused(lambda: registered(an_application(), before=suspended))
    assert (error.reason, error.details) == (
        Reason.REGISTRATION_STATE,
        {"state": "suspended", "wanted": "approved"},
    )
    assert refused(lambda: approve(suspended, recorded(3), guarantor="league")).reason is Reason.REGISTRATION_STATE
    assert approve(suspended, recorded(3)).state is RegistrationState.APPROVED


@pytest.mark.parametrize(
    ("decide", "before"),
    [
        (refuse, approve(a_pending(), recorded(1))),
        (suspend, a_pending()),
        (suspend, refuse(a_pending(), recorded(1))),
    ],
    ids=["refuse the approved", "suspend the pending", "suspend the refused"],
)
def test_what_does_not_follow_from_the_state_is_refused(decide: Callable[..., Provider], before: Provider) -> None:
    assert refused(lambda: decide(before, recorded(2))).reason is Reason.REGISTRATION_STATE


def test_another_application_takes_the_place_of_the_former() -> None:
    other = register(a_pending(), NURSE, POLICY, VALID, recorded(1))
    assert (other.profession, other.state) == ("persnurse", RegistrationState.APPROVED)
    assert len(other.registrations) == 2


def test_the_directory_may_settle_later_what_it_did_not_at_first() -> None:
    silent = register(None, an_application(), POLICY, DirectoryFinding.UNAVAILABLE, recorded())
    vouched = approve(silent, recorded(1), guarantor="league")
    assert validate(vouched, VALID, recorded(2)).state is RegistrationState.APPROVED
    assert validate(silent, VALID, recorded(2)).is_pending
    assert register(vouched, an_application(), POLICY, VALID, recorded(2)).state is RegistrationState.APPROVED
    assert validate(vouched, DirectoryFinding.LICENCE_ENDED, recorded(2)).state is RegistrationState.REFUSED
    for nothing_new in (DirectoryFinding.UNAVAILABLE, DirectoryFinding.NOT_ASKED):
        assert validate(vouched, nothing_new, recorded(2)) == vouched
    approved = approve(vouched, recorded(2))
    assert validate(approved, DirectoryFinding.LICENCE_ENDED, recorded(3)) == approved


def test_consent_is_given_once_and_ends_on_its_day() -> None:
    given = give_consent(None, GP, TODAY, recorded())
    assert given.has_consented
    assert give_consent(given, GP, TODAY - timedelta(days=9), recorded(1)) == given
    ended = revoke_consent(given, TODAY, recorded(2))
    assert ended is not None
    assert not ended.has_consented
    assert revoke_consent(ended, TODAY, recorded(3)) == ended
    again = give_consent(ended, GP, TODAY, recorded(4))
    assert again.has_consented
    assert again.consents[0] == ended.consent


def test_there_may_be_nothing_to_revoke() -> None:
    assert revoke_consent(None, TODAY, recorded()) is None
    assert revoke_consent(a_pending(), TODAY, recorded()) == a_pending()


def test_a_consent_that_states_no_day_is_of_today() -> None:
    assert give_consent(None, GP, None, recorded()).consents[0].signed_on == TODAY


@pytest.mark.parametrize(
    ("days", "is_taken"), [(-3650, True), (0, True), (1, True), (2, False)], ids=["past", "today", "skew", "future"]
)
def test_a_consent_is_not_signed_in_the_future(days: int, is_taken: bool) -> None:
    day = TODAY + timedelta(days=days)
    if is_taken:
        assert give_consent(None, GP, day, recorded()).has_consented
    else:
        error = refused(lambda: give_consent(None, GP, day, recorded()))
        assert (error.reason, error.where) == (Reason.CONTENT, "consent/signdate")


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=2)])
def test_a_consent_ends_between_its_signing_and_now(day: date) -> None:
    given = give_consent(None, GP, TODAY, recorded())
    error = refused(lambda: revoke_consent(given, day, recorded(1)))
    assert (error.reason, error.where) == (Reason.CONTENT, "consent/revokedate")


def test_what_is_kept_is_bounded() -> None:
    provider = approve(a_pending(), recorded())
    for minute in range(3 * HISTORY):
        provider = suspend(provider, recorded(minute)) if minute % 2 else approve(provider, recorded(minute))
        provider = give_consent(provider, GP, TODAY, recorded(minute))
        provider = revoke_consent(provider, TODAY, recorded(minute)) or provider
    assert len(provider.registrations) == len(provider.consents) == HISTORY
    assert provider.state is RegistrationState.SUSPENDED


APPROVED = give_consent(approve(a_pending(), recorded()), GP, TODAY, recorded())
ANSWERING = give_consent(an_organisation(), HOSPITAL, TODAY, recorded())


def test_a_stranger_has_no_standing() -> None:
    assert standing_of([], []) == (False, False)
    assert standing_of([a_pending()], []) == (False, False)


def test_a_provider_stands_for_himself_or_his_organisation_does() -> None:
    assert standing_of([APPROVED], []).is_good
    assert standing_of([], [ANSWERING]).is_good
    assert standing_of([a_pending()], [ANSWERING]).is_good
    assert standing_of([APPROVED], [an_organisation()]).is_good
    assert standing_of([give_consent(None, GP, TODAY, recorded())], [an_organisation()]).is_good


def test_an_organisation_does_not_answer_for_who_was_barred_or_has_withdrawn() -> None:
    barred = (suspend(APPROVED, recorded(5)), refuse(a_pending(), recorded(5)))
    assert not any(standing_of([provider], [ANSWERING]).registered for provider in barred)
    withdrawn = revoke_consent(APPROVED, TODAY, recorded(5))
    assert withdrawn is not None
    assert not standing_of([withdrawn], [ANSWERING]).consented


def test_of_a_person_with_two_numbers_the_last_word_on_consent_counts() -> None:
    by_inss = Subject(SubjectKind.INSS, JAN.digits)
    withdrawn = revoke_consent(give_consent(None, by_inss, TODAY, recorded()), TODAY, recorded(5))
    assert withdrawn is not None
    given = give_consent(approve(a_pending(), recorded()), GP, TODAY, recorded(9))
    assert standing_of([withdrawn, given], []).is_good
    assert not standing_of([withdrawn, APPROVED], []).consented


RULES: list[Callable[[Provider | None], Provider | None]] = [
    lambda before: register(before, an_application(), POLICY, VALID, recorded()),
    lambda before: register(before, NURSE, POLICY, DirectoryFinding.NOT_FOUND, recorded()),
    lambda before: approve(before, recorded()),
    lambda before: approve(before, recorded(), guarantor="league"),
    lambda before: refuse(before, recorded()),
    lambda before: suspend(before, recorded()),
    lambda before: give_consent(before, GP, TODAY, recorded()),
    lambda before: revoke_consent(before, TODAY, recorded()),
]


def applied(before: Provider | None, rule: Callable[[Provider | None], Provider | None]) -> Provider | None:
    try:
        return rule(before)
    except HubError:
        return before


@given(st.lists(st.sampled_from(RULES), max_size=12), st.sampled_from(RULES))
def test_saying_the_same_again_changes_nothing(
    rules: list[Callable[[Provider | None], Provider | None]], last: Callable[[Provider | None], Provider | None]
) -> None:
    provider: Provider | None = None
    for rule in [*rules, last]:
        provider = applied(provider, rule)
    assert applied(provider, last) == provider


@given(st.lists(st.sampled_from(RULES), max_size=12))
def test_what_waits_for_somebody_is_pending_and_nothing_else(
    rules: list[Callable[[Provider | None], Provider | None]],
) -> None:
    provider: Provider | None = None
    for rule in rules:
        provider = applied(provider, rule)
        for registration in provider.registrations if provider else ():
            assert bool(registration.waits_for) == (registration.state is RegistrationState.PENDING)
