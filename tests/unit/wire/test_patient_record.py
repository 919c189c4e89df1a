"""The record that a patient takes home."""

from dataclasses import replace

import orjson

from hub.domain.access_rights import AccessRight, Right
from hub.domain.consent import ConsentKind, PatientConsent
from hub.domain.exclusions import Exclusion
from hub.domain.mandates import Mandate, MandateKind
from hub.domain.parties import Code, HcParty
from hub.domain.patient_facts import BrokenGlass, PatientFacts, SubjectFacts
from hub.domain.patient_record import PatientRecord
from hub.domain.subjects import EVERYBODY
from hub.domain.therapeutic_links import Proof, TherapeuticLink
from hub.wire.patient_record import FORMAT, write_patient_record
from tests.builders import GP_NIHII, JAN, MILA, a_patient, a_person, an_event
from tests.statements import NOW, TODAY, party_ids, recorded

NURSES = HcParty(ids=(), cds=(Code("CD-HCPARTY", "1.16", "persnurse"),))
FACTS = SubjectFacts(
    links=(
        TherapeuticLink(
            party=party_ids(), kind="gmd", start=TODAY, end=TODAY, proof=Proof.PATIENT, recorded=recorded(), comment="é"
        ),
    ),
    exclusions=(Exclusion(party=party_ids(), start=TODAY, recorded=recorded()),),
    rights=(
        AccessRight(
            serial=3, lineage=(3,), party=NURSES, right=Right.DISALLOW, recorded=recorded(), revocation=recorded()
        ),
    ),
    mandates=(
        Mandate(holder=MILA, kind=MandateKind.PARENT, start=TODAY, end=None, accepted=True, recorded=recorded()),
    ),
    broken_glass=(BrokenGlass(reason="Urgence", until=NOW, recorded=recorded(a_person())),),
)


def test_a_record_tells_everything_in_plain_words() -> None:
    consent = PatientConsent(kinds=frozenset({ConsentKind.LOCAL}), signed_on=TODAY, recorded=recorded())
    events = [replace(an_event(document="x"), break_the_glass="Urgence"), an_event()]
    record = PatientRecord(a_patient(), NOW, PatientFacts((consent,), {EVERYBODY: FACTS}), events)
    written = orjson.loads(write_patient_record(record))
    assert (written["format"], written["made_at"]) == (FORMAT, "2026-03-02T10:00:00+00:00")
    assert written["patient"] == {"number": JAN.digits, "firstnames": ["Jan"], "familyname": "Proefpatient"}
    assert written["consents"][0]["kinds"] == ["local"]
    assert written["consents"][0]["revoked"] is None
    (said,) = written["said_about"]
    assert said["subject"] == {"kind": "everybody", "value": ""}
    assert said["therapeutic_links"][0]["comment"] == "é"
    assert said["therapeutic_links"][0]["numbers"] == [{"scheme": "ID-HCPARTY", "value": GP_NIHII}]
    assert said["exclusions"][0]["start"] == "2026-03-02"
    assert said["access_rights"][0]["party"] == {"profession": "persnurse", "name": "", "numbers": []}
    assert said["access_rights"][0]["taken_back"]["by"][0]["name"] == "Jan Proefpatient"
    assert said["mandates"][0]["holder"] == MILA.digits
    assert said["emergencies"][0]["by"]["by"][0]["profession"] == "persphysician"
    looked, listed = written["trail"]
    assert (looked["operation"], looked["outcome"], looked["break_the_glass"]) == (
        "GetTransaction",
        "granted",
        "Urgence",
    )
    assert looked["document"]["type"] == "note"
    assert listed["document"] is None
