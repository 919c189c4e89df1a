"""Rows packed many at once: the very bytes of the careful way, or nothing."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.parties import Code
from hub.domain.references import TransactionReference
from hub.storage import codec, lexical
from hub.storage.bulk.interning import NumberedAuthor
from hub.storage.bulk.lines import BadLine
from hub.storage.bulk.packing_rows import Packed, RowPacker
from hub.storage.bulk.rows import STATUSES, Row, RowReader
from hub.storage.bulk.vocabulary import Kind
from tests.builders import a_hospital, a_person

AUTHORS = {"gp": (a_person(),), "ward": (a_hospital(), a_person())}
_CDS = (Code("CD-TRANSACTION", "1.14", "note"),)
_POSITION, _LOCAL = ("ID-KMEHR", "1.0", None, "1"), ("LOCAL", "1.0", "emr", None)
KINDS = {
    "one": Kind("source", _CDS, (_POSITION, _LOCAL)),
    "two": Kind("source", _CDS, (("ID-KMEHR", "1.0", None, None), _LOCAL)),
    "none": Kind("source", _CDS, (_POSITION,)),
}
_OPEN = {"one": 1, "two": 2, "none": 0}
_NUMBERS = {"gp": 1, "ward": 2**24 - 1, "one": 3, "two": 2**24 - 1, "none": 5}

_DATES = st.dates(date(1933, 1, 1), date(2067, 12, 31)).map(str)
_TIMES = st.times().map(lambda time: time.replace(microsecond=0).isoformat())
_VALUES = (
    st.uuids().map(lambda uuid: uuid.hex)
    | st.uuids().map(str)
    | st.uuids().map(lambda uuid: uuid.hex.upper())
    | st.integers(0, 10**20).map(str)
    | st.from_regex(r"[!-~]{4,40}", fullmatch=True)
    | st.text(max_size=20)
    | st.just("x" * 300)
)
_UNUSUAL: st.SearchStrategy[list[Any]] = (
    st.sampled_from([*STATUSES]).map(lambda status: [{"status": status}])
    | st.just([])
    | st.just([{"document": "0" * 32}])
    | st.just([{"members": 2, "version": 1}])
)


@st.composite
def rows(draw: st.DrawFn, zones: Sequence[str] = ("", "", "")) -> Row:
    kind = draw(st.sampled_from([*KINDS]))
    return [
        draw(_DATES) + zones[0],
        draw(_TIMES) + zones[1],
        draw(st.sampled_from([*AUTHORS])),
        kind,
        draw(st.booleans()),
        draw(st.booleans()),
        f"{draw(_DATES)}T{draw(_TIMES)}{zones[2]}",
        [draw(_VALUES) for _ in range(_OPEN[kind])],
        *draw(_UNUSUAL),
    ]


def a_packer(form: lexical.Form) -> RowPacker:
    packer = RowPacker()
    for label in AUTHORS:
        packer.learn_author(label, NumberedAuthor(_NUMBERS[label], ()))
    for label, kind in KINDS.items():
        packer.learn_kind(label, (), kind, form, _NUMBERS[label])
    return packer


def read(patient: Sequence[Row]) -> list[TransactionReference] | None:
    """None when a row is wrong."""
    try:
        return RowReader(AUTHORS, KINDS, takes_documents=True).read(patient)
    except BadLine:
        return None


def carefully(reference: TransactionReference, row: Row) -> bytes:
    declaration = reference.declaration
    packed = lexical.pack(declaration.date, declaration.time, declaration.recorddatetime)
    assert packed is not None
    open_values = [
        value
        for value, (*_, fixed) in zip(declaration.id_values, KINDS[row[3]].id_schemes, strict=True)
        if fixed is None
    ]
    record = codec.Record(
        author=_NUMBERS[row[2]],
        profile=_NUMBERS[row[3]],
        iscomplete=declaration.iscomplete,
        isvalidated=declaration.isvalidated,
        status=reference.status,
        moments=packed[1],
        id_values=tuple(open_values),
        document=reference.document,
        members=reference.members,
        version=reference.version,
    )
    return codec.encode(record, packed[0])


def is_right(packed: Packed, patient: Sequence[Row]) -> bool:
    references = read(patient)
    assert references is not None
    wanted = [carefully(reference, row) for reference, row in zip(references, patient, strict=True)]
    current = sum(reference.status == STATUSES["current"] for reference in references)
    return packed.records() == wanted and packed == Packed(b"".join(wanted), [*map(len, wanted)], current)


@given(st.lists(st.lists(rows(), min_size=1, max_size=4), min_size=1, max_size=6))
def test_what_is_packed_is_what_the_codec_makes_of_it(patients: list[list[Row]]) -> None:
    found = a_packer(lexical.Form("", 0, "", 0, "")).pack(patients, lexical.Form("", 0, "", 0, ""))
    assert all(packed is None or is_right(packed, patient) for packed, patient in zip(found, patients, strict=True))


@given(st.lists(rows(("Z", "+01:00", "-05:00")), min_size=1, max_size=4))
def test_zones_are_part_of_the_form(patient: list[Row]) -> None:
    form = lexical.Form("Z", 0, "+01:00", 0, "-05:00")
    [packed] = a_packer(form).pack([patient], form)
    assert packed is None or is_right(packed, patient)
    [packed] = a_packer(lexical.Form("", 0, "", 0, "")).pack([patient], lexical.Form("", 0, "", 0, ""))
    assert packed is None


def a_row(value: object = "12345678901", **changed: object) -> Row:
    row: dict[str, object] = {
        "date": "2026-03-02",
        "time": "10:00:00",
        "author": "gp",
        "kind": "one",
        "iscomplete": True,
        "isvalidated": False,
        "recorddatetime": "2026-03-02T10:05:00",
        "ids": [value],
    } | changed
    return [*row.values()]


FORM = lexical.Form("", 0, "", 0, "")
USUAL = ["12345678901", "9" * 18, "1234", "0123456789abcdef" * 2, "REF/2026-17", "a b c", "00123", "4294967296"]
WRONG: list[Row] = [
    a_row(7),
    a_row("12"),
    a_row("\x01abcd"),
    a_row("é-1234"),
    a_row(date="2026-02-29"),
    a_row(date="2026-13-01"),
    a_row(date="2026-00-01"),
    a_row(date="2026-01-00"),
    a_row(date="1932-12-31"),
    a_row(date="2068-01-01"),
    a_row(date=None),
    a_row(time="24:00:00"),
    a_row(time="10:60:00"),
    a_row(time="10:00:60"),
    a_row(time="1o:00:00"),
    a_row(recorddatetime=""),
    a_row(recorddatetime="2026-03-02 10:05:00"),
    a_row(author="nobody"),
    a_row(author=["gp"]),
    a_row(kind="nothing"),
    a_row(kind=None),
    a_row(iscomplete=1),
    a_row(isvalidated="true"),
    a_row(ids=[]),
    a_row(ids=["1234", "1234"]),
    a_row(ids="1234"),
    a_row()[:-1],
    [*a_row(), {}],
    [*a_row(), {"status": "lost"}],
    [*a_row(), {"status": ["current"]}],
    [*a_row(), None],
    [*a_row(), {"document": "0" * 32}],
]


def test_usual_rows_are_packed() -> None:
    patient = [a_row(value) for value in USUAL]
    [packed] = a_packer(FORM).pack([patient], FORM)
    assert packed is not None
    assert is_right(packed, patient)


def test_a_strange_row_is_in_nobody_elses_way() -> None:
    patients = [patient for wrong in WRONG for patient in ([a_row(), a_row("REF/2026-17")], [a_row(), wrong])]
    found = a_packer(FORM).pack(patients, FORM)
    assert found[1::2] == [None] * len(WRONG)
    assert all(one is not None and one == other for one, other in pairwise(found[::2]))


def test_whatever_is_no_row_is_left_alone() -> None:
    strange: list[list[Row]] = [[{"a": 1}], [None], ["2026-03-02"]]  # type: ignore[list-item]  # a file may hold anything
    assert a_packer(FORM).pack(strange, FORM) == [None, None, None]
