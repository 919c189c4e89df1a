"""A patient's stored references: short and long ones, what a change makes of them, older formats, damage."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.errors import HubError, Reason
from hub.domain.references import Status
from hub.storage import codec, patient_change
from hub.storage.lexical import EPOCH, Form, PackedMoments
from hub.storage.patient_change import Stored, build, changed, leaves_to_read
from hub.storage.patient_value import PatientValue, read, read_list

FORM = Form("", 0, "", 0, "")


def a_record(moment: int = 0, *, profile: int = 1, status: Status = Status.CURRENT) -> bytes:
    moments = PackedMoments(moment, 0, moment, 0)
    return codec.encode(codec.Record(1, profile, True, True, status, moments, (f"D{moment}",)), FORM)


class Store:
    """Keeps what is stored of one patient as Redis would."""

    def __init__(self) -> None:
        self.first, self.leaves = b"", dict[int, bytes]()

    def apply(self, stored: Stored) -> None:
        self.first = stored.first
        self.leaves |= stored.leaves

    def read(self) -> PatientValue:
        return read(self.first, self.leaves)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records become long, and leaves part, after a handful of references."""
    for name, most in (("MOST_SHORT", 5), ("MOST_IN_LEAF", 4), ("_FILLED", 3)):
        monkeypatch.setattr(patient_change, name, most)


_CHANGES = st.lists(
    st.tuples(
        st.lists(st.integers(-(2**31), 2**31 - 1), max_size=9),
        st.dictionaries(st.integers(1, 40), st.sampled_from(Status)),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.usefixtures("small")
@given(_CHANGES)
def test_changes_keep_every_record_in_its_place(changes: list[tuple[list[int], dict[int, Status]]]) -> None:
    store, expected = Store(), dict[int, tuple[int, Status]]()
    for moments, wishes in changes:
        marked = {serial: status for serial, status in wishes.items() if serial in expected}
        added = [a_record(moment, profile=abs(moment) % 3 + 1) for moment in moments]
        store.apply(changed(store.read(), marked, added))
        expected |= {serial: (expected[serial][0], status) for serial, status in marked.items()}
        first = len(expected) + 1
        expected |= {serial: (moment, Status.CURRENT) for serial, moment in enumerate(moments, start=first)}
    value = store.read()
    found = {head.serial: (head.moment - EPOCH, Status(head.flags & 3)) for head in value.heads()}
    assert found == expected
    assert value.header.total == len(expected)
    assert value.header.current == sum(status is Status.CURRENT for _, status in expected.values())
    assert value.is_long == (len(expected) > 5)
    if value.is_long:
        _check_directory(value, expected)


def _check_directory(value: PatientValue, expected: dict[int, tuple[int, Status]]) -> None:
    ranks = [sorted((head.moment, head.serial) for head in value.blocks[entry.leaf].heads()) for entry in value.entries]
    assert [rank for leaf in ranks for rank in leaf] == sorted(rank for leaf in ranks for rank in leaf)
    for entry, leaf in zip(value.entries, ranks, strict=True):
        assert (entry.moment + EPOCH, entry.serial) == leaf[0]
        assert entry.records == len(leaf) <= 4
        assert entry.current == sum(expected[serial][1] is Status.CURRENT for _, serial in leaf)
    newest: dict[int, int] = {}
    for serial, (moment, _) in sorted(expected.items()):
        newest[abs(moment) % 3 + 1] = serial
    assert value.latest == newest


@pytest.mark.usefixtures("small")
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30))
def test_building_at_once_and_adding_one_by_one_keep_the_same(moments: list[int]) -> None:
    at_once, one_by_one = Store(), Store()
    at_once.apply(build([a_record(moment) for moment in moments]))
    for moment in moments:
        one_by_one.apply(changed(one_by_one.read(), {}, [a_record(moment)]))
    assert _contents(at_once) == _contents(one_by_one)


def _contents(store: Store) -> list[tuple[int, bytes]]:
    return sorted((head.serial, codec.record_of(head)) for head in store.read().heads())


@pytest.mark.usefixtures("small")
def test_a_change_reads_and_writes_only_the_leaf_it_is_about() -> None:
    store = Store()
    store.apply(build([a_record(moment) for moment in range(12)]))
    value = read(store.first, {})
    assert value.is_long
    (needed,) = leaves_to_read(value, [a_record(7)])
    assert needed == next(entry.leaf for entry in value.entries if entry.moment == 6)
    stored = changed(value.with_leaves({needed: store.leaves[needed]}), {}, [a_record(7)])
    assert set(stored.leaves) == {needed}


def test_a_list_needs_no_more_of_a_long_record_than_its_header() -> None:
    stored = build([a_record(moment) for moment in range(600)])
    header, blocks = read_list(stored.first[:13], {0: stored.leaves[0]})
    assert (header.total, header.current, len(blocks)) == (600, 600, 1)


def test_a_value_of_format_1_is_read_and_written_in_the_present_one() -> None:
    dates = ("1850-01-01", "10:00:00", "")
    texts = codec.Record(1, 1, True, True, Status.CURRENT, PackedMoments(0), ("X",), dates)
    records = [a_record(5), a_record(6, status=Status.REVOKED), codec.encode(texts, None)]
    value = read(struct.pack("<BII", 1, 8, 3) + b"".join(records), {})
    assert (value.header.revision, value.header.total, value.header.current) == (8, 3, 2)
    assert value.based_on == struct.pack("<BII", 1, 8, 3)
    assert [head.moment - EPOCH for head in value.heads()] == [5, 6, -(2**31)]
    again = read(changed(value, {}, []).first, {})
    assert again.header == value.header._replace(revision=9)
    assert list(map(codec.record_of, again.heads())) == list(map(codec.record_of, value.heads()))


@given(st.binary(max_size=80), st.sampled_from([b"", b"\x01", b"\x02", b"\x82"]), st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(rest: bytes, start: bytes, leaf: bytes) -> None:
    with suppress(HubError):
        read(start + rest, {3: leaf}).heads()
    with suppress(HubError):
        read_list(start + rest, {3: leaf})


def test_a_value_of_another_format_is_refused() -> None:
    with pytest.raises(HubError) as refusal:
        read(b"\x07" + bytes(20), {})
    assert refusal.value.reason is Reason.INDEX_UNAVAILABLE
