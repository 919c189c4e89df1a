"""The configuration of a sandbox's hub, and the file that describes the sandbox."""

from pathlib import Path

import pytest

from connectors import registry
from hub.config.loading import load
from hub.sandbox.configuration import write_configuration
from hub.sandbox.credentials import CredentialFiles, SandboxCredentials
from hub.sandbox.description import Description, SourceDescription
from hub.sandbox.people import SANDBOX_HUB, load_people

PEOPLE = load_people()
PORTS = {"modele": 20001, "voorbeeld": 20002}


def write(folder: Path, *, seals: bool = True) -> Path:
    credentials = SandboxCredentials.places(folder, PEOPLE)
    return write_configuration(
        folder, port=20000, people=PEOPLE, hospital_ports=PORTS, credentials=credentials, seals=seals
    )


def test_the_hub_accepts_it(tmp_path: Path) -> None:
    settings = load(write(tmp_path), kinds=registry.kinds, environment={})
    assert settings.hub.id == SANDBOX_HUB.number
    assert settings.listener.port == 20000
    assert not settings.strict
    assert {name: source.custodian for name, source in settings.sources.items()} == {
        key: hospital.number for key, hospital in PEOPLE.hospitals.items()
    }


def test_keys_are_for_their_owner_only_and_stay_when_it_is_written_again(tmp_path: Path) -> None:
    write(tmp_path)
    keys = sorted((tmp_path / "secrets").iterdir())
    before = [key.read_text() for key in keys]
    write(tmp_path)
    assert [key.read_text() for key in keys] == before
    assert len(set(before)) == 2
    assert {key.stat().st_mode & 0o777 for key in keys} == {0o600}


def test_a_description_is_read_as_written(tmp_path: Path) -> None:
    source = SourceDescription(
        name="modele", kind="hospital_soap", nihii="71998150", url="http://127.0.0.1:1/x", documents=str(tmp_path)
    )
    description = Description(
        intrahub="http://127.0.0.1:2/intrahub/v3",
        intrahub_plain="http://127.0.0.1:2/plain/intrahub/v3",
        sts="http://127.0.0.1:4/sts/v1",
        metrics="http://127.0.0.1:3/metrics",
        redis="unix:///x",
        credentials={
            key: CredentialFiles(tmp_path / f"{key}.key", tmp_path / f"{key}.pem") for key in PEOPLE.signatories
        },
        sources=(source,),
    )
    file = tmp_path / "sandbox.json"
    file.write_text(description.to_json(PEOPLE, with_patients=True))
    assert Description.read(file) == description


@pytest.mark.parametrize("content", ["{}", "[]", '{"sources": [{}]}', "not JSON"])
def test_another_file_is_no_description(tmp_path: Path, content: str) -> None:
    file = tmp_path / "sandbox.json"
    file.write_text(content)
    with pytest.raises(ValueError, match="no description of a sandbox"):
        Description.read(file)
