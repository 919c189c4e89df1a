"""Packed references: what goes in comes out, and nothing else is taken for them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.errors import HubError, Reason
from hub.domain.references import Status
from hub.storage import codec
from hub.storage.id_values import LONGEST, pack_text, patterns_of, places_of, read_signed, read_text, write_signed
from hub.storage.lexical import Form, PackedMoments, pack, unpack

FORM = Form("Z", 3, "+01:00", 6, "")
_SECONDS = st.integers(-(2**31), 2**31 - 1)
_MOMENTS = st.builds(PackedMoments, _SECONDS, st.integers(0, 999), _SECONDS, st.integers(0, 999_999))
_TEXT = st.text(max_size=300)
_ORIGINS = st.lists(st.integers(1, 2**32 - 1), max_size=3).map(tuple)
_RECORDS = st.builds(
    codec.Record,
    author=st.integers(1, 2**24 - 1),
    profile=st.integers(1, 2**24 - 1),
    iscomplete=st.booleans(),
    isvalidated=st.booleans(),
    status=st.sampled_from(Status),
    moments=_MOMENTS,
    id_values=st.tuples(_TEXT, st.uuids().map(str) | st.integers(0, 10**19).map(str)),
    texts=st.none(),
    document=st.none() | st.binary(min_size=16, max_size=16),
    members=st.just(1),
    version=st.just(0),
    origins=_ORIGINS,
) | st.builds(
    codec.Record,
    author=st.just(7),
    profile=st.just(9),
    iscomplete=st.just(value=True),
    isvalidated=st.just(value=False),
    status=st.just(Status.CURRENT),
    moments=st.builds(PackedMoments, _SECONDS, st.just(0), st.just(0), st.just(0)),
    id_values=st.tuples(_TEXT, _TEXT),
    texts=st.tuples(_TEXT, _TEXT, _TEXT),
    document=st.none(),
    members=st.integers(1, 65535),
    version=st.integers(1, 2**31),
    origins=_ORIGINS,
)


def packed(records: list[codec.Record]) -> bytes:
    return b"".join(codec.encode(record, None if record.texts else FORM) for record in records)


def decoded(head: codec.Head) -> codec.Record:
    ids, moments, texts, document, members, version, origins = codec.decode(head, 2, None if head.has_texts else FORM)
    state = (head.is_complete, head.is_validated, head.status)
    return codec.Record(
        head.author, head.profile, *state, PackedMoments(*moments), ids, texts, document, members, version, origins
    )


def heads_of(data: bytes, count: int) -> list[codec.Head]:
    return codec.heads(data, 0, range(1, count + 1))


@given(st.lists(_RECORDS, max_size=6))
def test_records_come_back_as_they_went_in(records: list[codec.Record]) -> None:
    found = heads_of(packed(records), len(records))
    assert b"".join(map(codec.record_of, found)) == packed(records)
    assert [decoded(head) for head in found] == records


@given(st.lists(_RECORDS, min_size=1, max_size=3), st.data())
def test_a_status_is_set_in_place_and_nothing_else(records: list[codec.Record], data: st.DataObject) -> None:
    before = heads_of(packed(records), len(records))
    head = data.draw(st.sampled_from(before))
    after = heads_of(codec.with_statuses(packed(records), [(head, Status.REVOKED)]), len(records))
    others = [codec.record_of(other) for other in before if other.serial != head.serial]
    assert [codec.record_of(other) for other in after if other.serial != head.serial] == others
    assert decoded(after[head.serial - 1]) == records[head.serial - 1]._replace(status=Status.REVOKED)
    assert not after[head.serial - 1].is_current


@given(st.binary(max_size=200), st.integers(0, 4))
def test_any_bytes_are_decoded_or_refused(data: bytes, count: int) -> None:
    with suppress(HubError):
        for head in heads_of(data, count):
            codec.decode(head, 2, FORM)


@given(st.lists(_RECORDS, min_size=1, max_size=2), st.integers(0, 400))
def test_a_value_that_was_cut_is_refused(records: list[codec.Record], cut: int) -> None:
    value = packed(records)
    if cut and cut < len(value):
        with pytest.raises(HubError) as refusal:
            heads_of(value[:-cut], len(records))
        assert refusal.value.reason is Reason.INDEX_UNAVAILABLE


@given(_TEXT | st.from_regex(r"[0-9]{1,20}", fullmatch=True) | st.uuids().map(lambda u: u.hex.upper()))
def test_a_text_is_read_back_and_can_be_found(text: str) -> None:
    data = b"\x05other" + pack_text(text) + b"\x01x"
    assert read_text(data, 6) == (text, len(data) - 2)
    if text.strip():
        assert any(6 <= place < len(data) - 2 for place in places_of(data, patterns_of([text.strip()])))


def test_an_identifier_that_is_too_long_is_refused() -> None:
    with pytest.raises(HubError) as refusal:
        pack_text("x" * (LONGEST + 1))
    assert refusal.value.reason is Reason.CONTENT


@given(st.integers())
def test_numbers_of_either_sign_are_read_back(number: int) -> None:
    data = write_signed(number)
    assert read_signed(data, 0) == (number, len(data))


@pytest.mark.parametrize(
    ("texts", "size"),
    [
        (("2026-03-02", "10:00:00", "2026-03-02T10:05:00"), 2),
        (("2026-03-02+01:00", "10:00:00.120Z", "2026-03-02T10:05:00.000001"), 3),
    ],
)
def test_dates_keep_their_form(texts: tuple[str, str, str], size: int) -> None:
    result = pack(*texts)
    assert result is not None
    form, moments = result
    assert unpack(form, moments) == texts
    assert len(write_signed(moments.recorded - moments.moment)) <= size


@pytest.mark.parametrize(
    "texts",
    [
        ("2026-02-30", "10:00:00", "2026-03-02T10:05:00"),
        ("2026-03-02", "24:00:00", "2026-03-02T10:05:00"),
        ("12026-03-02", "10:00:00", "2026-03-02T10:05:00"),
        ("1850-03-02", "10:00:00", "2026-03-02T10:05:00"),
        ("2026-03-02", "10:00:00.1234567890", "2026-03-02T10:05:00"),
        ("2026-03-02", "10:00:00", ""),
    ],
)
def test_what_cannot_be_given_back_exactly_is_kept_as_texts(texts: tuple[str, str, str]) -> None:
    assert pack(*texts) is None
