"""What is stored of a patient becomes rows, and the rows the same references again, however odd they are."""

import string
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.declarations import Declaration
from hub.domain.errors import HubError
from hub.domain.parties import Author, Code, Id
from hub.domain.references import VAULT, Status, TransactionReference
from hub.storage import codec, lexical, patient_value
from hub.storage.bulk.lines import dump, load
from hub.storage.bulk.rows import Row, RowReader, row_of
from hub.storage.bulk.unpacking_rows import RowUnpacker
from hub.storage.bulk.vocabulary import Kind, author_line, kind_line, read_author, read_kind
from hub.storage.patient_change import build
from hub.storage.patient_value import PatientValue
from hub.storage.values import Profile
from tests.builders import a_hospital, a_person

_TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
_WORDS = st.text(alphabet=string.ascii_letters + string.digits + "-. ", min_size=1, max_size=12)
_ZONES = st.sampled_from(["", "Z", "+01:00", "-11:30"])
_FRACTIONS = st.sampled_from(["", ".5", ".000", ".123456789", ".0000000001"])
_DATES = st.dates().map(str) | st.sampled_from(["12026-03-02", "-0044-03-15", "1932-01-01", "2068-02-01", "9999-12-31"])
_TIMES = st.times().map(lambda time: time.replace(microsecond=0).isoformat()) | st.just("24:00:00")
_VALUES = st.uuids().map(lambda uuid: uuid.hex) | st.integers(10**10, 10**13).map(str) | _TEXTS | st.just("long " * 300)
_IDS = st.builds(
    Id,
    st.sampled_from(["LOCAL", "ID-KMEHR", "ID-OTHER"]),
    _WORDS,
    _VALUES | st.sampled_from(["1", "12"]),
    st.none() | _WORDS,
)
_CODES = st.builds(Code, _WORDS, _WORDS, _TEXTS, st.none() | _TEXTS, st.none() | _TEXTS, st.sampled_from([None, "fr"]))
_AUTHORS: st.SearchStrategy[Author] = st.lists(
    st.sampled_from([a_hospital(), a_person(), a_person(familyname="Peeters-\u00c9toile")]), max_size=30
).map(tuple)
_DECLARATIONS = st.builds(
    lambda date, zone, **rest: Declaration.of(date=date + zone, **rest),
    date=_DATES,
    zone=_ZONES,
    ids=st.lists(_IDS, min_size=1, max_size=5),
    cds=st.lists(_CODES, max_size=4).map(tuple),
    time=st.builds(lambda *parts: "".join(parts), _TIMES.filter(lambda t: t[:2] != "24"), _FRACTIONS, _ZONES) | _TIMES,
    author=_AUTHORS,
    iscomplete=st.booleans(),
    isvalidated=st.booleans(),
    recorddatetime=st.just("")
    | st.builds(lambda *parts: "".join(parts), st.dates().map(str), st.just("T10:20:30"), _FRACTIONS, _ZONES),
)
_PLACES = st.tuples(_WORDS, st.none(), st.just(1), st.just(0)) | st.tuples(
    st.just(VAULT), st.binary(min_size=16, max_size=16), st.integers(1, 0xFFFF), st.integers(0, 2**32 - 1)
).map(lambda place: place if place[3] else (*place[:2], 1, 0))


@st.composite
def references(draw: st.DrawFn) -> TransactionReference:
    source, document, members, version = draw(_PLACES)
    status = draw(st.sampled_from(Status))
    return TransactionReference(1, draw(_DECLARATIONS), source, status, document, members, version)


UNPACKER = RowUnpacker()
"""Making one takes as long as a hundred examples; each example tells it its own numbers."""


