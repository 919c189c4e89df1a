"""Dates and times as seconds, with a form that gives the exact text back.

XML Schema texts vary: fractions of a second, zones. Both are part of the form, which repeats among the declarations
of a source; so a moment costs four bytes and, when it has a fraction, a few more.
"""

import re
from datetime import date
from typing import NamedTuple

from hub.domain.declarations import FIRST_RANK

FIRST, LAST = -(2**31), 2**31 - 1
EPOCH = FIRST_RANK - FIRST
"""Seconds are counted from here (2000-01-01), so that 32 bits reach as far as lists tell moments apart."""

DAY_MINUTES = 1440

_ZONE = r"(Z|[+-]\d\d:\d\d)?"
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)" + _ZONE)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?" + _ZONE)
_DATETIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?" + _ZONE)


class Form(NamedTuple):
    """How the date, the time and the recorddatetime of a declaration were written: zones, and digits of fractions."""

    date_zone: str
    time_fraction: int
    time_zone: str
    recorded_fraction: int
    recorded_zone: str


class PackedMoments(NamedTuple):
    """Moment and recorddatetime in seconds from EPOCH, and their fractions as whole numbers."""

    moment: int
    time_fraction: int = 0
    recorded: int = 0
    recorded_fraction: int = 0


def pack(date_text: str, time_text: str, recorded_text: str) -> tuple[Form, PackedMoments] | None:
    """The packed form of a declaration's three texts; None when they cannot be given back exactly from it."""
    day, time, recorded = _DATE.fullmatch(date_text), _TIME.fullmatch(time_text), _DATETIME.fullmatch(recorded_text)
    if not (day and time and recorded):
        return None
    moment = _seconds(day[1], time[1], time[2], time[3])
    recorded_seconds = _seconds(recorded[1], recorded[2], recorded[3], recorded[4])
    if moment is None or recorded_seconds is None:
        return None
    form = Form(
        date_zone=day[2] or "",
        time_fraction=len(time[4] or ""),
        time_zone=time[5] or "",
        recorded_fraction=len(recorded[5] or ""),
        recorded_zone=recorded[6] or "",
    )
    return form, PackedMoments(moment, int(time[4] or 0), recorded_seconds, int(recorded[5] or 0))


def packed_moment(rank: int) -> int:
    """Seconds since the year 1 as seconds from EPOCH, or the edge that they lie beyond."""
    return max(FIRST, min(rank - EPOCH, LAST))


def unpack(form: Form, moments: tuple[int, int, int, int]) -> tuple[str, str, str]:
    """The date, time and recorddatetime texts."""
    date_zone, time_digits, time_zone, recorded_digits, recorded_zone = form
    moment, time_fraction, recorded, recorded_fraction = moments
    minute, second = divmod(moment + EPOCH, 60)
    recorded_minute, recorded_second = divmod(recorded + EPOCH, 60)
    if time_digits:
        time_zone = f".{time_fraction:0{time_digits}d}{time_zone}"
    if recorded_digits:
        recorded_zone = f".{recorded_fraction:0{recorded_digits}d}{recorded_zone}"
    day, recorded_day = DAY_TEXTS[minute // DAY_MINUTES], DAY_TEXTS[recorded_minute // DAY_MINUTES]
    return (
        f"{day}{date_zone}",
        f"{MINUTE_TEXTS[minute % DAY_MINUTES]}{SECOND_TEXTS[second]}{time_zone}",
        f"{recorded_day}T{MINUTE_TEXTS[recorded_minute % DAY_MINUTES]}{SECOND_TEXTS[recorded_second]}{recorded_zone}",
    )


class _DayTexts(dict[int, str]):
    """Days, counted from the year 1, that were written before; no more can be than can be packed."""

    def __missing__(self, ordinal: int) -> str:
        self[ordinal] = text = date.fromordinal(ordinal).isoformat()
        return text


DAY_TEXTS = _DayTexts()
MINUTE_TEXTS = [f"{hour:02d}:{minute:02d}:" for hour in range(24) for minute in range(60)]
SECOND_TEXTS = [f"{second:02d}" for second in range(60)]


def _seconds(day: str, hours: str, minutes: str, seconds: str) -> int | None:
    try:
        ordinal = date.fromisoformat(day).toordinal()
    except ValueError:
        return None
    if int(hours) > 23 or int(minutes) > 59 or int(seconds) > 59:
        return None
    since = ordinal * 86400 + int(hours) * 3600 + int(minutes) * 60 + int(seconds) - EPOCH
    return since if FIRST <= since <= LAST else None
