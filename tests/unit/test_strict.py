"""Strict mode: what is unsafe is refused, and strict is what a file without the word is."""

from pathlib import Path

import pytest

from hub.config import SecretKey
from tests.fakes.certificates import Authority
from tests.unit.configuration_files import DIRECTORY, HOSPITAL, KEY, MINIMAL, PLAIN, TLS, problems, read, with_keys


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return with_keys(tmp_path)


def strict(text: str = "", listener: str = "tls_terminator = ['127.0.0.1']") -> str:
    return (MINIMAL + "[listener]\n" + listener + text).replace("strict = false", "")


def test_the_plain_listener_is_refused(folder: Path) -> None:
    (found,) = problems(folder, strict(listener="authentication = 'plain'\ntls_terminator = ['127.0.0.1']"))
    assert found.startswith("listener.authentication: a plain listener believes whatever callers say")


def test_no_word_on_who_ends_tls_is_refused(folder: Path) -> None:
    assert "listener.tls: nothing says who ends TLS" in " ".join(problems(folder, strict(listener="")))


def test_a_directory_of_care_providers_without_tls_is_refused(folder: Path) -> None:
    text = strict(DIRECTORY.replace("https", "http") + "allow_http = true\n")
    (found,) = problems(folder, text)
    assert found == "providers.directory.allow_http: a connection without TLS is refused in strict mode"


def test_a_certificate_of_a_sandbox_is_refused_wherever_it_is_used(folder: Path) -> None:
    authority = Authority(folder)
    authority.issue("invented", is_of_sandbox=True)
    authority.issue("hub")
    text = strict(HOSPITAL + "certificate_file = 'invented.pem'\nkey_file = 'invented.key'", TLS)
    found = problems(folder, text)
    assert f"sources.nord.certificate_file: {folder}/invented.pem: a sandbox made this certificate" in " ".join(found)
    assert not any(problem.startswith("listener.tls") for problem in found)
    found = problems(folder, strict(listener=TLS.replace("hub", "invented")))
    assert any(problem.startswith("listener.tls.certificate_file: ") for problem in found)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o602])
def test_a_secret_that_others_may_read_or_change_is_refused(folder: Path, mode: int) -> None:
    (folder / "index.key").chmod(mode)
    found = " ".join(problems(folder, strict()))
    assert f"index.secret_file: {folder}/index.key: not only its owner and group may read" in found
    assert f"(mode 0{mode:o})" in found
    assert "vault.keys.a" not in found


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o640, 0o440])
def test_a_secret_may_be_readable_for_a_group(folder: Path, mode: int) -> None:
    (folder / "index.key").chmod(mode)
    assert read(folder, strict()).strict


def test_the_keys_of_certificates_and_tokens_are_secrets_and_certificates_are_none(folder: Path) -> None:
    pair = Authority(folder).issue("hub")
    (folder / "token").write_text("geheim")
    for file in (pair.key, pair.certificate, folder / "token"):
        file.chmod(0o644)
    hospital = HOSPITAL.replace("hospital_soap", "hospital_rest").replace("intrahub", "{id}")
    more = "token_file = 'token'\ncertificate_file = 'hub.pem'\nkey_file = 'hub.key'"
    found = [problem for problem in problems(folder, strict(hospital + more, TLS)) if "(mode 0644)" in problem]
    assert {problem.partition(":")[0] for problem in found} == {
        "listener.tls.key_file",
        "sources.nord.key_file",
        "sources.nord.token_file",
    }


def test_a_certificate_with_its_key_in_one_file_is_a_secret(folder: Path) -> None:
    pair = Authority(folder).issue("hub")
    with pair.certificate.open("ab") as file:
        file.write(pair.key.read_bytes())
    pair.certificate.chmod(0o644)
    found = problems(folder, strict(HOSPITAL + "certificate_file = 'hub.pem'"))
    assert any(problem.startswith("sources.nord.certificate_file: ") for problem in found)


def test_the_plain_listener_is_never_reachable_from_elsewhere(folder: Path) -> None:
    (found,) = problems(folder, MINIMAL + PLAIN + "host = '0.0.0.0'")
    assert found.startswith("listener.host: ")


def test_sha1_and_diagnoses_are_refused(folder: Path) -> None:
    lax = "sts_certificates = ['sts.pem']\nsha1_allowed_for = ['71000436']\ndiagnostics = true"
    text = strict().replace('sts_certificates = ["sts.pem"]', lax)
    assert [found.partition(":")[0] for found in problems(folder, text)] == [
        "security.sha1_allowed_for",
        "security.diagnostics",
    ]


def test_a_source_without_tls_is_refused(folder: Path) -> None:
    found = problems(folder, strict(HOSPITAL + "allow_http = true"))
    assert "sources.nord.allow_http: a connection without TLS is refused in strict mode" in found


@pytest.mark.parametrize("key", ["00" * 32, "0102" * 16, SecretKey.sample("index").value.hex()])
def test_sample_secrets_are_refused(folder: Path, key: str) -> None:
    for name in ("index.key", "vault.key"):
        (folder / name).write_text(key)
    found = " ".join(problems(folder, strict()))
    assert "index.secret_file: a sample or guessable key" in found
    assert "vault.keys.a: a sample or guessable key" in found


def test_the_shipped_example_will_do_in_strict_mode(tmp_path: Path) -> None:
    example = Path(__file__).resolve().parents[2] / "deploy" / "hub.example.toml"
    (tmp_path / "secrets").mkdir()
    for name in ("index", "vault-1"):
        (tmp_path / "secrets" / f"{name}.key").touch(mode=0o600)
        (tmp_path / "secrets" / f"{name}.key").write_text(KEY)
    (tmp_path / "certificates").mkdir()
    for name in ("sts", "authorities"):
        Authority(tmp_path / "certificates", name)
    assert read(tmp_path, example.read_text()).strict
