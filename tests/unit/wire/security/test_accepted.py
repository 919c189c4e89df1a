"""Assertions are remembered within bounds, until they end, and under one trust."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from hub.wire.security.accepted import AcceptedAssertions
from hub.wire.security.assertions import Assertion, read_assertion
from hub.wire.security.holders import KnownCertificates
from hub.wire.security.trust import Trust
from tests.signed import world

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TRUST = Trust(token_signers=())


@pytest.fixture(scope="module")
def assertion() -> Assertion:
    return read_assertion(etree.fromstring(world().caller("gp_nl").assertion), KnownCertificates(most=1))


def digest(number: int) -> bytes:
    return number.to_bytes(32, "big")


def test_what_was_accepted_is_known_until_it_ends(assertion: Assertion) -> None:
    accepted = AcceptedAssertions(most=10)
    assert accepted.get(digest(1), TRUST, NOW) is None
    accepted.add(digest(1), assertion, LATER, TRUST)
    assert accepted.get(digest(1), TRUST, LATER - timedelta(seconds=1)) is assertion
    assert accepted.get(digest(2), TRUST, NOW) is None
    assert accepted.get(digest(1), TRUST, LATER) is None
    assert len(accepted) == 0


def test_the_first_makes_room(assertion: Assertion) -> None:
    accepted = AcceptedAssertions(most=2)
    for number in (1, 2, 3):
        accepted.add(digest(number), assertion, LATER, TRUST)
    assert [accepted.get(digest(number), TRUST, NOW) is not None for number in (1, 2, 3)] == [False, True, True]


def test_nothing_is_remembered_where_nothing_may_be(assertion: Assertion) -> None:
    accepted = AcceptedAssertions(most=0)
    accepted.add(digest(1), assertion, LATER, TRUST)
    assert accepted.get(digest(1), TRUST, NOW) is None


def test_under_another_trust_everything_is_forgotten(assertion: Assertion) -> None:
    """Another object, even when it says the same: it was read again because a file has changed."""
    accepted, other = AcceptedAssertions(most=10), Trust(token_signers=())
    accepted.add(digest(1), assertion, LATER, TRUST)
    assert accepted.get(digest(1), other, NOW) is None
    accepted.add(digest(2), assertion, LATER, other)
    assert accepted.get(digest(1), TRUST, NOW) is None
    assert len(accepted) == 1


def test_threads_do_not_get_in_each_others_way(assertion: Assertion) -> None:
    accepted, trusts = AcceptedAssertions(most=5), (TRUST, Trust(token_signers=()))

    def use(number: int) -> int:
        trust = trusts[number % 2]
        accepted.add(digest(number % 20), assertion, NOW + timedelta(seconds=number % 3), trust)
        found = accepted.get(digest((number + 1) % 20), trust, NOW + timedelta(seconds=1))
        assert found in (None, assertion)
        return len(accepted)

    with ThreadPoolExecutor(8) as threads:
        assert max(threads.map(use, range(5_000))) <= 5


def test_adding_the_same_again_takes_no_more_room(assertion: Assertion) -> None:
    accepted = AcceptedAssertions(most=10)
    for _ in range(3):
        accepted.add(digest(1), assertion, LATER, TRUST)
    assert len(accepted) == 1
