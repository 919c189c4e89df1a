"""Dates and times of many rows as numbers: the texts of a column are laid end to end and read as one structure.

Two digits that stand together are one 16-bit number, a year and a month one of 64 bits; a table says what each means.
So a text costs two or three look-ups in small tables, and a text that is none is in no table.
"""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, Self

from hub.storage.lexical import EPOCH, Form

_FIRST_YEAR, _LAST_YEAR = 1933, 2067
"""All of whose moments can be packed."""
_ZONE = re.compile(r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?", re.ASCII)

DateColumns = tuple[Sequence[str], Sequence[str], Sequence[str]]
"""The dates, the times and the recorddatetimes."""


class Calendar(NamedTuple):
    """What the digits mean, in seconds from EPOCH, of the day, of the hour."""

    months: Mapping[int, Mapping[int, int]]
    hours: Mapping[int, int]
    minutes: Mapping[int, int]
    seconds: Mapping[int, int]

    @classmethod
    def make(cls) -> Self:
        """The tables for every moment that any reference can have."""
        months: dict[int, dict[int, int]] = {}
        for ordinal in range(date(_FIRST_YEAR, 1, 1).toordinal(), date(_LAST_YEAR + 1, 1, 1).toordinal()):
            text = date.fromordinal(ordinal).isoformat().encode()
            month = months.setdefault(int.from_bytes(text[:8], "little"), {})
            month[int.from_bytes(text[8:], "little")] = ordinal * 86400 - EPOCH
        hours, minutes, seconds = ({_digits(n): n * unit for n in range(most)} for most, unit in _UNITS)
        return cls(months, hours, minutes, seconds)


_UNITS = ((24, 3600), (60, 60), (60, 1))


def _digits(number: int) -> int:
    return int.from_bytes(b"%02d" % number, "little")


class Layout:
    """How dates of one form stand in memory. A form with fractions of a second has none."""

    def __init__(self, form: Form) -> None:
        zones = form.date_zone, form.time_zone, form.recorded_zone
        self._date = _Texts("QH", 10, zones[0], {})
        self._time = _Texts("HxHxH", 8, zones[1], {2: ":", 5: ":"})
        self._recorded = _Texts("QHxHxHxH", 19, zones[2], {10: "T", 13: ":", 16: ":"})

    def moments(self, columns: DateColumns, calendar: Calendar) -> Iterator[tuple[int, int]]:
        """Moment and recorddatetime of each row, in seconds from EPOCH.

        Raises KeyError, TypeError or ValueError when one of them is no such date or is written in another way.
        """
        months, hours, minutes, seconds = calendar
        for (ym, d), (h, m, s), (rym, rd, rh, rm, rs) in zip(
            self._date.read(columns[0]), self._time.read(columns[1]), self._recorded.read(columns[2]), strict=True
        ):
            moment = months[ym][d] + hours[h] + minutes[m] + seconds[s]
            yield moment, months[rym][rd] + hours[rh] + minutes[rm] + seconds[rs]


class _Texts:
    """Texts of one length with the same characters at some places."""

    def __init__(self, numbers: str, width: int, zone: str, literals: Mapping[int, str]) -> None:
        self._width = width + len(zone)
        self._literals = {**{at: char.encode() for at, char in literals.items()}}
        self._literals |= {width + at: char.encode() for at, char in enumerate(zone)}
        self._struct = struct.Struct(f"<{numbers}{len(zone)}x")

    def read(self, texts: Sequence[str]) -> Iterator[tuple[int, ...]]:
        count, data = len(texts), "".join(texts).encode()
        if {*map(len, texts)} != {self._width} or len(data) != count * self._width:
            raise ValueError("of another length")
        for at, char in self._literals.items():
            if data[at :: self._width] != char * count:
                raise ValueError("written in another way")
        return self._struct.iter_unpack(data)


def form_of(date_text: object, time_text: object, recorded: object) -> Form | None:
    """The form that three texts have when they are dates without fractions of a second; None when they have another."""
    if not (isinstance(date_text, str) and isinstance(time_text, str) and isinstance(recorded, str)):
        return None
    zones = date_text[10:], time_text[8:], recorded[19:]
    return Form(zones[0], 0, zones[1], 0, zones[2]) if all(map(_ZONE.fullmatch, zones)) else None
