"""PutPatientConsent, GetPatientConsent, RevokePatientConsent: message parts to values and back (ConsentType)."""

from collections.abc import Iterable

from lxml import etree

from hub.domain.consent import ConsentKind, ConsentStatement, PatientConsent
from hub.domain.identifiers import Ssin
from hub.wire.hubservices.requests import part, read_date
from hub.wire.hubservices.responses import write_patient_id
from hub.wire.kmehr.parties import write_author
from hub.wire.kmehr.persons import read_ids, read_patient_number
from hub.wire.namespaces import CORE
from hub.wire.xml import text

_CD, _SIGNED, _REVOKED = (f"{{{CORE}}}{name}" for name in ("cd", "signdate", "revokedate"))


def read_consent(message: etree._Element) -> tuple[Ssin, ConsentStatement]:
    """The patient and the consent of a put or a revocation. Raises HubError: patient-number, content."""
    consent = part(message, "consent")
    patient = part(consent, "patient")
    return read_patient_number(patient), ConsentStatement(
        patient_ids=read_ids(patient),
        kinds=_kinds(consent.findall(_CD)),
        signed_on=read_date(consent.find(_SIGNED), where="consent/signdate"),
        revoked_on=read_date(consent.find(_REVOKED), where="consent/revokedate"),
    )


def read_consent_select(message: etree._Element) -> tuple[Ssin, frozenset[ConsentKind]]:
    """The patient, and the kinds of consent that are asked for; none for any. Raises HubError (patient-number)."""
    select = part(message, "select")
    return read_patient_number(part(select, "patient")), _kinds(select.findall(f"{{{CORE}}}consent/{_CD}"))


def write_consent(patient: Ssin, consent: PatientConsent, *, with_author: bool) -> bytes:
    """`consent`; its author is who said the last of it."""
    said = consent.revocation or consent.recorded
    kinds = "".join(f'<cd S="CD-CONSENTTYPE" SV="1.0">{kind}</cd>' for kind in sorted(consent.kinds))
    revoked = f"<revokedate>{consent.revoked_on}</revokedate>" if consent.revoked_on else ""
    author = f"<author>{write_author(said.by)}</author>" if with_author else ""
    return (
        f"<consent>{write_patient_id(patient)}{kinds}<signdate>{consent.signed_on}</signdate>{revoked}{author}</consent>"
    ).encode()


def _kinds(cds: Iterable[etree._Element]) -> frozenset[ConsentKind]:
    return frozenset(ConsentKind(text(cd)) for cd in cds)
