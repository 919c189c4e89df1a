"""Records to rows, many at once: the reverse of `packing_rows`, and of `rows` for what is unusual."""

import struct
from collections.abc import Mapping
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


class Labels(NamedTuple):
    """What a file calls authors and profiles, by their numbers in the index."""

    authors: Mapping[int, str]
    kinds: Mapping[int, str]


class _Usual(NamedTuple):
    """What the rows of a profile share: label, how many ids have values, and the zones that dates are written with."""

    label: str
    open_values: int
    date_zone: str
    time_zone: str
    recorded_zone: str


class RowUnpacker:
    """Makes rows of records; every day and every second is written beforehand."""

    def __init__(self) -> None:
        origin = EPOCH // _DAY
        self._days = [date.fromordinal(origin + day).isoformat() for day in range(_FIRST_DAY, -_FIRST_DAY)]
        self._minutes = [f"{minute // 60:02d}:{minute % 60:02d}:" for minute in range(_DAY // 60)]
        self._seconds = [f"{second:02d}" for second in range(60)]

    def rows(self, value: PatientValue, profiles: Mapping[int, Profile], labels: Labels) -> list[Row]:
        """The rows of a patient in the order of registration. Raises HubError (index-unavailable) for damaged data."""
        usual = {number: _usual(profile, labels.kinds[number]) for number, profile in profiles.items()}
        serials: list[int] = []
        rows: list[Row] = []
        try:
            for block in value.blocks.values():
                serials += block.serials
                self._read(block, rows, _Vocabulary(profiles, labels, usual))
        except (struct.error, IndexError, ValueError) as error:
            raise codec.damaged() from error
        if value.is_long:
            order = sorted(range(len(rows)), key=serials.__getitem__)
            rows, serials = [rows[at] for at in order], [serials[at] for at in order]
        if len(rows) != len(serials) or serials != list(range(1, value.header.total + 1)):
            raise codec.damaged()
        return rows

    def _read(self, block: Block, rows: list[Row], vocabulary: "_Vocabulary") -> None:
        """Add the rows of a block."""
        data, at, end = block.data, block.start, len(block.data)
        profiles, labels, usual = vocabulary
        authors, unpack, add = labels.authors, _FIXED.unpack_from, rows.append
        days, minutes, seconds = self._days, self._minutes, self._seconds
        while at < end:
            moment, author, profile = unpack(data, at)
            shared, length, flags = usual[profile >> 8], profile & 0xFF, author & 0xFF
            if shared is None or not length or flags & _UNUSUAL:
                head = codec.Head(moment + EPOCH, 0, data, at, author >> 8, profile >> 8, flags)
                at += len(codec.record_of(head))
                add(_careful(head, profiles[profile >> 8], labels))
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


class _Vocabulary(NamedTuple):
    profiles: Mapping[int, Profile]
    labels: Labels
    usual: Mapping[int, _Usual | None]


_STATUSES = [status.name.lower() for status in Status]


def _usual(profile: Profile, label: str) -> _Usual | None:
    """What is shared by the rows of a profile; None when each has to be looked at carefully."""
    form = profile.form
    if form is None or form.time_fraction or form.recorded_fraction:
        return None
    return _Usual(label, profile.open_values, form.date_zone, form.time_zone, form.recorded_zone)


def _careful(head: codec.Head, profile: Profile, labels: Labels) -> Row:
    reference = packing.unpack(head, Vocabulary({head.author: ()}, {head.profile: profile}))
    return row_of(reference, labels.authors[head.author], labels.kinds[head.profile], profile.id_schemes)


def _read_values(data: bytes, at: int, count: int) -> tuple[list[str], int]:
    values = []
    for _ in range(count):
        value, at = read_text(data, at)
        values.append(value)
    return values, at
