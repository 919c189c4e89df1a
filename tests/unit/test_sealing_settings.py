"""`[sealing]`: what its files must hold, and what strict mode refuses of a sandbox."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from hub.config.parsing import Problem
from hub.config.printing import effective
from hub.config.sealing_checks import sealing_problems
from hub.config.sealing_settings import KeyPairSettings, SealingSettings
from hub.wire.certificates import SANDBOX_ORGANISATION
from hub.wire.security.credential import Credential
from tests.sealers import GP_NAME, Authority, ec_key, needs_openssl, pem_of, rsa_key, write_key
from tests.unit.configuration_files import MINIMAL, problems, read

pytestmark = needs_openssl
SEALING = """
[sealing]
anchors_file = "anchors.pem"
depot_folder = "depot"
[sealing.signing]
key_file = "signing.pem"
certificate_file = "signing.pem"
[sealing.decryption.2026]
key_file = "hub.pem"
certificate_file = "hub.pem"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with everything that the examples name."""
    for name in ("index.key", "vault.key"):
        (tmp_path / name).write_text("5f3c9a1e77d04b8286aa10c4e9b2d35f6c81f07a94be2d13508e6fd7c2a9b410")
    authority = Authority()
    write_key(tmp_path / "signing.pem", authority.issue(GP_NAME, key=ec_key("hub")))
    write_key(tmp_path / "hub.pem", authority.issue(GP_NAME))
    (tmp_path / "sts.pem").write_bytes(pem_of(authority.certificate))
    (tmp_path / "anchors.pem").write_bytes(pem_of(authority.certificate))
    (tmp_path / "depot").mkdir()
    return tmp_path


def a_pair(file: Path) -> KeyPairSettings:
    """A key and its certificate in one file."""
    return KeyPairSettings(key_file=file, certificate_file=file)


def all_found(folder: Path, *, strict: bool = False) -> list[Problem]:
    """What is wrong with the folder."""
    sealing = SealingSettings(
        signing=a_pair(folder / "signing.pem"),
        decryption={"2026": a_pair(folder / "hub.pem")},
        anchors_file=folder / "anchors.pem",
        depot_folder=folder / "depot",
    )
    return list(sealing_problems(sealing, strict=strict))


def found(folder: Path, *, strict: bool = False) -> list[str]:
    """Which settings it is wrong with."""
    return [problem.path for problem in all_found(folder, strict=strict)]


def test_without_the_table_nothing_is_sealed(folder: Path) -> None:
    assert read(folder, MINIMAL).sealing is None


def test_a_few_lines_seal_answers_and_take_both(folder: Path) -> None:
    sealing = read(folder, MINIMAL + SEALING).sealing
    assert sealing is not None
    assert (sealing.mode, sealing.answers, sealing.depot) == ("accepted", "when-asked", "folder")
    assert sealing.decryption == {"2026": a_pair(folder / "hub.pem")}


def test_the_effective_configuration_names_files_and_shows_no_key(folder: Path) -> None:
    shown = effective(read(folder, MINIMAL + SEALING))
    assert str(folder / "signing.pem") in shown
    assert "PRIVATE KEY" not in shown


def test_all_that_is_wrong_is_told(folder: Path) -> None:
    for name in ("signing.pem", "hub.pem", "anchors.pem"):
        (folder / name).unlink()
    (folder / "depot").rmdir()
    said = "\n".join(problems(folder, MINIMAL + SEALING))
    for key in ("signing", "decryption.2026", "anchors_file", "depot_folder"):
        assert f"sealing.{key}: " in said


def test_a_decryption_key_is_needed(folder: Path) -> None:
    (said,) = problems(folder, MINIMAL + SEALING[: SEALING.index("[sealing.decryption")] + "[sealing.decryption]\n")
    assert said.startswith("sealing.decryption: ")


def test_a_decryption_key_is_an_rsa_key(folder: Path) -> None:
    write_key(folder / "hub.pem", Authority().issue(GP_NAME, key=ec_key("hub")))
    assert found(folder) == ["sealing.decryption.2026"]


def test_a_weak_key_and_the_key_of_another_certificate_are_refused(folder: Path) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    write_key(folder / "hub.pem", Authority().issue(GP_NAME, key=weak))
    certificate = Authority().issue(GP_NAME, key=ec_key("hub")).certificate
    write_key(folder / "signing.pem", Credential(key=ec_key("other"), certificate=certificate))
    assert found(folder) == ["sealing.signing", "sealing.decryption.2026"]


@pytest.mark.parametrize("content", [b"", b"not PEM", os.urandom(100)], ids=["nothing", "text", "noise"])
def test_what_holds_no_key_or_no_certificate_is_refused(folder: Path, content: bytes) -> None:
    for name in ("signing.pem", "hub.pem", "anchors.pem"):
        (folder / name).write_bytes(content)
    assert found(folder) == ["sealing.anchors_file", "sealing.signing", "sealing.decryption.2026"]


def test_a_machine_without_openssl_is_told_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    (said,) = problems(folder, MINIMAL + SEALING)
    assert "openssl" in said


def test_certificates_of_a_sandbox_are_refused_in_strict_mode_only(folder: Path) -> None:
    sandbox = Authority(organisation=SANDBOX_ORGANISATION)
    write_key(folder / "hub.pem", sandbox.issue("EHP=1990000728", key=rsa_key("hub")))
    (folder / "anchors.pem").write_bytes(pem_of(sandbox.certificate))
    assert found(folder) == []
    assert found(folder, strict=True) == ["sealing.anchors_file", "sealing.decryption.2026"]


def test_a_problem_names_no_content_of_a_file(folder: Path) -> None:
    (folder / "signing.pem").write_bytes(b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")
    (problem,) = all_found(folder)
    assert "c2VjcmV0" not in str(problem)
