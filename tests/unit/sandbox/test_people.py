"""The people of the sandbox: invented, with numbers that pass every check."""

from hub.domain.identifiers import has_hub_check_digits, has_nihii_check_digits, has_ssin_check_digits
from hub.sandbox.people import SANDBOX_HUB, load_people
from hub.wire.kmehr.persons import read_patient
from hub.wire.namespaces import KMEHR
from hub.wire.xml import parse

PEOPLE = load_people()


def test_every_number_has_right_check_digits() -> None:
    assert has_hub_check_digits(SANDBOX_HUB.number)
    for provider in PEOPLE.providers.values():
        assert has_ssin_check_digits(provider.inss), provider.key
        assert len(provider.nihii) == 11, provider.key
        assert has_nihii_check_digits(provider.nihii), provider.key
    for hospital in PEOPLE.hospitals.values():
        assert hospital.number.startswith("71"), hospital.key
        assert has_nihii_check_digits(hospital.number), hospital.key
    assert has_nihii_check_digits(PEOPLE.organisations["group_practice"].number)
    assert has_hub_check_digits(PEOPLE.organisations["peer_hub"].number)


def test_no_two_people_share_a_number() -> None:
    numbers = [patient.ssin.digits for patient in PEOPLE.patients.values()]
    numbers += [provider.inss for provider in PEOPLE.providers.values()]
    assert len(set(numbers)) == len(numbers)


def test_serial_numbers_are_ones_that_nobody_gets() -> None:
    people = [patient.ssin.digits for patient in PEOPLE.patients.values()]
    people += [provider.inss for provider in PEOPLE.providers.values()]
    assert {number[6:9] for number in people} <= {"997", "998"}


def test_the_patients_cover_the_situations_a_client_must_handle() -> None:
    patients = PEOPLE.patients
    assert patients["baby"].birthdate > "2025"
    assert int(patients["bis"].ssin.digits[2:4]) in range(21, 53)
    assert patients["deceased"].deathdate
    assert {"everyday", "bilingual", "long_record", "no_documents"} <= set(patients)


def test_the_birth_date_is_in_the_number_of_everybody_but_bis_patients() -> None:
    for patient in PEOPLE.patients.values():
        month = int(patient.ssin.digits[2:4])
        stated = patient.birthdate[2:].replace("-", "")
        assert patient.ssin.digits[:2] == stated[:2], patient.key
        assert month % 20 == int(stated[2:4]), patient.key


def test_a_person_is_read_back_as_registered() -> None:
    for patient in PEOPLE.patients.values():
        read = read_patient(parse(f'<person xmlns="{KMEHR}">{patient.content()}</person>'.encode()))
        assert (read.ssin, read.familyname, read.sex) == (patient.ssin, patient.familyname, patient.sex)
        assert (read.birthdate, read.deathdate) == (patient.birthdate, patient.deathdate or "")


def test_a_specialist_writes_for_a_hospital_and_a_general_practitioner_for_nobody_else() -> None:
    specialist = PEOPLE.author(PEOPLE.providers["specialist_fr"], "deptcardiology")
    assert [party.profession for party in specialist] == ["orghospital", "deptcardiology", "persphysician"]
    assert [party.profession for party in PEOPLE.author(PEOPLE.providers["gp_fr"])] == ["persphysician"]
