"""What is wrong with a line is said with its place, what was seen and what is wanted, and without what stands in it."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.storage.bulk.lines import BadLine, Closing, Opening, digest_of, digest_text, load, look_at, seen
from hub.storage.bulk.rows import PatientLine, RowReader
from hub.storage.bulk.vocabulary import Kind, read_author, read_kind
from hub.storage.id_values import LONGEST
from tests.builders import JAN, a_declaration, a_person

CDS = a_declaration().cds
KINDS = {
    "note": Kind("north", CDS, (("ID-KMEHR", "1.0", None, "1"), ("LOCAL", "1.0", "emr", None))),
    "own": Kind("vault", CDS, (("LOCAL", "1.0", "emr", None),)),
    "open": Kind("north", CDS, (("ID-KMEHR", "1.0", None, None),)),
}
READER = RowReader({"gp": (a_person(),)}, KINDS, takes_documents=True)
ROW: dict[str, Any] = {
    "date": "2026-03-02",
    "time": "10:00:00",
    "author": "gp",
    "kind": "note",
    "iscomplete": True,
    "isvalidated": True,
    "recorddatetime": "2026-03-02T10:05:00",
    "ids": ["A-1"],
}
NUMBER = JAN.digits
CODE = {"S": "CD-TRANSACTION", "SV": "1.0", "value": "note"}
ID = {"S": "LOCAL", "SV": "1.0"}
SET = {"version": 2, "members": 3, "document": "0" * 32}


def read_row(unusual: dict[str, Any] | None = None, **changed: Any) -> object:
    row = [*(ROW | changed).values()]
    return READER.read([[*ROW.values()], row if unusual is None else [*row, unusual]])


def said(read: Callable[..., object], *arguments: Any, **changed: Any) -> str:
    """What is said about something bad."""
    with pytest.raises(BadLine) as refusal:
        read(*arguments, **changed)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"date": "02/03/2026"}, "date: a date (2026-03-02) is wanted, seen: a text like 99/99/9999"),
        ({"date": "2026-02-30"}, "date: a date (2026-03-02) is wanted, seen: a text like 9999-99-99"),
        ({"date": 20260302}, "date: a date (2026-03-02) is wanted, seen: a number"),
        ({"time": "10h05"}, "time: a time (10:00:00) is wanted, seen: a text like 99a99"),
        ({"recorddatetime": None}, "recorddatetime: a date and time (2026-03-02T10:00:00) or an empty text is wanted"),
        ({"iscomplete": "true"}, "iscomplete: true or false is wanted, seen: a text like aaaa"),
        ({"isvalidated": 1}, "isvalidated: true or false is wanted, seen: a number"),
        ({"author": NUMBER}, "author: no author line before this one has its label, a text like 99999999999"),
        ({"kind": ["note"]}, "kind: no kind line before this one has its label, an array of 1"),
        ({"ids": []}, "ids: an array of 1 is wanted by its kind, seen: an array of 0"),
        ({"ids": [7]}, "ids: a text is wanted, seen: a number"),
        ({"ids": ["x" * (LONGEST + 1)]}, f"ids: at most {LONGEST} bytes are wanted, seen: {LONGEST + 1}"),
        ({"ids": ["\x00"]}, "ids: a text that may stand in XML is wanted"),
        ({"kind": "open", "ids": ["12"]}, "ids: a position in a message (a short ID-KMEHR) is wanted in the kind"),
        ({"unusual": {"status": "gone"}}, "status: current, superseded, revoked are wanted, seen: a text like aaaa"),
        ({"unusual": {"Status": "revoked"}}, "an object of status, document, members, version is wanted at the end"),
        ({"unusual": [1]}, "an object of status, document, members, version is wanted at the end, seen: an array of 1"),
        ({"unusual": SET}, "document: a key is wanted by the kinds of the source vault, and by no other"),
        ({"kind": "own"}, "document: a key is wanted by the kinds of the source vault, and by no other"),
        ({"kind": "own", "unusual": {"document": "AB"}}, "document: 32 hexadecimal digits in lower case are wanted"),
        ({"unusual": SET | {"version": 0}}, "version: a number from 1 to 4294967295 is wanted, seen: a number"),
        ({"unusual": {"members": 2}}, "members: a version is wanted beside it: only a set has members"),
    ],
)
def test_a_bad_reference_is_named_with_its_place(changed: dict[str, Any], expected: str) -> None:
    assert said(read_row, **changed).startswith(f"reference 2: {expected}")


def test_a_row_of_another_length_is_no_reference() -> None:
    assert said(READER.read, [["2026-03-02"]]) == "reference 1: an array of 8 or 9 is wanted, seen: an array of 1"


@pytest.mark.parametrize(
    ("read", "line", "expected"),
    [
        (load, b'["patient", "451', "is no JSON: unexpected end of data at byte"),
        (load, b'{"patient": 1}', "a JSON array is wanted, seen: an object"),
        (load, b"[]", "a JSON array is wanted, seen: an array of 0"),
        (Opening.read, b'["author", "a"]', 'the first line is wanted to begin with ["hub-references", 1'),
        (Opening.read, b'["hub-references", 2, {}]', "version: 1 is wanted, seen: a number"),
        (Opening.read, b'["hub-references", 1]', "an object is wanted at the end, seen: a number"),
        (Opening.read, b'["hub-references", 1, {"hub": 5}]', "hub: a text is wanted, seen: a number"),
        (Opening.read, b'["hub-references", 1, {"Hub": ""}]', "hub, written are known here, seen: 1 other"),
        (Closing.read, b'["end", {"references": -1}]', "references: a count is wanted, seen: a number"),
        (Closing.read, b'["end", {"digest": "F"}]', "digest: 32 hexadecimal digits in lower case are wanted"),
        (Closing.read, b'["end", 1, {}]', "an object is wanted at the end, seen: an object"),
    ],
)
def test_a_bad_line_says_what_is_wanted(read: Callable[[bytes], object], line: bytes, expected: str) -> None:
    assert said(read, line).startswith(expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["patients", NUMBER, None, []], '["patient", number, registration, [reference ...]] is wanted'),
        (["patient", NUMBER, [], []], "registration: a text or null is wanted, seen: an array of 0"),
        (["patient", NUMBER, None, {}], "references: an array is wanted, seen: an object"),
        (["patient", "45123199773", None, []], "patient: 11 digits with right check digits are wanted"),
        (["patient", 45123199772, None, []], "patient: 11 digits with right check digits are wanted"),
    ],
)
def test_a_bad_patient_line_names_nobody(line: list[Any], expected: str) -> None:
    text = said(PatientLine.read, line)
    assert text.startswith(expected)
    assert "4512319" not in text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["kind", "k", {"source": "", "id": [ID]}], "source: a name is wanted"),
        (["kind", "k", {"source": "north", "cd": [CODE]}], "id: at least one is wanted"),
        (["kind", "k", {"source": "north", "id": [ID | {"value": "A"}]}], "id: only an ID-KMEHR of up to 3 characters"),
        (["kind", "k", {"source": "north", "id": {}}], "id: an array is wanted, seen: an object"),
        (["kind", "k", {"source": "north", "cd": [{"S": "CD"}], "id": [ID]}], "SV: a text is wanted, seen: null"),
        (["kind", "k", {"Source": "north"}], "kind: cd, id, source are known here, seen: something"),
        (["kind", "", {}], "label: a text of 1 to 64 characters is wanted, seen: a text like "),
        (["kind", "k"], "an array of 3 is wanted, seen: an array of 2"),
    ],
)
def test_a_bad_kind_says_what_is_wanted(line: list[Any], expected: str) -> None:
    assert said(read_kind, line).startswith(expected)


def test_a_bad_author_says_what_is_wanted() -> None:
    assert said(read_author, ["author", "a", ["Ana"]]) == "hcparty: an object is wanted, seen: a text like aaa"
    assert said(read_author, ["author", "a", {}]) == "hcparty: an array is wanted, seen: an object"


@given(st.text(alphabet="ab\u00e9Z019 -.", min_size=1, max_size=60))
def test_no_letter_and_no_digit_of_a_text_is_shown(text: str) -> None:
    shape = seen(text).removeprefix("a text like ")
    assert {*shape} <= {*"a9 -.\u2026"}
    assert len(shape) <= 41


def test_a_first_and_a_last_line_are_read_back() -> None:
    opening = Opening(hub="1990000728", written="2026-03-05T02:00:00+01:00")
    closing = Closing(patients=2, references=3, digest="0" * 32)
    assert Opening.read(opening.to_line()) == opening
    assert Closing.read(closing.to_line()) == closing
    assert Closing.read(b'["end", {}]') == Closing()


@given(st.lists(st.binary(max_size=40)))
def test_the_digest_of_a_file_does_not_depend_on_the_order_of_its_lines(lines: list[bytes]) -> None:
    digests = [digest_of(line) for line in lines]
    assert digest_text(sum(digests)) == digest_text(sum(reversed(digests)))
    assert len(digest_text(sum(digests))) == 32
    assert digest_text(sum(digests)) != digest_text(sum(digests) + digest_of(b"one more"))


@given(st.sampled_from(["patient", "author"]), st.booleans())
def test_a_line_says_what_it_is_however_it_is_spaced(word: str, is_spaced: bool) -> None:
    line = orjson.dumps([word, NUMBER, None, []])
    assert look_at(line.replace(b",", b" , ") if is_spaced else line) == (word, int(NUMBER))
    assert look_at(b'{"patient": 1}') == ("", 0)