class Stored:
    """References as they are stored, with the numbers and labels of what they share."""

    def __init__(self, given_references: Sequence[TransactionReference]) -> None:
        self.references = [row._replace(serial=serial) for serial, row in enumerate(given_references, start=1)]
        self._numbers: dict[object, int] = {}
        self.unpacker = UNPACKER
        self.authors: dict[str, Author] = {}
        self.kinds: dict[str, Kind] = {}
        stored = build([self._record(reference) for reference in self.references])
        self.value: PatientValue = patient_value.read(stored.first, stored.leaves)

    def _record(self, reference: TransactionReference) -> bytes:
        declaration = reference.declaration
        texts = (declaration.date, declaration.time, declaration.recorddatetime)
        packed = lexical.pack(*texts)
        form, moments = packed or (None, lexical.PackedMoments(lexical.packed_moment(declaration.rank)))
        profile = Profile.of(reference.source, declaration, form)
        record = codec.Record(
            self._author(declaration.author),
            self._profile(profile),
            declaration.iscomplete,
            declaration.isvalidated,
            reference.status,
            moments,
            profile.values_of(declaration),
            None if packed else texts,
            reference.document,
            reference.members,
            reference.version,
        )
        return codec.encode(record, form)

    def _author(self, author: Author) -> int:
        number = self._numbers.setdefault(author, len(self._numbers) + 1)
        label, line = author_line(author)
        self.unpacker.learn_author(number, label)
        self.authors.update([read_author(load(line))])
        assert self.authors[label] == author
        return number

    def _profile(self, profile: Profile) -> int:
        number = self._numbers.setdefault(profile, len(self._numbers) + 1)
        label, line = kind_line(Kind(profile.source, profile.cds, profile.id_schemes))
        self.unpacker.learn_kind(number, profile, label)
        self.kinds.update([read_kind(load(line))])
        return number

    def plainly(self, reference: TransactionReference) -> Row:
        """The row as the plain statement has it."""
        declaration = reference.declaration
        schemes = Profile.of(reference.source, declaration, None).id_schemes
        kind, _ = kind_line(Kind(reference.source, declaration.cds, schemes))
        return row_of(reference, author_line(declaration.author)[0], kind, schemes)


@given(st.lists(references(), max_size=4))
def test_whatever_is_stored_survives_being_a_line(given_references: list[TransactionReference]) -> None:
    stored = Stored(given_references)
    rows = load(dump(["patient", "", None, stored.unpacker.rows(stored.value)]))[3]
    assert rows == [stored.plainly(reference) for reference in stored.references]
    assert RowReader(stored.authors, stored.kinds, takes_documents=True).read(rows) == stored.references


def many(count: int) -> Stored:
    """Usual references, the newest first, of which some are superseded."""
    return Stored(
        [
            TransactionReference(
                1,
                Declaration.of(
                    ids=(Id("ID-KMEHR", "1.0", "1"), Id("LOCAL", "1.0", str(10**10 + number), "emr")),
                    cds=(Code("CD-TRANSACTION", "1.14", "note"),),
                    date=f"20{30 - number % 25:02d}-03-02",
                    time="10:00:00",
                    author=(a_person(),),
                    iscomplete=True,
                    isvalidated=number % 3 == 0,
                    recorddatetime="2026-03-02T10:05:00",
                ),
                "north",
                Status.SUPERSEDED if number % 5 == 0 else Status.CURRENT,
            )
            for number in range(count)
        ]
    )


@pytest.mark.parametrize("count", [0, 1, 512, 513, 2000])
def test_short_and_long_records_keep_the_order_of_registration(count: int) -> None:
    stored = many(count)
    assert stored.value.is_long == (count > 512)
    assert stored.unpacker.rows(stored.value) == [stored.plainly(reference) for reference in stored.references]


def test_what_the_records_use_is_asked_for() -> None:
    stored = many(3)
    assert stored.unpacker.unknown(stored.value.heads()) == (set(), set())
    with pytest.raises(KeyError):
        RowUnpacker().rows(stored.value)
    assert RowUnpacker().unknown(stored.value.heads()) == ({1}, {2})


@given(st.data())
def test_damaged_records_are_refused_or_read_as_something(data: st.DataObject) -> None:
    stored = many(3)
    block = stored.value.blocks[0]
    at = data.draw(st.integers(block.start, len(block.data) - 1))
    damaged = block.data[:at] + data.draw(st.binary(max_size=3)) + block.data[at + 1 :]
    stored.value.blocks[0] = block._replace(data=damaged)
    with suppress(HubError, KeyError):
        assert len(stored.unpacker.rows(stored.value)) == 3
