"""The configuration: what is read, what is refused and how that is said, what is never shown."""

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from connectors import registry
from hub.config import ConfigurationError, Password, SecretKey, load
from hub.config.printing import effective, manual
from hub.domain.errors import Reason
from tests.fakes.certificates import Authority
from tests.unit.configuration_files import HOSPITAL, KEY, MINIMAL, TLS, problems, read, with_keys


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return with_keys(tmp_path)


def test_a_few_lines_are_enough(folder: Path) -> None:
    settings = read(folder, MINIMAL)
    assert settings.listener.host == "127.0.0.1"
    assert settings.redis_folder == folder / "data" / "redis"
    assert settings.vault_url == (folder / "data" / "vault").as_uri()
    assert settings.index.secret.value == bytes.fromhex(KEY)


def test_settings_are_frozen(folder: Path) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        read(folder, MINIMAL).strict = True  # type: ignore[misc]


def test_sizes_may_be_written_for_people(folder: Path) -> None:
    assert read(folder, MINIMAL + '[listener]\nbody_limit = "2 MiB"').listener.body_limit == 2 * 1024 * 1024


def test_files_are_named_from_the_folder_of_the_configuration(folder: Path) -> None:
    assert read(folder, MINIMAL + '[schemas]\nfolder = "own"').schemas.folder == folder / "own"


def test_codes_are_keyed_by_reason(folder: Path) -> None:
    assert read(folder, MINIMAL + '[codes]\npatient-unknown = "400"').codes == {Reason.PATIENT_UNKNOWN: "400"}


def test_a_source_has_the_settings_of_its_kind(folder: Path) -> None:
    source = read(folder, MINIMAL + HOSPITAL).sources["nord"]
    assert source.custodian == "71000436"
    assert isinstance(source.connector, registry.kinds["hospital_soap"])


@pytest.mark.parametrize(
    ("added", "wanted"),
    [
        ("[listner]\nport = 1", "listner: unknown key; did you mean listener?"),
        ("[listener]\nprot = 1", "listener.prot: unknown key; did you mean port?"),
        ("[listener]\nport = '1'", "listener.port: a whole number is wanted, seen: '1'"),
        ("[listener]\nport = true", "listener.port: a whole number is wanted, seen: True"),
        ("[listener]\nport = 70000", "listener.port: at most 65535 is wanted, seen: 70000"),
        ("[listener]\nrequest_timeout = 0", "listener.request_timeout: at least 0.1 is wanted, seen: 0"),
        ("[listener]\nrequest_timeout = nan", "listener.request_timeout: a number is wanted, seen: nan"),
        (
            "[listener]\nauthentication = 'none'",
            "listener.authentication: signed or plain or both is wanted, seen: 'none'",
        ),
        (
            "[listener]\ntls_terminator = ['proxy']",
            "listener.tls_terminator: an address or a network is wanted, seen: 'proxy'",
        ),
        (
            "[listener.client_certificate_of]\n71000436 = ['00']",
            "listener.client_certificate_of: 71000436: the SHA-256 of a certificate is wanted: 64 hexadecimal digits",
        ),
        (
            f"[listener.client_certificate_of]\n71000436 = ['{'AB:' * 31}AB']",
            "listener.client_certificate_of: nobody can show one: tls.client_authorities or tls_terminator is wanted",
        ),
        (
            TLS + "client_certificates = 'required'",
            "listener.tls.client_certificates: who may sign them is wanted too, in client_authorities",
        ),
        (
            TLS + "client_authorities = ['hub.pem']",
            'listener.tls.client_authorities: client_certificates = "optional" or "required" is wanted too',
        ),
        (
            "[operations]\nhost = '0.0.0.0'\nexplain = true",
            "operations.explain: on a loopback address only; host is 0.0.0.0",
        ),
        ("[redis]\nfsync = 'no'", "redis.fsync: always or everysec is wanted, seen: 'no'"),
        ("[redis]\nurl = 'http://x'", "redis.url: redis://…, rediss://…, unix://… or redis+cluster://… is wanted"),
        (
            "[redis]\nurl = 'redis+cluster://a,b:1'",
            "redis.url: redis+cluster://HOST:PORT,HOST:PORT is wanted, without a database",
        ),
        (
            "[redis]\nurl = 'redis+cluster://a:1/2'",
            "redis.url: redis+cluster://HOST:PORT,HOST:PORT is wanted, without a database",
        ),
        ("[redis]\nwait_replicas = 1", "redis.wait_replicas: the server that the hub starts has no replicas"),
        ("[codes]\npatient-unknwon = '1'", "codes.patient-unknwon: unknown key; did you mean patient-unknown?"),
        ("[schemas]\nfolder = 3", "schemas.folder: the name of a file or folder is wanted, seen: 3"),
        ("limits = 3", "limits: a table is wanted, seen: 3"),
        ("[sources.nord]\nkind = 'fax'", "sources.nord.kind: hospital_rest or hospital_soap is wanted, seen: 'fax'"),
        (HOSPITAL.replace("https", "http"), "sources.nord: http://nord.example: the URL of a source must be https"),
        (
            HOSPITAL.replace("71000436", "71000437"),
            "sources.nord.custodian: a NIHII number of 8 digits with right check digits is wanted",
        ),
        (HOSPITAL.replace("url =", "uri ="), "sources.nord.uri: unknown key; did you mean url?"),
        (HOSPITAL.replace("nord", "vault", 1), "[sources.vault]: this name is the hub's own vault; choose another"),
        (HOSPITAL + HOSPITAL.replace("nord", "sud"), "sources: 71000436 is custodian of more than one source"),
    ],
)
def test_what_is_wrong_is_named_with_its_path_and_what_was_wanted(folder: Path, added: str, wanted: str) -> None:
    text = added + MINIMAL if added.startswith("limits") else MINIMAL + added
    assert wanted in problems(folder, text)


