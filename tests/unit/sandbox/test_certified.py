"""What the token service certifies of whom."""

import pytest

from hub.sandbox.certified import certify, claims_of
from hub.sandbox.people import load_people
from hub.wire.security.assertion_writing import Attribute
from hub.wire.security.identification import CERTIFIED, IDENTIFICATION
from hub.wire.security.token_messages import Claim, TokenRefused

PEOPLE = load_people()
SSIN = "urn:be:fgov:person:ssin"
DOCTOR = PEOPLE.signatories["gp_fr"]
NURSE = PEOPLE.signatories["nurse"]
HOSPITAL = PEOPLE.signatories["modele"]


@pytest.mark.parametrize("key", sorted(PEOPLE.signatories))
def test_everybody_gets_what_his_software_asks_for(key: str) -> None:
    signatory = PEOPLE.signatories[key]
    claims = claims_of(signatory)
    assert [attribute.name for attribute in certify(claims, signatory)] == [claim.name for claim in claims]


def test_a_doctor_is_certified_with_his_number() -> None:
    attributes = certify(claims_of(DOCTOR), DOCTOR)
    assert Attribute(SSIN, IDENTIFICATION, DOCTOR.inss) in attributes
    assert Attribute(f"{SSIN}:doctor:boolean", CERTIFIED, "true") in attributes
    assert Attribute(f"{SSIN}:ehealth:1.0:doctor:nihii11", CERTIFIED, DOCTOR.number) in attributes


def test_a_hospital_is_certified_as_recognised() -> None:
    attributes = certify(claims_of(HOSPITAL), HOSPITAL)
    name = "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number"
    assert Attribute(name, IDENTIFICATION, "71998150") in attributes
    assert Attribute(f"{name}:recognisedhospital:boolean", CERTIFIED, "true") in attributes
    number = "urn:be:fgov:ehealth:1.0:hospital:nihii-number:recognisedhospital:nihii11"
    assert Attribute(number, CERTIFIED, "71998150000") in attributes


def test_a_patient_is_certified_as_nothing_but_himself() -> None:
    patient = PEOPLE.signatories["everyday"]
    assert not [claim for claim in claims_of(patient) if "nihii" in claim.name or "doctor" in claim.name]


def test_what_somebody_is_not_is_false_and_has_no_number() -> None:
    claims = [Claim(f"{SSIN}:doctor:boolean"), Claim(f"{SSIN}:ehealth:1.0:doctor:nihii11")]
    assert certify(claims, NURSE) == [Attribute(f"{SSIN}:doctor:boolean", CERTIFIED, "false")]


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        (Claim(SSIN, NURSE.inss), "is not that of the certificate"),
        (Claim(SSIN), "has to be asserted with a Value"),
        (Claim("urn:be:fgov:ehealth:1.0:hospital:nihii-number", "71998150"), "says nothing of"),
        (Claim(f"{SSIN}:nurse:boolean", "true"), "says nothing of"),
        (Claim("urn:be:fgov:shoe-size"), "does not know urn:be:fgov:shoe-size"),
    ],
)
def test_a_claim_that_is_not_his_is_refused(claim: Claim, sentence: str) -> None:
    with pytest.raises(TokenRefused, match=sentence):
        certify([claim], DOCTOR)
