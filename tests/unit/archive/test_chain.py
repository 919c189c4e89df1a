"""A digest stands for everything in its row and for all rows before it, and only we can make one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.archive.address import address
from hub.archive.chain import Chain, pack_end, read_end
from hub.archive.columns import ColumnMaker
from hub.archive.database import months_after
from hub.archive.tables import Columns, End
from hub.domain.parties import HcParty
from hub.storage.audit_lanes import EventSealer
from tests.builders import JAN, an_event

CHAIN, SEALER = Chain(b"s" * 32), EventSealer(b"s" * 32)
MAKER = ColumnMaker(SEALER)
COUNTS = st.integers(0, 2**60)
BYTES = st.none() | st.binary(max_size=3)
COLUMNS = st.builds(
    Columns,
    moment=st.integers(-5, 5),
    patient=BYTES,
    actor=BYTES,
    actor_inss=BYTES,
    organisation=st.none() | st.text(max_size=2),
    operation=st.text(max_size=2),
    outcome=st.text(max_size=2),
    document=BYTES,
    broke_the_glass=st.booleans(),
    sealed=st.binary(max_size=3),
)


@given(one=COLUMNS, other=COLUMNS)
def test_rows_that_differ_have_digests_that_differ(one: Columns, other: Columns) -> None:
    first, second = (CHAIN.digest(b"before", sequence=1, month=202611, columns=columns) for columns in (one, other))
    assert (first == second) == (one == other)


def test_a_digest_depends_on_the_one_before_and_on_the_place() -> None:
    columns = MAKER.of_written(SEALER.written(an_event(JAN)))
    digests = {
        CHAIN.digest(previous, sequence=sequence, month=month, columns=columns)
        for previous in (b"a", b"b")
        for sequence in (1, 2)
        for month in (202611, 202612)
    }
    assert len(digests) == 8
    assert Chain(b"t" * 32).digest(b"a", sequence=1, month=202611, columns=columns) not in digests


@given(
    end=st.builds(
        End, st.integers(0, 2**60), st.integers(0, 999912), st.integers(0, 2**60), st.binary(min_size=32, max_size=32)
    )
)
def test_an_end_is_noted_and_read_again(end: End) -> None:
    assert read_end(pack_end(end)) == end


def test_a_note_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no end"):
        read_end(b"nonsense")


def test_the_ends_have_seals_of_their_own() -> None:
    end = CHAIN.beginning
    assert CHAIN.seal("start", end) != CHAIN.seal("head", end)
    assert CHAIN.seal("head", end) != CHAIN.seal("head", end._replace(sequence=1))


@pytest.mark.parametrize(
    ("month", "number", "then"), [(202611, 3, 202702), (202601, -1, 202512), (202612, 0, 202612), (202612, 1, 202701)]
)
def test_months_are_counted_over_the_year(month: int, number: int, then: int) -> None:
    assert months_after(month, number) == then


def test_an_actor_without_person_or_organisation_has_no_marks() -> None:
    event = an_event(JAN, parties=(HcParty(ids=(), cds=()),))
    columns = MAKER.of_written(SEALER.written(event))
    assert (columns.actor, columns.actor_inss, columns.organisation) == (None, None, None)


@pytest.mark.parametrize(
    "url",
    ["mysql://u@h/d", "nonsense", "sqlite://", "sqlite:///a.sqlite", "postgresql://u@h", "postgresql://u:secret@h/d"],
)
def test_an_address_that_will_not_do_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"wanted|password") as refused:
        address(url, password=None)
    assert "secret" not in str(refused.value)


def test_a_password_is_not_shown() -> None:
    assert "secret" not in str(address("postgresql://hub@db/audit", password="secret"))
