"""The floor's store: the rows of one patient packed by `struct`, and tables of text that they point into.

    value  = length of the patient's XML(2) patient's XML row*
    row    = moment(4) distance to recorddatetime(4) author(4) kind(4) publisher's id(16) hub's id(16)

Rows are 48 bytes, newest first. The publisher's id is 16 bytes, or the text of 11 digits.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hub.domain.declarations import Declaration
from hub.domain.parties import Author, Id
from hub.wire.kmehr.parties import write_author, write_code, write_id

_LENGTH = struct.Struct("<H")
_ROW = struct.Struct("<iiII16s16s")
_DAY = 86400
_DIGITS = 11


@dataclass(frozen=True, slots=True)
class Kind:
    """What rows of one kind share: whether the publisher's id is digits, and the text between what differs."""

    is_number: bool
    before: str
    between: str
    after: str
    end: str


@dataclass(slots=True)
class Tables:
    """The text that repeats, by number."""

    authors: list[str] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    _author_numbers: dict[Author, int] = field(default_factory=dict)
    _kind_numbers: dict[Kind, int] = field(default_factory=dict)

    def pack(self, patient_xml: bytes, rows: Sequence[Declaration]) -> bytes:
        """The value of a patient, from the rows that the hub lists."""
        return _LENGTH.pack(len(patient_xml)) + patient_xml + b"".join(self._pack(row) for row in rows)

    def _pack(self, row: Declaration) -> bytes:
        position, publisher, ours = row.ids
        moment = _seconds(f"{row.date}T{row.time}")
        kind = _kind(row, position, publisher, ours)
        value = publisher.value.encode() if kind.is_number else bytes.fromhex(publisher.value)
        distance = _seconds(row.recorddatetime) - moment
        return _ROW.pack(moment, distance, self._author(row.author), self._kind(kind), value, bytes.fromhex(ours.value))

    def _author(self, author: Author) -> int:
        if author not in self._author_numbers:
            self._author_numbers[author] = len(self.authors)
            self.authors.append(write_author(author))
        return self._author_numbers[author]

    def _kind(self, kind: Kind) -> int:
        if kind not in self._kind_numbers:
            self._kind_numbers[kind] = len(self.kinds)
            self.kinds.append(kind)
        return self._kind_numbers[kind]


class RowWriter:
    """Writes packed rows; days and seconds of the day are written once and remembered."""

    def __init__(self, tables: Tables) -> None:
        self._authors = tables.authors
        self._kinds = [(k.is_number, k.before, k.between, k.after, k.end) for k in tables.kinds]
        self._days = _Remembered(lambda day: f"{datetime.fromtimestamp(day * _DAY, UTC):%Y-%m-%d}")
        self._times = _Remembered(lambda second: f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}")

    def read(self, value: bytes) -> tuple[bytes, int, bytes]:
        """The patient's XML, how many rows there are, and the rows as XML."""
        (length,) = _LENGTH.unpack_from(value)
        rows_at = _LENGTH.size + length
        days, times, authors, kinds = self._days, self._times, self._authors, self._kinds
        written = []
        for moment, distance, author, kind, publisher, ours in _ROW.iter_unpack(value[rows_at:]):
            is_number, before, between, after, end = kinds[kind]
            recorded = moment + distance
            written.append(
                f"{before}{publisher[:_DIGITS].decode() if is_number else publisher.hex()}{between}{ours.hex()}{after}"
                f"{days[moment // _DAY]}</date><time>{times[moment % _DAY]}</time><author>{authors[author]}{end}"
                f"{days[recorded // _DAY]}T{times[recorded % _DAY]}</recorddatetime></transaction>"
            )
        return value[_LENGTH.size : rows_at], len(written), "".join(written).encode()


class _Remembered(dict[int, str]):
    def __init__(self, write: Callable[[int], str]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, key: int) -> str:
        self[key] = self._write(key)
        return self[key]


def _kind(row: Declaration, position: Id, publisher: Id, ours: Id) -> Kind:
    end_of_id = "</id>"
    return Kind(
        is_number=len(publisher.value) == _DIGITS,
        before=f"<transaction>{write_id(position, '')}{write_id(_empty(publisher), '').removesuffix(end_of_id)}",
        between=f"{end_of_id}{write_id(_empty(ours), '').removesuffix(end_of_id)}",
        after=f"{end_of_id}{''.join(write_code(cd, '') for cd in row.cds)}<date>",
        end=f"</author><iscomplete>{_boolean(row.iscomplete)}</iscomplete>"
        f"<isvalidated>{_boolean(row.isvalidated)}</isvalidated><recorddatetime>",
    )


def _empty(id_: Id) -> Id:
    return Id(id_.scheme, id_.version, "", id_.local_scheme)


def _boolean(value: bool) -> str:  # noqa: FBT001 - a function of one value
    return "true" if value else "false"


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())
