"""Rules about dates. Dates that do not exist are refused by the schema; here are dates that cannot be true."""

import re
from collections.abc import Iterator

from lxml import etree

from hub.domain.findings import Finding
from hub.wire.kmehr.examination import Examination
from hub.wire.kmehr.rule_texts import BIRTH_FUTURE, DATE_FUTURE, DEATH_BEFORE_BIRTH, Rule
from hub.wire.namespaces import KMEHR
from hub.wire.xml import text

Day = tuple[int, ...]
"""A year, a year and a month, or a whole date."""

_LEXICAL = re.compile(r"(-?\d{4,9})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)


def not_future(element: etree._Element, examination: Examination, rule: Rule = DATE_FUTURE) -> Iterator[Finding]:
    """A finding when the date, or the date part of a dateTime, lies more than a day ahead: zones differ by less."""
    value = text(element)
    # Nearly every date ends here: text of one form is in the order of the calendar.
    if value[4:5] == "-" and value[:10] <= examination.last_day:
        return
    day = _day(value)
    if day and day > _day(examination.last_day)[: len(day)]:
        yield examination.finding(rule, element, value, today=examination.now.date().isoformat())


def life_dates(person: etree._Element, examination: Examination) -> Iterator[Finding]:
    """Findings about the birth and death dates of a person, as far as both are known."""
    birth, death = _moment(person, "birthdate"), _moment(person, "deathdate")
    if birth is not None:
        yield from not_future(birth, examination, BIRTH_FUTURE)
    if birth is None or death is None:
        return
    born, died = _day(text(birth)), _day(text(death))
    known = min(len(born), len(died))
    if died[:known] < born[:known]:
        yield examination.finding(DEATH_BEFORE_BIRTH, death, text(death), birth=text(birth))


def _moment(person: etree._Element, name: str) -> etree._Element | None:
    """The date, month or year inside a KMEHR dateType: its first child."""
    return next(iter(person.iterfind(f"{{{KMEHR}}}{name}/*")), None)


def _day(value: str) -> Day:
    matched = _LEXICAL.match(value)
    return tuple(int(part) for part in matched.groups() if part is not None) if matched else ()
