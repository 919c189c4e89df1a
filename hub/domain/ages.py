"""How old somebody is, as far as a birth date says."""

import re
from datetime import date

_BIRTHDATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)


def age_range(birthdate: str, today: date) -> tuple[int, int] | None:
    """The least and the greatest age, in whole years, of somebody born on a day, in a month or in a year.

    Birth dates are XML Schema texts, in which a month or a day that is not known may be 00; None for anything else.
    """
    found = _BIRTHDATE.fullmatch(birthdate.strip())
    if not found:
        return None
    year, month, day = (int(part or 0) for part in found.groups())
    earliest = (month or 1, (day or 1) if month else 1)
    latest = (month or 12, (day or 31) if month else 31)
    this_day = (today.month, today.day)
    return today.year - year - (this_day < latest), today.year - year - (this_day < earliest)
