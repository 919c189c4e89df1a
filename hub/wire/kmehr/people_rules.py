"""Rules about patients, persons and care parties: their numbers and names (protocol facts, part 8)."""

from collections.abc import Iterator

from lxml import etree

from hub.domain.findings import Finding
from hub.domain.identifiers import has_hub_check_digits, has_nihii_check_digits, has_ssin_check_digits
from hub.wire.kmehr.date_rules import life_dates
from hub.wire.kmehr.examination import Examination, RulesByElement, either
from hub.wire.kmehr.rule_texts import (
    NAME_BLANK,
    NATIONAL_NUMBER,
    OTHER_PATIENT,
    PARTY_NUMBER,
    PARTY_NUMBER_LENGTH,
    PATIENT_NUMBER,
    PATIENT_NUMBER_MISSING,
    PATIENT_NUMBERS_DIFFER,
)
from hub.wire.namespaces import CORE, KMEHR
from hub.wire.xml import text

_NAMES = frozenset(either("firstname", "familyname", "name"))
_NATIONAL = frozenset({"INSS", "ID-PATIENT"})
"""The schemes of an id that carry a national number; the `S` of no other child has these values."""

_MASKED = "***"


def patient(element: etree._Element, examination: Examination) -> Iterator[Finding]:
    """A patient by whom a hub finds documents: exactly one number, with right check digits."""
    ids = [id_ for id_ in element if id_.get("S") in _NATIONAL and text(id_)]
    if not ids:
        yield examination.finding(PATIENT_NUMBER_MISSING, element, "")
    numbers: dict[str, etree._Element] = {}
    for id_ in ids:
        numbers.setdefault(text(id_), id_)
    wrong = [number for number in numbers if not has_ssin_check_digits(number)]
    for number in wrong:
        yield examination.finding(PATIENT_NUMBER, numbers[number], number)
    if len(numbers) > 1:
        yield examination.finding(PATIENT_NUMBERS_DIFFER, element, ", ".join(numbers))
    elif numbers and not wrong:
        yield from _asked_for(element, numbers, examination)
    for child in element:
        yield from _name(child, examination)
    yield from life_dates(element, examination)


def _asked_for(
    element: etree._Element, numbers: dict[str, etree._Element], examination: Examination
) -> Iterator[Finding]:
    if examination.patient is not None and examination.patient.digits not in numbers:
        # Never the number that was seen: it is another person's.
        yield examination.finding(OTHER_PATIENT, element, _MASKED)


def person(element: etree._Element, examination: Examination) -> Iterator[Finding]:
    """A person inside a document, such as a contact person: no key of the hub."""
    for child in element:
        if child.get("S") in _NATIONAL:
            yield from _national_number(child, examination)
        yield from _name(child, examination)
    yield from life_dates(element, examination)


def care_party(element: etree._Element, examination: Examination) -> Iterator[Finding]:
    """A care party: person, organisation, hub or application."""
    number, profession = None, ""
    # By far the most frequent element here: one loop, and no filter to be set up.
    for child in element:
        scheme = child.get("S")
        if scheme == "ID-HCPARTY":
            number = child
        elif scheme == "INSS":
            yield from _national_number(child, examination)
        elif scheme == "CD-HCPARTY":
            profession = text(child)
        elif scheme is None:
            yield from _name(child, examination)
    if number is not None and text(number):
        yield from _party_number(number, profession, examination)


def _party_number(id_: etree._Element, profession: str, examination: Examination) -> Iterator[Finding]:
    number = text(id_)
    if not (has_nihii_check_digits(number) or has_hub_check_digits(number)):
        yield from examination.once(PARTY_NUMBER, id_, number)
    elif (length := _digits_of(profession)) and len(number) != length:
        yield from examination.once(PARTY_NUMBER_LENGTH, id_, number, length=str(length), profession=profession)


def _national_number(id_: etree._Element, examination: Examination) -> Iterator[Finding]:
    number = text(id_)
    if number and not has_ssin_check_digits(number):
        yield from examination.once(NATIONAL_NUMBER, id_, number)


def _digits_of(profession: str) -> int:
    """How many digits the number of such a party has; 0 when its profession does not tell."""
    if profession.startswith("pers"):
        return 11
    if profession.startswith("org"):
        return 8
    return 10 if profession == "hub" else 0


def _name(element: etree._Element, examination: Examination) -> Iterator[Finding]:
    if element.tag in _NAMES and not text(element):
        yield examination.finding(NAME_BLANK, element, element.text or "")


PEOPLE_RULES: RulesByElement = {
    f"{{{KMEHR}}}patient": patient,
    f"{{{CORE}}}patient": patient,
    f"{{{KMEHR}}}person": person,
    f"{{{KMEHR}}}hcparty": care_party,
    f"{{{CORE}}}hcparty": care_party,
}
