"""Moments as security tokens write them: XML Schema dateTime with a zone (security facts, parts 1.2 and 1.3)."""

import re
from datetime import UTC, datetime

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")


def read_moment(value: str) -> datetime | None:
    """The moment; None for anything else. A zone without its colon (`+0200`) is no dateTime and is not taken."""
    match = _MOMENT.fullmatch(value)
    if match is None:
        return None
    seconds, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{seconds}.{(fraction or '0')[:6]:0<6}{'+00:00' if zone == 'Z' else zone}")
        return moment if zone == "Z" else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def write_moment(moment: datetime) -> str:
    """In UTC with milliseconds, as the eHealth platform writes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
