"""A registered patient as a sealed value."""

import json
import zlib

from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient
from hub.storage.secrets import Sealer


def seal_patient(patient: Patient, sealer: Sealer, place: str) -> bytes:
    """The patient as stored at a key."""
    fields = [
        patient.ssin.digits,
        patient.firstnames,
        patient.familyname,
        patient.sex,
        patient.birthdate,
        patient.deathdate,
    ]
    written = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" + patient.as_put
    return sealer.seal(zlib.compress(written, 6), place.encode())


def open_patient(sealed: bytes, sealer: Sealer, place: str) -> Patient:
    """The reverse of `seal_patient`. Raises HubError (index-unavailable)."""
    fields, _, as_put = zlib.decompress(sealer.open(sealed, place.encode())).partition(b"\n")
    digits, firstnames, familyname, sex, birthdate, deathdate = json.loads(fields)
    return Patient(Ssin(digits), tuple(firstnames), familyname, sex, birthdate, deathdate, as_put)
