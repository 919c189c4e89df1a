"""Who a caller is: every quality of the table, what contradicts it, and whom the author of a message may name."""

from collections.abc import Mapping, Sequence

import pytest
from cryptography.x509.oid import NameOID, ObjectIdentifier

from hub.domain.identifiers import Ssin
from hub.domain.identity import Identity
from hub.domain.parties import Author, Code, HcParty, Id
from hub.wire.security.assertions import AttributeName
from hub.wire.security.holders import holder_of
from hub.wire.security.identification import CERTIFIED, IDENTIFICATION, Identification, Quality
from hub.wire.security.refusal import Cause
from hub.wire.security.verification import Token
from tests.credentials import ec_credential
from tests.unit.wire.security.proofs import (
    HOSPITAL,
    OF_HOLDER,
    OF_SESSION,
    OF_SSIN,
    OTHER_HOSPITAL,
    OTHER_HUB,
    OTHER_PERSON,
    OTHER_SSIN,
    PEER,
    PERSON,
    QUALITIES,
    SSIN,
    Attributes,
    certificate,
    identification,
    number_of,
    proof_of,
    token,
)
from tests.unit.wire.security.refusing import refused

CERTIFYING = [quality for quality in QUALITIES.values() if quality.kind != "patient"]
each_quality = pytest.mark.parametrize("quality", CERTIFYING, ids=[quality.name for quality in CERTIFYING])
each_person = pytest.mark.parametrize("name", [quality.name for quality in CERTIFYING if quality.kind == "person"])


def candidates(attributes: Mapping[AttributeName, Sequence[str]]) -> Sequence[Identity]:
    return identification().candidates(token(attributes))


def party(profession: str, number: str = "", inss: str = "") -> HcParty:
    ids = [Id(scheme, "1.0", value) for scheme, value in (("ID-HCPARTY", number), ("INSS", inss)) if value]
    return HcParty(ids=tuple(ids), cds=(Code("CD-HCPARTY", "1.16", profession),))


def without(attributes: Attributes, *names: AttributeName) -> Attributes:
    return {name: values for name, values in attributes.items() if name not in names}


def nobody(quality: Quality) -> Cause:
    """Of who is not recognised: a person is nobody then; an organisation lacks the number of a patient too."""
    return Cause.QUALITY_UNKNOWN if quality.kind == "person" else Cause.ATTRIBUTE_MISSING


DOCTOR, HOSPITAL_PROOF = proof_of(QUALITIES["doctor"]), proof_of(QUALITIES["hospital"])


@each_quality
def test_everything_that_is_certified_proves_one_identity(quality: Quality) -> None:
    (identity,) = candidates(proof_of(quality))
    assert (identity.quality, identity.number) == (quality.name, number_of(quality))
    assert identity.is_organisation is (quality.kind != "person")
    assert identity.ssin == (Ssin(SSIN) if quality.kind == "person" else None)
    assert (identity.token_id, len(identity.certificate)) == ("_1", 64)


@each_quality
def test_the_least_that_is_certified_is_enough(quality: Quality) -> None:
    """One word of recognition, one number, and the number of the certificate."""
    proof = without(proof_of(quality), *quality.recognised[1:], *quality.numbers[1:], *quality.identified[1:], OF_SSIN)
    assert [identity.quality for identity in candidates(proof)] == [quality.name]


@each_quality
def test_without_a_word_of_recognition_or_with_a_denial_it_is_not_proved(quality: Quality) -> None:
    proof = proof_of(quality)
    for values in (("false",), ("TRUE",), ("1",), ("",), ()):
        with refused(nobody(quality)):
            candidates(proof | dict.fromkeys(quality.recognised, values))
    for denied in ("false", "", " true"):
        with refused(Cause.ATTRIBUTE_CONTRADICTS, "AttributeStatement"):
            candidates(proof | {quality.recognised[-1]: ("true", denied)})


@each_quality
def test_what_is_stated_instead_of_certified_counts_for_nothing(quality: Quality) -> None:
    swapped = {CERTIFIED: IDENTIFICATION, IDENTIFICATION: CERTIFIED}
    proof = {AttributeName(swapped[name.namespace], name.name): values for name, values in proof_of(quality).items()}
    with refused(nobody(quality)):
        candidates(proof)


