"""Ages from birth dates that are whole, or a month or a year only."""

from datetime import date

import pytest

from hub.domain.ages import age_range

DAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("birthdate", "ages"),
    [
        ("2010-03-09", (16, 16)),
        ("2010-03-10", (16, 16)),
        ("2010-03-11", (15, 15)),
        ("2010-02-28", (16, 16)),
        ("2010-04-01", (15, 15)),
        ("2010-03", (15, 16)),
        ("2010-02", (16, 16)),
        ("2010-04", (15, 15)),
        ("2010", (15, 16)),
        ("2010-00-00", (15, 16)),
        ("2010-03-00", (15, 16)),
        ("2010-00-15", (15, 16)),
        (" 2010-03-10Z ", (16, 16)),
        ("2010-03-10+01:00", (16, 16)),
        ("2027-01-01", (-1, -1)),
        ("", None),
        ("10/03/2010", None),
        ("2010-3-1", None),
        ("２０１０", None),
        ("2010-03-10 12:00", None),
    ],
)
def test_the_least_and_the_greatest_age(birthdate: str, ages: tuple[int, int] | None) -> None:
    assert age_range(birthdate, DAY) == ages


@pytest.mark.parametrize(("today", "ages"), [(date(2026, 1, 1), (15, 16)), (date(2026, 12, 31), (16, 16))])
def test_a_year_alone_is_from_its_first_to_its_last_day(today: date, ages: tuple[int, int]) -> None:
    assert age_range("2010", today) == ages


@pytest.mark.parametrize(("today", "ages"), [(date(2026, 1, 10), (15, 16)), (date(2026, 12, 20), (15, 16))])
def test_a_day_of_no_month_says_nothing(today: date, ages: tuple[int, int]) -> None:
    assert age_range("2010-00-15", today) == ages


@pytest.mark.parametrize(("today", "ages"), [(date(2026, 3, 1), (15, 16)), (date(2026, 3, 31), (16, 16))])
def test_a_month_alone_is_from_its_first_to_its_last_day(today: date, ages: tuple[int, int]) -> None:
    assert age_range("2010-03", today) == ages
