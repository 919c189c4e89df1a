"""What becomes of therapeutic links: made, repeated, renewed, revoked, and how long they may last."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.errors import HubError, Reason
from hub.domain.link_policy import LinkClaim, LinkPolicy, LinkRule, months_after
from hub.domain.recorded import HISTORY
from hub.domain.therapeutic_links import MOST_STANDING, Proof, TherapeuticLink, put, restate, revoke
from tests.statements import TODAY, party_ids, recorded

DAY = timedelta(days=1)
POLICY = LinkPolicy(
    rules=(
        LinkRule(kinds=frozenset({"gmd"}), months=12, proofs=frozenset(Proof), sourced=True),
        LinkRule(professions=frozenset({"persphysician"}), months=15, proofs=frozenset({Proof.PATIENT}), sourced=True),
        LinkRule(kinds=frozenset({"gpconsultation"}), months=3, proofs=frozenset({Proof.PATIENT}), sourced=False),
    ),
    answering=frozenset({"orghospital"}),
    tolerance=DAY,
)


def a_link(kind: str = "gpconsultation", *, start: date = TODAY, end: date = TODAY + 90 * DAY) -> TherapeuticLink:
    return TherapeuticLink(
        party=party_ids(), kind=kind, start=start, end=end, proof=Proof.EID_READING, recorded=recorded()
    )


def made(
    kind: str = "gpconsultation",
    *,
    start: date | None = None,
    end: date | None = None,
    profession: str = "persphysician",
    proof: Proof = Proof.PATIENT,
) -> TherapeuticLink:
    claim = LinkClaim(party=party_ids(), kind=kind, start=start, end=end, comment="Suivi")
    return POLICY.link(claim, profession=profession, proofs=[proof], recorded=recorded())


@pytest.mark.parametrize(
    ("kind", "profession", "end"),
    [
        ("gmd", "persphysician", date(2027, 3, 2)),
        ("gpconsultation", "persphysician", date(2027, 6, 2)),
        ("gpconsultation", "persnurse", date(2026, 6, 2)),
        ("gpconsultation", "", date(2026, 6, 2)),
    ],
)
def test_a_link_lasts_as_long_as_its_kind_and_the_profession_let_it(kind: str, profession: str, end: date) -> None:
    link = made(kind, profession=profession)
    assert (link.start, link.end, link.comment) == (TODAY, end, "Suivi")


def test_a_link_that_is_stated_longer_is_cut_and_one_that_is_stated_shorter_is_not() -> None:
    assert made(end=date(2099, 1, 1)).end == date(2027, 6, 2)
    assert made(end=TODAY + 7 * DAY).end == TODAY + 7 * DAY


def test_a_start_of_tomorrow_is_taken_as_today_and_a_later_one_is_refused() -> None:
    assert made(start=TODAY + DAY).start == TODAY
    with pytest.raises(HubError) as refusal:
        made(start=TODAY + 2 * DAY)
    assert refusal.value.reason is Reason.CONTENT


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (TODAY, TODAY - DAY),
        (TODAY + DAY, TODAY),
        (None, TODAY - DAY),
        (TODAY - 10 * DAY, TODAY - DAY),
        (date(2020, 1, 1), None),
        (date(1, 1, 1), None),
    ],
)
def test_a_link_that_ends_before_it_starts_or_is_over_already_is_refused(start: date | None, end: date | None) -> None:
    with pytest.raises(HubError) as refusal:
        made(start=start, end=end)
    assert refusal.value.reason is Reason.LINK_PERIOD
    assert refusal.value.details["problem"]


def test_a_link_without_the_proof_that_its_kind_needs_is_refused() -> None:
    with pytest.raises(HubError) as refusal:
        made(proof=Proof.NONE)
    assert refusal.value.reason is Reason.LINK_PROOF
    assert made("gmd", proof=Proof.NONE).proof is Proof.NONE


def test_a_kind_that_no_rule_fits_is_refused() -> None:
    with pytest.raises(HubError) as refusal:
        made("odd", profession="persnurse")
    assert refusal.value.reason is Reason.CONTENT


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 3, 2), 24, date(2028, 3, 2)),
    ],
)
def test_months_follow_the_calendar(day: date, months: int, later: date) -> None:
    assert months_after(day, months) == later


def test_the_same_link_again_changes_nothing_and_neither_does_a_shorter_one() -> None:
    before = put((), a_link())
    assert put(before, a_link()) == before
    assert put(before, a_link(end=TODAY + DAY)) == before


def test_a_renewal_takes_the_place_of_the_older_link_without_a_gap() -> None:
    older = a_link(start=TODAY - 30 * DAY, end=TODAY + 60 * DAY)
    after = put((older,), a_link())
    assert [link.holds_on(TODAY) for link in after] == [False, True]
    assert after[0].last_day == TODAY - DAY


def test_links_of_other_kinds_stand_beside_each_other_up_to_a_number() -> None:
    links: tuple[TherapeuticLink, ...] = ()
    for number in range(MOST_STANDING):
        links = put(links, a_link(f"kind-{number}"))
    assert sum(link.holds_on(TODAY) for link in links) == MOST_STANDING
    put(links, a_link("kind-0", end=TODAY + 100 * DAY))
    with pytest.raises(HubError):
        put(links, a_link("one-more"))


def test_revoking_ends_the_links_of_a_kind_or_all_of_them() -> None:
    links = put(put((), a_link()), a_link("gmd"))
    assert [link.kind for link in revoke(links, "gmd", recorded()) if link.holds_on(TODAY)] == ["gpconsultation"]
    assert not [link for link in revoke(links, None, recorded()) if link.holds_on(TODAY)]


def test_revoking_what_does_not_stand_changes_nothing() -> None:
    over = a_link(start=TODAY - 30 * DAY, end=TODAY - DAY)
    assert revoke((), None, recorded()) == ()
    assert revoke((over,), None, recorded()) == (over,)
    once = revoke((a_link(),), None, recorded())
    assert revoke(once, None, recorded()) == once


def test_a_link_that_was_revoked_on_its_first_day_held_that_day() -> None:
    (link,) = revoke((a_link(),), None, recorded())
    assert link.last_day == TODAY
    assert link.overlaps(TODAY, TODAY)
    assert not link.overlaps(TODAY + DAY, None)
    assert not link.overlaps(None, TODAY - DAY)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 400)), max_size=80))
def test_one_link_of_a_kind_stands_at_most_and_history_is_bounded(said: list[tuple[str | None, int]]) -> None:
    links: tuple[TherapeuticLink, ...] = ()
    for kind, days in said:
        links = revoke(links, None, recorded()) if kind is None else put(links, a_link(kind, end=TODAY + days * DAY))
        standing = [link.kind for link in links if link.holds_on(TODAY)]
        assert len(standing) == len(set(standing))
        assert len(links) - len(standing) <= HISTORY


def test_a_link_is_restated_even_to_end_earlier_and_stays_the_only_one_of_its_kind() -> None:
    long, short = a_link(end=TODAY + 90 * DAY), a_link(end=TODAY + 10 * DAY)
    former, standing = restate(restate((), long), short)
    assert (former.revoked_on, standing) == (TODAY, short)
    assert restate((former, standing), short) == (former, standing)
    assert restate((a_link("gmd"),), short) == (a_link("gmd"), short)
