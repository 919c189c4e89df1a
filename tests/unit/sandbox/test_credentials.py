"""The sandbox's certificate authority and the files of its keys and certificates."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hub.sandbox.credentials import CredentialFiles, SandboxCredentials, keep_credentials
from hub.sandbox.people import load_people
from hub.sealing.owners import owners
from hub.wire.certificates import SANDBOX_ORGANISATION

PEOPLE = load_people()
NOW = datetime(2025, 3, 14, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> SandboxCredentials:
    return keep_credentials(tmp_path_factory.mktemp("sandbox"), PEOPLE, NOW)


def every_file(credentials: SandboxCredentials) -> list[Path]:
    return sorted(file for file in credentials.authority.key.parent.rglob("*") if file.is_file())


def subject(credentials: SandboxCredentials, key: str) -> dict[x509.ObjectIdentifier, str]:
    name = credentials.signatories[key].read().certificate.subject
    return {attribute.oid: str(attribute.value) for attribute in name}


def test_everybody_can_sign(credentials: SandboxCredentials) -> None:
    assert len(PEOPLE.signatories) >= 10
    qualities = {PEOPLE.signatories[key].quality for key in credentials.signatories}
    assert qualities >= {
        *("doctor", "nurse", "midwife", "dentist", "pharmacist", "physiotherapist"),
        *("hospital", "medicalhouse", "hub", "patient"),
    }


def test_key_and_certificate_belong_together(credentials: SandboxCredentials) -> None:
    for files in (
        credentials.token_service,
        credentials.hub,
        *credentials.signatories.values(),
        *credentials.encryption.values(),
    ):
        credential = files.read()
        assert credential.key.public_key() == credential.certificate.public_key()


def test_what_is_no_key_that_signs_is_refused_with_the_name_of_its_file(
    credentials: SandboxCredentials, tmp_path: Path
) -> None:
    another_kind = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in (another_kind, b"no key"):
        file = tmp_path / "mine.key"
        file.write_bytes(content)
        with pytest.raises(ValueError, match=r"mine\.key"):
            CredentialFiles(file, credentials.server.certificate).read()


def test_every_certificate_is_issued_by_the_authority(credentials: SandboxCredentials) -> None:
    authority = credentials.authority.read().certificate
    for file in every_file(credentials):
        if file.suffix == ".pem":
            x509.load_pem_x509_certificate(file.read_bytes()).verify_directly_issued_by(authority)


def test_every_subject_says_that_it_is_of_a_sandbox(credentials: SandboxCredentials) -> None:
    for file in every_file(credentials):
        if file.suffix == ".pem":
            name = x509.load_pem_x509_certificate(file.read_bytes()).subject
            assert [part.value for part in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)] == [
                SANDBOX_ORGANISATION
            ]


def test_a_person_is_named_as_by_an_identity_card_or_an_ehealth_certificate(credentials: SandboxCredentials) -> None:
    assert subject(credentials, "gp_nl")[NameOID.SERIAL_NUMBER] == PEOPLE.providers["gp_nl"].inss
    assert subject(credentials, "gp_fr")[NameOID.COMMON_NAME] == f"SSIN={PEOPLE.providers['gp_fr'].inss}"


@pytest.mark.parametrize(
    ("key", "number"),
    [
        ("modele", "NIHII-HOSPITAL=71998150"),
        ("group_practice", "NIHII-MEDICAL-HOUSE=89991749"),
        ("peer_hub", "EHP=1990999927"),
    ],
)
def test_an_organisation_is_named_by_kind_and_number(credentials: SandboxCredentials, key: str, number: str) -> None:
    assert subject(credentials, key)[NameOID.COMMON_NAME] == number


def test_the_hub_seals_under_its_own_number(credentials: SandboxCredentials) -> None:
    assert owners(credentials.hub.read().certificate) == {("EHP", "1990000728")}


def test_both_kinds_of_key_are_there(credentials: SandboxCredentials) -> None:
    kinds = {isinstance(files.read().key, RSAPrivateKey) for files in credentials.signatories.values()}
    assert kinds == {True, False}


def test_the_depot_has_a_certificate_for_the_hub_and_for_everybody(credentials: SandboxCredentials) -> None:
    depot = {file.name for file in credentials.depot.iterdir()}
    assert {"EHP=1990000728.pem", "NIHII-HOSPITAL=71998150.pem", "NIHII=19991106.pem"} <= depot
    assert len(depot) == len(PEOPLE.signatories) + 1
    assert isinstance(credentials.hub_encryption.read().key, RSAPrivateKey)


def test_files_are_for_their_owner_only_and_stay(credentials: SandboxCredentials) -> None:
    before = {file: file.read_bytes() for file in every_file(credentials)}
    assert {file.stat().st_mode & 0o777 for file in before} == {0o600}
    assert {file.parent.stat().st_mode & 0o777 for file in before} == {0o700}
    again = keep_credentials(credentials.authority.key.parent.parent, PEOPLE, NOW)
    assert again == credentials
    assert {file: file.read_bytes() for file in every_file(credentials)} == before


def test_what_is_missing_is_made_again(tmp_path: Path) -> None:
    credentials = keep_credentials(tmp_path, PEOPLE, NOW)
    key = credentials.signatories["gp_nl"].key.read_bytes()
    credentials.signatories["gp_nl"].certificate.unlink()
    keep_credentials(tmp_path, PEOPLE, NOW)
    credential = credentials.signatories["gp_nl"].read()
    assert credentials.signatories["gp_nl"].key.read_bytes() != key
    assert credential.key.public_key() == credential.certificate.public_key()
