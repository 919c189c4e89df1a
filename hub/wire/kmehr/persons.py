"""Patients: KMEHR `personType` and the hub's `PatientIdType`."""

from typing import cast

from lxml import etree

from hub.domain.identifiers import Ssin
from hub.domain.parties import Id, Patient, only_patient_number
from hub.wire.kmehr.parties import read_id
from hub.wire.namespaces import KMEHR
from hub.wire.xml import escape, local_name, text


def read_patient_number(element: etree._Element) -> Ssin:
    """The patient that a patient element names. Raises HubError (patient-number)."""
    return only_patient_number(read_ids(element))


def read_ids(element: etree._Element) -> tuple[Id, ...]:
    """The `id` elements directly below an element, whatever their namespace."""
    return tuple(read_id(child) for child in element if local_name(child) == "id")


def read_patient(element: etree._Element) -> Patient:
    """A person (KMEHR personType) as a patient. Raises HubError (patient-number)."""
    return Patient(
        ssin=read_patient_number(element),
        firstnames=tuple(text(child) for child in element.findall(_k("firstname"))),
        familyname=text(element.find(_k("familyname"))),
        sex=text(element.find(f"{_k('sex')}/{_k('cd')}")),
        birthdate=_moment(element.find(_k("birthdate"))),
        deathdate=_moment(element.find(_k("deathdate"))),
        as_put=_content(element),
    )


def unnamed_patient(ssin: Ssin) -> Patient:
    """A patient of whom only the number is known: registered by a declaration, which carries no name."""
    as_put = (
        f'<k:id S="ID-PATIENT" SV="1.0">{ssin.digits}</k:id><k:id S="INSS" SV="1.0">{ssin.digits}</k:id>'
        "<k:firstname></k:firstname><k:familyname></k:familyname>"
        '<k:sex><k:cd S="CD-SEX" SV="1.1">unknown</k:cd></k:sex>'
    )
    return Patient(ssin, ("",), "", "unknown", "", "", as_put.encode())


def _content(person: etree._Element) -> bytes:
    """What stands inside a person, ready to be pasted into an answer (personType has no mixed content)."""
    return "".join(_with_our_prefix(child) for child in person).encode()


def _with_our_prefix(element: etree._Element) -> str:
    tag = f"k:{local_name(element)}"
    attributes = "".join(
        f' {key}="{escape(value)}"'
        for key, value in cast("list[tuple[str, str]]", element.items())
        if not key.startswith("{")
    )
    inner = "".join(_with_our_prefix(child) for child in element) or escape(element.text or "")
    return f"<{tag}{attributes}>{inner}</{tag}>"


def _moment(element: etree._Element | None) -> str:
    return "" if element is None or not len(element) else text(element[0])


def _k(name: str) -> str:
    return f"{{{KMEHR}}}{name}"