@each_quality
def test_without_a_number_it_is_not_proved(quality: Quality) -> None:
    for names in (quality.numbers, quality.identified[:1]):
        if names:
            with refused(Cause.ATTRIBUTE_MISSING, "AttributeStatement"):
                candidates(without(proof_of(quality), *names))


@each_quality
@pytest.mark.parametrize("other", ["", "no number", "1９990000", "99999999", "12345678901"])
def test_numbers_that_differ_or_are_none_contradict(quality: Quality, other: str) -> None:
    proof = proof_of(quality)
    for name in (*quality.numbers, *quality.identified):
        for values in ((*proof[name], other), (other,)):
            with refused(Cause.ATTRIBUTE_CONTRADICTS):
                candidates(proof | {name: values})


def test_two_certified_numbers_of_one_licence_contradict_each_other() -> None:
    number = QUALITIES["doctor"].numbers[0]
    with refused(Cause.ATTRIBUTE_CONTRADICTS):
        candidates(DOCTOR | {number: (PERSON, f"{PERSON[:8]}999")})


@each_person
def test_a_person_speaks_for_himself_only(name: str) -> None:
    proof = proof_of(QUALITIES[name])
    with refused(Cause.ATTRIBUTE_MISSING):
        candidates(without(proof, OF_SSIN, OF_HOLDER))
    with refused(Cause.ATTRIBUTE_MISSING):
        candidates(without(proof, OF_HOLDER))
    for changed in ({OF_HOLDER: (OTHER_SSIN,)}, {OF_SSIN: (SSIN, OTHER_SSIN)}):
        with refused(Cause.ATTRIBUTE_CONTRADICTS):
            candidates(proof | changed)
    for number in ("70031499874", "", "doctor"):
        with refused(Cause.ATTRIBUTE_CONTRADICTS):
            candidates(proof | {OF_SSIN: (number,), OF_HOLDER: (number,)})


def test_a_session_of_the_holder_himself_stands_for_the_number_in_his_certificate() -> None:
    proof = without(DOCTOR, OF_HOLDER)
    assert len(candidates(proof | {OF_SESSION: ("true",)})) == 1
    for values in (("false",), ("true", "false"), ()):
        with refused(Cause.ATTRIBUTE_MISSING):
            candidates(proof | {OF_SESSION: values})


def test_somebody_may_be_several_things() -> None:
    dentist = proof_of(QUALITIES["dentist"])
    both = candidates(DOCTOR | dentist | dict.fromkeys(QUALITIES["dentist"].numbers, (OTHER_PERSON,)))
    assert {(identity.quality, identity.number) for identity in both} == {("doctor", PERSON), ("dentist", OTHER_PERSON)}


def test_what_is_not_whole_takes_nothing_from_what_is() -> None:
    recognised = dict.fromkeys(QUALITIES["dentist"].recognised, ("true",))
    assert [identity.quality for identity in candidates(DOCTOR | recognised)] == ["doctor"]
    assert [identity.quality for identity in candidates(HOSPITAL_PROOF | recognised)] == ["hospital"]


def test_a_contradiction_in_one_thing_spoils_the_other() -> None:
    with refused(Cause.ATTRIBUTE_CONTRADICTS):
        candidates(DOCTOR | {QUALITIES["dentist"].recognised[0]: ("true", "false")})


def test_whoever_is_certified_as_nothing_is_a_patient() -> None:
    (identity,) = candidates({OF_SSIN: (SSIN,), OF_HOLDER: (SSIN,)})
    assert (identity.quality, identity.number, identity.ssin) == ("patient", "", Ssin(SSIN))
    assert not identity.is_organisation
    with refused(Cause.ATTRIBUTE_MISSING):
        candidates({})
    with refused(Cause.ATTRIBUTE_MISSING):
        candidates({OF_SSIN: (SSIN,)})
    with refused(Cause.ATTRIBUTE_MISSING):
        candidates({OF_SSIN: (SSIN,), OF_HOLDER: ()})


@pytest.mark.parametrize("end", ["doctor:boolean", "ehealth:1.0:professional:optician:boolean", "nihii:x:nihii11"])
def test_nobody_becomes_a_patient_by_not_being_recognised(end: str) -> None:
    with refused(Cause.QUALITY_UNKNOWN):
        candidates(
            {OF_SSIN: (SSIN,), OF_HOLDER: (SSIN,), AttributeName(CERTIFIED, f"{OF_SSIN.name}:{end}"): ("false",)}
        )