def test_all_problems_are_reported_at_once(folder: Path) -> None:
    found = problems(folder, "[hub]\nid = '1'\n[listener]\nport = -1\n[redis]\ntimeout = 'x'\n")
    assert {problem.partition(":")[0] for problem in found} >= {"hub.name", "listener.port", "redis.timeout"}
    assert "index.secret" in " ".join(found)


def test_a_missing_key_is_explained(folder: Path) -> None:
    found = problems(folder, MINIMAL.replace('name = "Test hub"', ""))
    assert found == ["hub.name: is missing: Name of the hub, as it signs its answers"]


def test_a_hub_number_with_wrong_check_digits_is_refused(folder: Path) -> None:
    (found,) = problems(folder, MINIMAL.replace("1990000728", "1990000729"))
    assert found.startswith("hub.id: 10 digits are wanted")


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read"), ("\xff", "is not UTF-8"), ("[hub", "is not TOML")]
)
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, content: str | None, said: str) -> None:
    file = tmp_path / "hub.toml"
    if content is not None:
        file.write_bytes(content.encode("latin-1"))
    with pytest.raises(ConfigurationError, match=said):
        load(file, connectors=registry, environment={})


class TestTls:
    """What the listener's certificate is, and what a check says of files that will not do."""

    def problem(self, folder: Path, text: str = TLS) -> str:
        (found,) = problems(folder, MINIMAL + text)
        return found

    def test_the_files_may_be_replaced_so_their_names_are_kept(self, folder: Path) -> None:
        authority = Authority(folder)
        pair = authority.issue("hub")
        text = TLS + "client_certificates = 'optional'\nclient_authorities = ['authority.pem']"
        tls = read(folder, MINIMAL + text).listener.tls
        assert tls is not None
        assert tls.files == (pair.certificate, pair.key, authority.certificate)
        assert set(tls.expiries()) == {"listener", "client authorities"}

    def test_a_file_that_is_not_there_is_named(self, folder: Path) -> None:
        assert self.problem(folder) == f"listener.tls: {folder}/hub.pem: cannot be read: No such file or directory"
        Authority(folder).issue("hub").key.unlink()
        assert self.problem(folder) == f"listener.tls: {folder}/hub.key: cannot be read: No such file or directory"

    def test_one_without_a_certificate_is_named(self, folder: Path) -> None:
        Authority(folder).issue("hub").certificate.write_text("")
        assert self.problem(folder).startswith(f"listener.tls: {folder}/hub.pem: PEM certificates are wanted")

    def test_the_key_of_another_and_an_encrypted_one_are_refused_and_not_repeated(self, folder: Path) -> None:
        authority = Authority(folder)
        pair, other = authority.issue("hub"), authority.issue("other")
        said = f"listener.tls: {folder}/hub.key: the private key of {folder}/hub.pem is wanted, as PEM, not encrypted"
        content = other.key.read_bytes()
        loaded = load_pem_private_key(pair.key.read_bytes(), None)
        encrypted = loaded.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"geheim"))
        for wrong in (content, encrypted, b""):
            pair.key.write_bytes(wrong)
            found = self.problem(folder)
            assert found.startswith(said)
            assert not any(line in found for line in wrong.decode().split("\n")[1:-1] if line)

    def test_those_of_a_source_are_looked_at_too(self, folder: Path) -> None:
        found = self.problem(folder, HOSPITAL + "ca_file = 'none.pem'")
        assert found == f"sources.nord: {folder}/none.pem: cannot be read: No such file or directory"

    def test_they_are_printed_and_explained(self, folder: Path) -> None:
        Authority(folder).issue("hub")
        text = (
            "[listener]\ntls_terminator = ['10.0.0.0/29']\nclient_certificate_of.1990000035 = ['"
            + "ab" * 32
            + "']"
            + TLS
        )
        printed = tomllib.loads(effective(read(folder, MINIMAL + text)))["listener"]
        assert printed["tls"]["key_file"] == str(folder / "hub.key")
        assert printed["client_certificate_of"] == {"1990000035": ["ab" * 32]}
        assert "## `[listener.tls]`" in manual(registry)


