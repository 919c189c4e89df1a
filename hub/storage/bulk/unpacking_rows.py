"""Records to rows, many at once: the reverse of `packing_rows`, and of `rows` for what is unusual."""

import struct
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from hub.domain.references import Status
from hub.storage import codec, packing
from hub.storage.bulk.rows import Row, row_of
from hub.storage.id_values import read_text, read_varint
from hub.storage.lexical import EPOCH, FIRST
from hub.storage.packing import Vocabulary
from hub.storage.patient_value import Block, PatientValue
from hub.storage.values import Profile

# As in `codec`; a property test holds that the rows are the same.
_FIXED = struct.Struct("<iII")
_STATUS, _COMPLETE, _VALIDATED, _UNUSUAL = 0b11, 1 << 2, 1 << 3, 0b1111_0000
_HEX, _FIVE_BYTES = 221, 237
_DAY = 86400
_FIRST_DAY = FIRST // _DAY


class _Usual(NamedTuple):
    """What the rows of a profile share: label, how many ids have values, and the zones that dates are written with."""

    label: str
    open_values: int
    date_zone: str
    time_zone: str
    recorded_zone: str


class RowUnpacker:
    """Makes rows of records with the authors and kinds that it was told; every day and second is written beforehand."""

    def __init__(self) -> None:
        origin = EPOCH // _DAY
        self._days = [date.fromordinal(origin + day).isoformat() for day in range(_FIRST_DAY, -_FIRST_DAY)]
        self._minutes = [f"{minute // 60:02d}:{minute % 60:02d}:" for minute in range(_DAY // 60)]
        self._seconds = [f"{second:02d}" for second in range(60)]
        self._authors: dict[int, str] = {}
        self._kinds: dict[int, tuple[Profile, str]] = {}
        self._usual: dict[int, _Usual | None] = {}

    def learn_author(self, number: int, label: str) -> None:
        """What a file calls the author whom the index has under a number."""
        self._authors[number] = label

    def learn_kind(self, number: int, profile: Profile, label: str) -> None:
        """What a file calls the kind of a profile."""
        self._kinds[number] = profile, label
        self._usual[number] = _usual(profile, label)

    def unknown(self, heads: Sequence[codec.Head]) -> tuple[set[int], set[int]]:
        """The numbers in some records that it was not told: of authors, of profiles."""
        authors, profiles = {head.author for head in heads}, {head.profile for head in heads}
        return authors - self._authors.keys(), profiles - self._kinds.keys()

    def rows(self, value: PatientValue) -> list[Row]:
        """The rows of a patient, all of whose leaves were read, in the order of registration.

        Raises KeyError for a number that it was not told, and HubError (index-unavailable) for damaged data.
        """
        serials: list[int] = []
        rows: list[Row] = []
        try:
            for block in value.blocks.values():
                serials += block.serials
                self._read(block, rows)
        except (struct.error, IndexError, ValueError) as error:
            raise codec.damaged() from error
        if value.is_long:
            order = sorted(range(len(rows)), key=serials.__getitem__)
            rows, serials = [rows[at] for at in order], [serials[at] for at in order]
        if len(rows) != len(serials) or serials != list(range(1, value.header.total + 1)):
            raise codec.damaged()
        return rows

    def _read(self, block: Block, rows: list[Row]) -> None:
        """Add the rows of a block."""
        data, at, end = block.data, block.start, len(block.data)
        usual, authors, unpack, add = self._usual, self._authors, _FIXED.unpack_from, rows.append
        days, minutes, seconds = self._days, self._minutes, self._seconds
        while at < end:
            moment, author, profile = unpack(data, at)
            shared, length, flags = usual[profile >> 8], profile & 0xFF, author & 0xFF
            if shared is None or not length or flags & _UNUSUAL:
                head = codec.Head(moment + EPOCH, 0, data, at, author >> 8, profile >> 8, flags)
                at += len(codec.record_of(head))
                add(self._careful(head))
                continue
            rest_at = at + _FIXED.size
            at += length
            distance, rest_at = data[rest_at], rest_at + 1
            if distance >= 0x80:
                distance, rest_at = read_varint(data, rest_at - 1)
            recorded = moment + (~(distance >> 1) if distance & 1 else distance >> 1)
            if shared.open_values == 1 and data[rest_at] == _HEX:
                values, rest_at = [data[rest_at + 1 : rest_at + 17].hex()], rest_at + 17
            elif shared.open_values == 1 and data[rest_at] == _FIVE_BYTES:
                values, rest_at = [str(int.from_bytes(data[rest_at + 1 : rest_at + 6], "big"))], rest_at + 6
            else:
                values, rest_at = _read_values(data, rest_at, shared.open_values)
            if rest_at != at:
                raise ValueError("another length")
            label, _, date_zone, time_zone, recorded_zone = shared
            minute, second = divmod(moment, 60)
            day, minute = divmod(minute, 1440)
            then_minute, then_second = divmod(recorded, 60)
            then_day, then_minute = divmod(then_minute, 1440)
            row: Row = [
                days[day - _FIRST_DAY] + date_zone,
                minutes[minute] + seconds[second] + time_zone,
                authors[author >> 8],
                label,
                flags & _COMPLETE != 0,
                flags & _VALIDATED != 0,
                f"{days[then_day - _FIRST_DAY]}T{minutes[then_minute]}{seconds[then_second]}{recorded_zone}",
                values,
            ]
            if flags & _STATUS:
                row.append({"status": _STATUSES[flags & _STATUS]})
            add(row)
        if at != end:
            raise ValueError("cut short")

    def _careful(self, head: codec.Head) -> Row:
        profile, label = self._kinds[head.profile]
        reference = packing.unpack(head, Vocabulary({head.author: ()}, {head.profile: profile}))
        return row_of(reference, self._authors[head.author], label, profile.id_schemes)


_STATUSES = [status.name.lower() for status in Status]


def _usual(profile: Profile, label: str) -> _Usual | None:
    """What is shared by the rows of a profile; None when each has to be looked at carefully."""
    form = profile.form
    if form is None or form.time_fraction or form.recorded_fraction:
        return None
    return _Usual(label, profile.open_values, form.date_zone, form.time_zone, form.recorded_zone)


def _read_values(data: bytes, at: int, count: int) -> tuple[list[str], int]:
    values = []
    for _ in range(count):
        value, at = read_text(data, at)
        values.append(value)
    return values, at
