"""The configuration file and the keys of a sandbox's hub, written into its folder."""

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from hub.config.secrets import KEY_BYTES
from hub.domain.identity import HUB
from hub.domain.national import NationalRegister
from hub.sandbox.credentials import CredentialFiles, SandboxCredentials
from hub.sandbox.hospital import DOCUMENT_PATH, SOAP_PATH
from hub.sandbox.people import SANDBOX_HUB, People, SampleHospital
from hub.sandbox.provider_directory import DIRECTORY_PATH

_FIRST_LINE = ("persdentist", "persmidwife", "persphysiotherapist")
CONFIGURATION_FILE = "hub.toml"
HOST = "127.0.0.1"
DATA_FOLDER = "data"
INDEX_KEY_FILE = "secrets/index.key"
INDEX_KEY_ID = "1"
VAULT_KEY_FILE = "secrets/vault.key"
REDIS_FSYNC: Final = "everysec"
GUARANTORS: Final = (
    ("medecins", "Ligue des médecins fictifs", ("persphysician",), "fr"),
    ("apothekers", "Bond van verzonnen apothekers", ("perspharmacist",), "nl"),
    ("premiere-ligne", "Fédération imaginaire de première ligne", _FIRST_LINE, "fr"),
)
"""Those who vouch for care providers: key, name, professions, language of their reminders."""


def hospital_url(hospital: SampleHospital, port: int) -> str:
    """Where the hub asks a hospital for documents."""
    path = SOAP_PATH if hospital.kind == "soap" else f"{DOCUMENT_PATH}/{{id}}"
    return f"http://{HOST}:{port}{path}"


def national_url(port: int) -> str:
    """Where the registers of the sandbox are, each under its name."""
    return f"http://{HOST}:{port}"


def write_configuration(
    folder: Path,
    *,
    port: int,
    people: People,
    hospital_ports: Mapping[str, int],
    directory_port: int,
    national_port: int,
    credentials: SandboxCredentials,
    seals: bool,
) -> Path:
    """Write the configuration of a sandbox's hub, and its keys if they are not there yet.

    `port` is the hub's, 0 for a free one. It takes signed and unsigned messages and says exactly what is wrong with a
    signature; `seals` says whether it has sealed folders. Keys stay, so that a hub that is started again reads what it
    wrote before.
    """
    for name in (INDEX_KEY_FILE, VAULT_KEY_FILE):
        _keep_key(folder / name)
    tables = [
        "# Written by `hub sandbox`, which writes it again at every start.\n",
        _table("", strict=False),
        _table(
            "hub",
            id=SANDBOX_HUB.number,
            name=SANDBOX_HUB.name,
            id_scheme=SANDBOX_HUB.id_scheme,
            data_folder=DATA_FOLDER,
        ),
        _table("listener", host=HOST, port=port, workers=1, authentication="both"),
        _table(
            "security",
            sts_certificates=[_relative(credentials.token_service.certificate, folder)],
            authorities=[_relative(credentials.authority.certificate, folder)],
            peer_hubs=[who.number for who in people.signatories.values() if who.quality == HUB],
            diagnostics=True,
        ),
        *(_sealing(credentials, folder) if seals else ()),
        _table("access", break_the_glass=True, privacy_officer="privacy@sandbox.example"),
        _table("operations", host=HOST, port=0, explain=True, shutdown_grace=2),
        _table("redis", fsync=REDIS_FSYNC),
        _table("index", secret_file=INDEX_KEY_FILE, key_id=INDEX_KEY_ID),
        _table("vault", key_id="1"),
        _table("vault.keys", **{"1": VAULT_KEY_FILE}),
        *_providers(directory_port),
        *(_source(hospital, hospital_ports[key]) for key, hospital in people.hospitals.items()),
        *(
            _table(f"national.{register}", url=f"{national_url(national_port)}/{register}", allow_http=True)
            for register in NationalRegister
        ),
    ]
    file = folder / CONFIGURATION_FILE
    file.write_text("\n".join(tables), "utf-8")
    return file


def _sealing(credentials: SandboxCredentials, folder: Path) -> Sequence[str]:
    def pair(name: str, files: CredentialFiles) -> str:
        key, certificate = _relative(files.key, folder), _relative(files.certificate, folder)
        return _table(name, key_file=key, certificate_file=certificate)

    return (
        _table(
            "sealing",
            mode="accepted",
            answers="when-asked",
            anchors_file=_relative(credentials.authority.certificate, folder),
            depot_folder=_relative(credentials.depot, folder),
        ),
        pair("sealing.signing", credentials.hub),
        pair("sealing.decryption.1", credentials.hub_encryption),
    )


def _providers(directory_port: int) -> Sequence[str]:
    """Invented guarantors, and the directory."""
    url = f"http://{HOST}:{directory_port}{DIRECTORY_PATH}"
    return (
        _table("providers", reminder_folder=f"{DATA_FOLDER}/reminders"),
        *(
            _table(f"providers.guarantors.{key}", name=name, professions=professions, language=language)
            for key, name, professions, language in GUARANTORS
        ),
        _table("providers.directory", kind="http", url=url, allow_http=True),
    )


def _relative(file: Path, folder: Path) -> str:
    return str(file.relative_to(folder))


def _source(hospital: SampleHospital, port: int) -> str:
    asks = {"takes_publication_requests": True} if hospital.kind == "soap" else {}
    return _table(
        f"sources.{hospital.key}",
        kind=f"hospital_{hospital.kind}",
        custodian=hospital.number,
        url=hospital_url(hospital, port),
        allow_http=True,
        **asks,
    )


def _table(name: str, /, **values: str | float | bool | Sequence[str]) -> str:
    """A TOML table; its strings are written as JSON writes them, which TOML reads."""
    heading = f"[{name}]\n" if name else ""
    return heading + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())


def _keep_key(file: Path) -> None:
    if not file.exists():
        file.parent.mkdir(mode=0o700, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(KEY_BYTES) + "\n")