def test_where_the_table_has_no_patients_nobody_is_one() -> None:
    with refused(Cause.QUALITY_UNKNOWN):
        identification(QUALITIES["doctor"]).candidates(token({OF_SSIN: (SSIN,), OF_HOLDER: (SSIN,)}))


def test_a_hub_has_to_be_a_peer() -> None:
    hub = QUALITIES["hub"]
    with refused(Cause.PEER_UNKNOWN):
        candidates(proof_of(hub) | dict.fromkeys(hub.identified, (OTHER_HUB,)))
    with refused(Cause.PEER_UNKNOWN):
        Identification([hub], peer_hubs=frozenset()).candidates(token(proof_of(hub)))


def test_numbers_are_proved_by_those_who_have_them() -> None:
    doctor = token(DOCTOR)
    assert identification().is_any_of(doctor, frozenset({PERSON, "1"}))
    assert not identification().is_any_of(doctor, frozenset({OTHER_PERSON}))
    assert not identification().is_any_of(doctor, frozenset())
    assert not identification().is_any_of(token({}), frozenset({PERSON}))


@pytest.mark.parametrize("place", [NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME])
def test_a_certificate_says_which_organisation_it_is_of(place: ObjectIdentifier) -> None:
    (identity,) = identification().candidates(certificate((place, f"NIHII-HOSPITAL={HOSPITAL}")))
    assert (identity.quality, identity.number, identity.is_organisation) == ("hospital", HOSPITAL, True)
    assert identity.token_id == ""
    for name in (f"EHP={PEER}", f"EHP={PEER}, LISTS", f"EHP={PEER},NIHII-HOSPITAL={HOSPITAL}"):
        (identity,) = identification().candidates(certificate((place, name)))
        assert (identity.quality, identity.number) == ("hub", PEER)


def test_a_certificate_that_names_two_organisations_of_a_kind_contradicts_itself() -> None:
    named, again = (NameOID.ORGANIZATIONAL_UNIT_NAME, f"EHP={PEER}"), (NameOID.COMMON_NAME, f"EHP={PEER}, LISTS")
    assert identification().candidates(certificate(named, again))
    with refused(Cause.ATTRIBUTE_CONTRADICTS):
        identification().candidates(certificate(named, (NameOID.COMMON_NAME, f"EHP={OTHER_HUB}")))


@pytest.mark.parametrize(
    "subject",
    [
        (NameOID.COMMON_NAME, f"SSIN={SSIN}"),
        (NameOID.COMMON_NAME, f"SSIN={SSIN}, EHP={PEER}"),
        (NameOID.COMMON_NAME, f"my EHP={PEER}"),
        (NameOID.COMMON_NAME, f"EHP={PEER}0A"),
        (NameOID.GIVEN_NAME, f"NIHII-HOSPITAL={HOSPITAL}"),
    ],
)
def test_a_certificate_of_a_person_proves_no_quality(subject: tuple[ObjectIdentifier, str]) -> None:
    with refused(Cause.QUALITY_UNKNOWN):
        identification().candidates(certificate(subject))


def test_a_bare_key_proves_nothing_alone() -> None:
    holder = holder_of(ec_credential().der, "here")
    bare = Token(type(holder)(holder.key, holder.key_digest, None), None)
    with refused(Cause.QUALITY_UNKNOWN):
        identification().candidates(bare)


def test_a_hub_with_a_certificate_has_to_be_a_peer_too() -> None:
    with refused(Cause.PEER_UNKNOWN):
        identification().candidates(certificate((NameOID.COMMON_NAME, f"EHP={OTHER_HUB}")))


