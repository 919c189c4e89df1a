"""Sealed documents: what comes out is what went in, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vault.sealing import FORMAT, SEGMENT, MasterKeys, SealBroken, document_size, header_size

KEYS = {"old": bytes(range(32)), "new": bytes(range(32, 64))}
NAME = b"n" * 16
SEALED_SEGMENT = SEGMENT + 16


def opened(
    sealed: bytes | bytearray, *, keys: MasterKeys | None = None, name: bytes = NAME, cuts: int = 100_000
) -> bytes:
    """The document, read in pieces."""
    unsealer = (keys or MasterKeys(KEYS, "new")).open(name)
    parts = [unsealer.feed(sealed[start : start + cuts]) for start in range(0, len(sealed), cuts)]
    return b"".join((*parts, unsealer.finish()))


@pytest.mark.parametrize("size", [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT])
@pytest.mark.parametrize("cuts", [1000, SEALED_SEGMENT, 1_000_000])
def test_a_document_of_any_size_comes_back(size: int, cuts: int) -> None:
    document = bytes(number % 251 for number in range(size))

    sealed = MasterKeys(KEYS, "new").seal(document, NAME)

    assert opened(sealed, cuts=cuts) == document
    assert document_size(len(sealed), header_size(sealed)) == size


def test_nothing_of_a_document_can_be_seen_in_what_is_stored() -> None:
    sealed = MasterKeys(KEYS, "new").seal(b"Verzonnen Proef " * 1000, NAME)

    assert b"Verzonnen" not in sealed


def test_the_same_document_is_never_sealed_the_same_way_twice() -> None:
    keys = MasterKeys(KEYS, "new")

    assert keys.seal(b"document", NAME) != keys.seal(b"document", NAME)


def test_documents_under_an_older_key_open_as_long_as_it_is_configured() -> None:
    sealed = MasterKeys(KEYS, "old").seal(b"document", NAME)

    assert opened(sealed) == b"document"
    with pytest.raises(SealBroken):
        opened(sealed, keys=MasterKeys({"new": KEYS["new"]}, "new"))
    with pytest.raises(SealBroken):
        opened(sealed, keys=MasterKeys({"old": KEYS["new"]}, "old"))


@given(position=st.integers(0, 10_000_000), bit=st.integers(0, 7))
def test_any_changed_bit_is_noticed_before_its_segment_leaves(position: int, bit: int) -> None:
    document = bytes(2 * SEGMENT + 100)
    sealed = bytearray(MasterKeys(KEYS, "new").seal(document, NAME))
    position %= len(sealed)
    sealed[position] ^= 1 << bit
    unsealer, left = MasterKeys(KEYS, "new").open(NAME), b""

    with pytest.raises(SealBroken):
        for start in range(0, len(sealed), 10_000):
            left += unsealer.feed(bytes(sealed[start : start + 10_000]))
        left += unsealer.finish()

    whole_segments_before = max(position - header_size(FORMAT + b"\3"), 0) // SEALED_SEGMENT
    assert len(left) <= whole_segments_before * SEGMENT


def test_segments_that_are_missing_moved_or_repeated_are_noticed() -> None:
    sealed = MasterKeys(KEYS, "new").seal(bytes(3 * SEGMENT), NAME)
    header = header_size(sealed)
    start, one, two, three = (
        sealed[:header],
        *(sealed[header + at * SEALED_SEGMENT : header + (at + 1) * SEALED_SEGMENT] for at in range(3)),
    )

    assert opened(start + one + two + three)
    for changed in (one + two, one, b"", two + one + three, one + one + three, one + two + three + three, one + three):
        with pytest.raises(SealBroken):
            opened(start + changed)


def test_a_document_put_in_the_place_of_another_is_noticed() -> None:
    sealed = MasterKeys(KEYS, "new").seal(b"document", NAME)

    with pytest.raises(SealBroken):
        opened(sealed, name=b"m" * 16)


@pytest.mark.parametrize("stored", [b"", b"OHV", b"OHV1\3ne", b"PK\3\4" * 100, b"OHV1\0" + bytes(500)])
def test_what_was_never_sealed_is_noticed(stored: bytes) -> None:
    with pytest.raises(SealBroken):
        opened(stored)


@pytest.mark.parametrize("keys", [{}, {"new": b"short"}, {"new": bytes(32), "": bytes(32)}])
def test_keys_that_will_not_do_are_refused(keys: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="key"):
        MasterKeys(keys, "new")
