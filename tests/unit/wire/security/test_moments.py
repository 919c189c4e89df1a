"""Moments are read when they say exactly when, and written as the platform writes them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.wire.security.moments import read_moment, write_moment

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-02T12:00:00Z", NOON),
        ("2026-03-02T12:00:00.000Z", NOON),
        ("2026-03-02T14:00:00+02:00", NOON),
        ("2026-03-02T07:00:00.5-05:00", NOON + timedelta(seconds=0.5)),
        ("2026-03-02T12:00:00.123456789Z", NOON + timedelta(microseconds=123456)),
        ("2024-02-29T12:00:00Z", datetime(2024, 2, 29, 12, tzinfo=UTC)),
    ],
)
def test_a_moment_with_a_zone_is_read_as_utc(written: str, moment: datetime) -> None:
    read = read_moment(written)
    assert read == moment
    assert read is not None
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "2026-03-02T12:00:00",
        "2026-03-02T12:00:00+0200",
        "2026-03-02T12:00:00 Z",
        " 2026-03-02T12:00:00Z",
        "2026-03-02T12:00:00Z\n",
        "2026-03-02 12:00:00Z",
        "2026-03-02Z",
        "2026-02-30T12:00:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T12:00:60Z",
        "2026-03-02T12:00:00.Z",
        "2026-03-02T12:00:00.1234567890Z",
        "2026-03-02T12:00:00+24:00",
        "+2026-03-02T12:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "２026-03-02T12:00:00Z",  # a wide digit
    ],
)
def test_anything_else_is_no_moment(written: str) -> None:
    assert read_moment(written) is None


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(timezone(timedelta(hours=2)))))  # noqa: DTZ001
def test_what_is_written_is_read_to_the_millisecond(moment: datetime) -> None:
    read = read_moment(write_moment(moment))
    assert read is not None
    assert timedelta(0) <= moment - read < timedelta(milliseconds=1)