OWN_DOCTOR = party("persphysician", PERSON, SSIN)
OWN_HOSPITAL = party("orghospital", HOSPITAL)
SOFTWARE = party("application")
WARD = party("deptcardiology")
DOCTOR_SPEAKS: Mapping[str, Author] = {
    "himself": (OWN_DOCTOR,),
    "by his number only": (party("persphysician", PERSON),),
    "by his licence only": (party("persphysician", PERSON[:8]),),
    "by his national number only": (party("persphysician", inss=SSIN),),
    "with white space": (party("persphysician", f" {PERSON} ", f" {SSIN} "),),
    "with his software": (OWN_DOCTOR, SOFTWARE),
    "with a department": (WARD, OWN_DOCTOR),
    "twice": (OWN_DOCTOR, OWN_DOCTOR),
}
DOCTOR_IS_SILENT: Mapping[str, Author] = {
    "nobody": (),
    "somebody else": (party("persphysician", OTHER_PERSON),),
    "another profession": (party("persnurse", PERSON, SSIN),),
    "no number": (party("persphysician"),),
    "another national number": (party("persphysician", PERSON, OTHER_SSIN),),
    "another number": (party("persphysician", OTHER_PERSON, SSIN),),
    "somebody else too": (OWN_DOCTOR, party("persphysician", OTHER_PERSON)),
    "a patient too": (OWN_DOCTOR, party("patient", inss=OTHER_SSIN)),
    "a hospital too": (OWN_HOSPITAL, OWN_DOCTOR),
    "a practice too": (party("groupofphysicianssameaddress", HOSPITAL), OWN_DOCTOR),
    "a hub too": (party("hub", PEER), OWN_DOCTOR),
    "software only": (SOFTWARE,),
}


@pytest.mark.parametrize("author", DOCTOR_SPEAKS.values(), ids=DOCTOR_SPEAKS)
def test_a_person_is_the_author(author: Author) -> None:
    assert identification().speaking(candidates(DOCTOR), author).quality == "doctor"


@pytest.mark.parametrize("author", DOCTOR_IS_SILENT.values(), ids=DOCTOR_IS_SILENT)
def test_a_person_is_not_the_author_of_this(author: Author) -> None:
    with refused(Cause.AUTHOR_DIFFERS, "request/author"):
        identification().speaking(candidates(DOCTOR), author)


@pytest.mark.parametrize(
    ("author", "speaks"),
    [
        ((OWN_HOSPITAL,), True),
        ((party("orghospital", f"{HOSPITAL}000"),), True),
        ((OWN_HOSPITAL, WARD, OWN_DOCTOR, SOFTWARE), True),
        ((party("orghospital", OTHER_HOSPITAL),), False),
        ((OWN_HOSPITAL, party("orghospital", OTHER_HOSPITAL)), False),
        ((OWN_HOSPITAL, party("orglaboratory", OTHER_HOSPITAL)), False),
        ((OWN_HOSPITAL, party("orglaboratory", HOSPITAL)), True),
        ((party("hub", PEER), OWN_HOSPITAL), False),
        ((OWN_DOCTOR,), False),
        ((party("orghospital"),), False),
        ((), False),
    ],
)
def test_an_organisation_vouches_for_the_persons_in_it_and_for_no_other_organisation_or_hub(
    author: Author, speaks: bool
) -> None:
    found = candidates(HOSPITAL_PROOF)
    if speaks:
        assert identification().speaking(found, author).quality == "hospital"
    else:
        with refused(Cause.AUTHOR_DIFFERS):
            identification().speaking(found, author)


def test_a_peer_hub_vouches_for_everybody_in_whose_name_it_asks() -> None:
    found = candidates(proof_of(QUALITIES["hub"]))
    author = (party("hub", PEER), OWN_HOSPITAL, OWN_DOCTOR)
    assert identification().speaking(found, author).quality == "hub"
    for wrong in ((OWN_HOSPITAL, OWN_DOCTOR), (party("hub", OTHER_HUB), OWN_DOCTOR)):
        with refused(Cause.AUTHOR_DIFFERS):
            identification().speaking(found, wrong)


def test_a_patient_asks_for_himself() -> None:
    found = candidates({OF_SSIN: (SSIN,), OF_HOLDER: (SSIN,)})
    assert identification().speaking(found, (party("patient", inss=SSIN),)).quality == "patient"
    for wrong in (party("patient", inss=OTHER_SSIN), party("patient", PERSON, SSIN), party("patient", PERSON)):
        with refused(Cause.AUTHOR_DIFFERS):
            identification().speaking(found, (wrong,))


def test_the_author_says_as_what_he_speaks() -> None:
    both = candidates(DOCTOR | proof_of(QUALITIES["nurse"]))
    for profession, name in (("persphysician", "doctor"), ("persnurse", "nurse")):
        assert identification().speaking(both, (party(profession, PERSON),)).quality == name
