"""The configuration of a sandbox's hub, and the file that describes the sandbox."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors import registry
from hub.config.loading import load
from hub.domain.national import NationalRegister
from hub.sandbox.configuration import write_configuration
from hub.sandbox.credentials import CredentialFiles, SandboxCredentials, keep_credentials
from hub.sandbox.description import Description, SealingDescription, SourceDescription
from hub.sandbox.people import SANDBOX_HUB, load_people
from tests.sealers import needs_openssl

PEOPLE = load_people()
PORTS = {"modele": 20001, "voorbeeld": 20002}


def write(folder: Path, *, seals: bool = True) -> Path:
    credentials = SandboxCredentials.places(folder, PEOPLE)
    return write_configuration(
        folder,
        port=20000,
        people=PEOPLE,
        hospital_ports=PORTS,
        directory_port=20003,
        national_port=20004,
        credentials=credentials,
        seals=seals,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox's folder with all keys and certificates."""
    folder = tmp_path_factory.mktemp("sandbox")
    keep_credentials(folder, PEOPLE, datetime.now(UTC))
    return folder


def test_the_hub_accepts_it(folder: Path) -> None:
    settings = load(write(folder, seals=False), connectors=registry, environment={})
    assert settings.sealing is None
    assert settings.hub.id == SANDBOX_HUB.number
    assert settings.listener.port == 20000
    assert not settings.strict
    professions = {profession for each in settings.providers.guarantors.values() for profession in each.professions}
    professions |= set(settings.providers.without_guarantor)
    assert professions == {provider.profession for provider in PEOPLE.providers.values()}
    assert settings.providers.directory is not None
    assert {name: source.custodian for name, source in settings.sources.items()} == {
        key: hospital.number for key, hospital in PEOPLE.hospitals.items()
    }
    assert {*settings.national} == {*NationalRegister}


@needs_openssl
def test_the_hub_opens_and_seals_with_keys_of_its_own(folder: Path) -> None:
    places = SandboxCredentials.places(folder, PEOPLE)
    sealing = load(write(folder), connectors=registry, environment={}).sealing
    assert sealing is not None
    assert (sealing.mode, sealing.answers) == ("accepted", "when-asked")
    assert (sealing.anchors_file, sealing.depot_folder) == (places.authority.certificate, places.depot)
    assert sealing.signing.key_file == places.hub.key
    assert [pair.key_file for pair in sealing.decryption.values()] == [places.hub_encryption.key]


def test_keys_are_for_their_owner_only_and_stay_when_it_is_written_again(tmp_path: Path) -> None:
    write(tmp_path)
    keys = sorted((tmp_path / "secrets").iterdir())
    before = [key.read_text() for key in keys]
    write(tmp_path)
    assert [key.read_text() for key in keys] == before
    assert len(set(before)) == 2
    assert {key.stat().st_mode & 0o777 for key in keys} == {0o600}


def files(folder: Path) -> dict[str, CredentialFiles]:
    return {key: CredentialFiles(folder / f"{key}.key", folder / f"{key}.pem") for key in PEOPLE.signatories}


@pytest.mark.parametrize("seals", [True, False])
def test_a_description_is_read_as_written(tmp_path: Path, *, seals: bool) -> None:
    source = SourceDescription(
        name="modele", kind="hospital_soap", nihii="71998150", url="http://127.0.0.1:1/x", documents=str(tmp_path)
    )
    description = Description(
        intrahub="http://127.0.0.1:2/intrahub/v3",
        intrahub_plain="http://127.0.0.1:2/plain/intrahub/v3",
        rest="http://127.0.0.1:2/api/v1",
        sts="http://127.0.0.1:4/sts/v1",
        national="http://127.0.0.1:5",
        metrics="http://127.0.0.1:3/metrics",
        redis="unix:///x",
        authority=tmp_path / "authority.pem",
        credentials=files(tmp_path),
        sealing=SealingDescription(etk=tmp_path / "hub.pem", callers=files(tmp_path / "depot")) if seals else None,
        sources=(source,),
    )
    file = tmp_path / "sandbox.json"
    file.write_text(description.to_json(PEOPLE, with_patients=True))
    assert Description.read(file) == description
    assert ('"etk"' in file.read_text()) == ('"encryption_key"' in file.read_text()) == seals


@pytest.mark.parametrize("content", ["{}", "[]", '{"sources": [{}]}', "not JSON"])
def test_another_file_is_no_description(tmp_path: Path, content: str) -> None:
    file = tmp_path / "sandbox.json"
    file.write_text(content)
    with pytest.raises(ValueError, match="no description of a sandbox"):
        Description.read(file)
