"""What becomes of consent: given again, replaced, withdrawn, and which documents it covers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.consent import ConsentKind, PatientConsent, give, standing, withdraw
from hub.domain.recorded import HISTORY
from tests.statements import TODAY, recorded

PAST, FUTURE, LOCAL = ConsentKind.RETROSPECTIVE, ConsentKind.PROSPECTIVE, ConsentKind.LOCAL


def consent(*kinds: ConsentKind, on: date = TODAY) -> PatientConsent:
    return PatientConsent(kinds=frozenset(kinds), signed_on=on, recorded=recorded())


def test_a_consent_that_is_given_stands() -> None:
    assert standing(give((), consent(PAST))) == consent(PAST)
    assert standing(()) is None


@pytest.mark.parametrize("later", [0, 1, 400])
def test_saying_yes_again_changes_nothing(later: int) -> None:
    before = give((), consent(FUTURE))
    assert give(before, consent(FUTURE, on=TODAY + timedelta(days=later))) == before


def test_an_earlier_day_of_signing_takes_the_place_of_a_later_one() -> None:
    earlier = consent(FUTURE, on=TODAY - timedelta(days=30))
    after = give(give((), consent(FUTURE)), earlier)
    assert standing(after) == earlier
    assert [one.is_given for one in after] == [False, True]


def test_another_kind_takes_the_place_of_the_national_consent_and_leaves_the_local_one() -> None:
    after = give(give(give((), consent(LOCAL)), consent(FUTURE)), consent(PAST))
    assert [(*one.kinds, one.is_given) for one in after] == [(LOCAL, True), (FUTURE, False), (PAST, True)]


def test_of_two_that_stand_the_one_that_covers_more_counts() -> None:
    both = give(give((), consent(PAST)), consent(LOCAL, FUTURE))
    found = standing(both)
    assert found is not None
    assert found.covers(date(1990, 1, 1))


@pytest.mark.parametrize(
    ("kinds", "covers_the_past"),
    [
        ({PAST}, True),
        ({FUTURE}, False),
        ({LOCAL}, True),
        ({PAST, FUTURE}, True),
        ({LOCAL, FUTURE}, False),
        ({LOCAL, PAST}, True),
    ],
)
def test_what_a_consent_covers(kinds: set[ConsentKind], covers_the_past: bool) -> None:
    one = consent(*kinds)
    assert one.covers(TODAY - timedelta(days=1)) is covers_the_past
    assert one.covers(TODAY)


def test_withdrawing_ends_all_that_was_given_and_keeps_it_as_history() -> None:
    before = give(give((), consent(LOCAL)), consent(PAST))
    after = withdraw(before, frozenset({PAST}), TODAY, recorded())
    assert standing(after) is None
    assert [(one.revoked_on, one.revocation) for one in after] == [(TODAY, recorded())] * 2


def test_withdrawing_the_local_consent_leaves_the_national_one() -> None:
    before = give(give((), consent(LOCAL)), consent(PAST))
    assert standing(withdraw(before, frozenset({LOCAL}), TODAY, recorded())) == consent(PAST)


def test_withdrawing_what_was_never_given_or_is_withdrawn_changes_nothing() -> None:
    assert withdraw((), frozenset({PAST}), TODAY, recorded()) == ()
    once = withdraw(give((), consent(PAST)), frozenset({PAST}), TODAY, recorded())
    assert withdraw(once, frozenset({PAST}), TODAY, recorded()) == once


KINDS = st.sets(st.sampled_from(ConsentKind), min_size=1, max_size=2).map(frozenset)


@given(st.lists(st.tuples(st.booleans(), KINDS, st.integers(0, 30)), max_size=60))
def test_at_most_one_national_and_one_local_consent_stand_and_history_is_bounded(
    said: list[tuple[bool, frozenset[ConsentKind], int]],
) -> None:
    consents: tuple[PatientConsent, ...] = ()
    for gives, kinds, back in said:
        day = TODAY - timedelta(days=back)
        consents = give(consents, consent(*kinds, on=day)) if gives else withdraw(consents, kinds, day, recorded())
        stand = [one.is_local for one in consents if one.is_given]
        assert len(stand) == len(set(stand))
        assert len(consents) - len(stand) <= HISTORY
