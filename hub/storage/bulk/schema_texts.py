"""Dates and times as XML Schema has them: a reference that cannot be written into an answer is not taken in."""

import re
from calendar import monthrange

_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_DAY = r"-?(?P<year>[1-9]\d{4,}|\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_CLOCK = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_DATE = re.compile(_DAY + _ZONE, re.ASCII)
_TIME = re.compile(_CLOCK + _ZONE, re.ASCII)
_DATETIME = re.compile(f"{_DAY}T{_CLOCK}{_ZONE}", re.ASCII)
_YEARS = 400
"""After so many years the calendar repeats itself."""


def is_date(text: str) -> bool:
    """Whether this is an `xs:date`."""
    return _is_day(_DATE.fullmatch(text))


def is_time(text: str) -> bool:
    """Whether this is an `xs:time`."""
    return _TIME.fullmatch(text) is not None


def is_datetime(text: str) -> bool:
    """Whether this is an `xs:dateTime`."""
    return _is_day(_DATETIME.fullmatch(text))


def is_writable(text: str) -> bool:
    """Whether every character of a text may stand in XML 1.0."""
    return _FORBIDDEN.search(text) is None


_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _is_day(match: re.Match[str] | None) -> bool:
    if match is None:
        return False
    year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
    return year > 0 and 1 <= month <= 12 and 1 <= day <= monthrange(year % _YEARS + _YEARS, month)[1]