class TestSecrets:
    """They come from files or the environment, and are never shown."""

    def test_the_environment_may_hold_a_secret(self, folder: Path) -> None:
        text = MINIMAL.replace('secret_file = "index.key"', "")
        assert read(folder, text, HUB_INDEX_SECRET=KEY).index.secret.value == bytes.fromhex(KEY)

    def test_one_given_twice_is_refused(self, folder: Path) -> None:
        (found,) = problems(folder, MINIMAL, HUB_INDEX_SECRET=KEY)
        assert found == "index.secret_file: given twice: here and in the environment variable HUB_INDEX_SECRET"

    def test_one_in_the_file_is_refused_and_not_repeated(self, folder: Path) -> None:
        found = problems(folder, MINIMAL.replace("secret_file", "secret").replace("index.key", KEY))
        assert "index.secret: a secret is not written here; use secret_file" in found[0]
        assert KEY not in " ".join(found)

    @pytest.mark.parametrize("seen", ["a text", "a list"])
    def test_one_in_the_place_of_a_table_is_not_repeated_either(self, folder: Path, seen: str) -> None:
        keys = repr(KEY if seen == "a text" else [KEY])
        found = problems(folder, MINIMAL.partition("[vault]")[0] + f"[vault]\nkey_id = 'a'\nkeys = {keys}\n")
        assert f"vault.keys: a table is wanted, seen: {seen}" in found
        assert KEY[:20] not in " ".join(found)

    @pytest.mark.parametrize("content", [KEY[:-2], "too short", "é" * 32])
    def test_a_key_of_the_wrong_form_is_refused_and_not_repeated(self, folder: Path, content: str) -> None:
        (folder / "index.key").write_text(content)
        (found,) = problems(folder, MINIMAL)
        assert found.startswith("index.secret_file: wanted in the file: ")
        assert content not in found

    def test_a_file_that_is_not_there_is_named_by_its_key(self, folder: Path) -> None:
        (folder / "vault.key").unlink()
        assert problems(folder, MINIMAL)[0] == "vault.keys.a: the file cannot be read: No such file or directory"

    def test_a_key_may_be_base64(self) -> None:
        assert SecretKey.parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n").value == bytes(range(32))

    def test_the_password_of_redis_stays_out_of_the_url(self, folder: Path) -> None:
        (found,) = problems(folder, MINIMAL + "[redis]\nurl = 'redis://u:geheim@r:6379/0'")
        assert found == "redis.url: write no password here; use password_file or HUB_REDIS_PASSWORD"

    def test_the_client_gets_the_url_with_the_password(self, folder: Path) -> None:
        text = MINIMAL + "[redis]\nurl = 'rediss://u@r:6379/0'"
        assert read(folder, text, HUB_REDIS_PASSWORD="a:/b").redis.full_url() == "rediss://u:a%3A%2Fb@r:6379/0"
        text = MINIMAL + "[redis]\nurl = 'redis+cluster://u@r:1,s:2'"
        assert read(folder, text, HUB_REDIS_PASSWORD="p").redis.full_url() == "redis+cluster://u:p@r:1,s:2"

    def test_nothing_that_is_printed_shows_one(self, folder: Path) -> None:
        settings = read(folder, MINIMAL + "[redis]\nurl = 'redis://r'", HUB_REDIS_PASSWORD="geheim")
        for text in (effective(settings), repr(settings), str(settings)):
            assert "geheim" not in text
            assert KEY not in text
            assert repr(bytes.fromhex(KEY)) not in text

    def test_they_mask_themselves(self) -> None:
        assert str(SecretKey.sample("x")) == repr(SecretKey.sample("x")) == "SecretKey(***)"
        assert f"{Password('geheim')}" == "Password(***)"


def test_the_printed_configuration_is_toml_with_every_setting(folder: Path) -> None:
    text = effective(read(folder, MINIMAL + HOSPITAL + "[codes]\npatient-unknown = '400'"))
    table = tomllib.loads(text)
    assert table["listener"]["body_limit"] == "48 MiB"
    assert table["index"]["secret"] == "***"
    assert table["codes"] == {"patient-unknown": "400"}
    assert table["sources"]["nord"]["url"] == "https://nord.example/intrahub"


def test_a_password_in_the_url_of_a_source_is_masked() -> None:
    @dataclass(frozen=True)
    class Ftp:
        url: str = field(default="ftp://u:geheim@h/x", metadata={"doc": ""})

    assert effective_of(Ftp()) == 'url = "ftp://u:***@h/x"\n'


def effective_of(part: object) -> str:
    return effective(part)  # type: ignore[arg-type]  # any settings class is printed alike


def test_the_manual_names_every_setting_of_every_kind() -> None:
    page = manual(registry)
    for kind in registry.kinds.values():
        for one in dataclasses.fields(kind):
            assert f"| `{one.name}` |" in page
            assert one.metadata["doc"].partition("|")[0] in page
    assert "HUB_INDEX_SECRET" in page
    assert all(reason.value in page for reason in Reason)


def test_the_settings_of_every_kind_say_what_they_mean() -> None:
    kinds: Mapping[str, type] = registry.kinds
    for kind in kinds.values():
        assert all(one.metadata.get("doc") for one in dataclasses.fields(kind))
