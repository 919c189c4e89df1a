"""The keys and certificates of a sandbox: files under `secrets/`, made once, read by whoever plays a part."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hub.domain.encryption import EncryptionActor
from hub.sandbox.authority import Authority
from hub.sandbox.people import HUB_SIGNATORY, People
from hub.wire.security.credential import Credential

SECRETS_FOLDER = "secrets"
HUB_ACTOR = HUB_SIGNATORY.encryption_actor


@dataclass(frozen=True, slots=True)
class CredentialFiles:
    """A private key and its certificate, in PEM."""

    key: Path
    certificate: Path

    def read(self) -> Credential:
        """What is in the files. Raises OSError, and ValueError when that is something else."""
        key, certificate = self.key.read_bytes(), self.certificate.read_bytes()
        try:
            return Credential.from_pem(key, certificate)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{self.key} and {self.certificate}: no key with its certificate: {error}") from error

    def read_certificate(self) -> x509.Certificate:
        """The certificate alone. Raises OSError, and ValueError when the file is something else."""
        return x509.load_pem_x509_certificate(self.certificate.read_bytes())

    def keep(self, make: Callable[[], Credential]) -> None:
        """Make what is not there yet. Whoever finds both finds a pair: the certificate is written last."""
        if self.key.exists() and self.certificate.exists():
            return
        made = make()
        written = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.certificate.unlink(missing_ok=True)
        _write(self.key, written)
        _write(self.certificate, made.certificate.public_bytes(Encoding.PEM))


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxCredentials:
    """Where everything is: what each signatory signs with by his key, what is sealed for each by actor.

    `hub` is what the hub signs with when it seals.

    `depot` is the folder of the certificates to seal for, one file for each actor: `KIND=NUMBER.pem`.
    """

    authority: CredentialFiles
    token_service: CredentialFiles
    server: CredentialFiles
    hub: CredentialFiles
    signatories: Mapping[str, CredentialFiles]
    encryption: Mapping[EncryptionActor, CredentialFiles]
    depot: Path

    @classmethod
    def places(cls, folder: Path, people: People) -> Self:
        """Where the files of a sandbox in this folder are."""
        secrets = folder / SECRETS_FOLDER
        depot = secrets / "depot"
        actors = [HUB_ACTOR, *(signatory.encryption_actor for signatory in people.signatories.values())]
        return cls(
            authority=_files(secrets, "authority"),
            token_service=_files(secrets, "sts"),
            server=_files(secrets, "server"),
            hub=_files(secrets, "hub"),
            signatories={key: _files(secrets / "callers", key) for key in people.signatories},
            encryption={
                actor: CredentialFiles(secrets / "encryption" / f"{actor.name}.key", depot / f"{actor.name}.pem")
                for actor in actors
            },
            depot=depot,
        )

    @property
    def hub_encryption(self) -> CredentialFiles:
        """What is sealed for the hub is opened with this."""
        return self.encryption[HUB_ACTOR]


def keep_credentials(folder: Path, people: People, now: datetime) -> SandboxCredentials:
    """Make what is not there yet; what was made before stays, so that a sandbox goes on as it was.

    Only the owner can read the files.
    """
    places = SandboxCredentials.places(folder, people)
    every = (places.authority, *places.signatories.values(), *places.encryption.values())
    # Outer folders first: one that is made on the way to another would be open to everybody.
    for parent in sorted({path.parent for files in every for path in (files.key, files.certificate)}):
        parent.mkdir(mode=0o700, exist_ok=True)
    places.authority.keep(lambda: Authority.make(now).credential)
    authority = Authority(credential=places.authority.read(), now=now)
    # Making an RSA key takes long, and other threads can make theirs meanwhile.
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda task: task[0].keep(task[1]), _tasks(places, authority, people)))
    return places


def _tasks(
    places: SandboxCredentials, authority: Authority, people: People
) -> list[tuple[CredentialFiles, Callable[[], Credential]]]:
    """Which files are to hold what."""
    names = {who.encryption_actor: who.name for who in (HUB_SIGNATORY, *people.signatories.values())}
    return [
        (places.token_service, authority.issue_to_token_service),
        (places.server, authority.issue_to_server),
        (places.hub, partial(authority.issue_to, HUB_SIGNATORY)),
        *((places.signatories[key], partial(authority.issue_to, who)) for key, who in people.signatories.items()),
        *(
            (files, partial(authority.issue_for_encryption, actor, names[actor]))
            for actor, files in places.encryption.items()
        ),
    ]


def _files(folder: Path, name: str) -> CredentialFiles:
    return CredentialFiles(folder / f"{name}.key", folder / f"{name}.pem")


def _write(file: Path, content: bytes) -> None:
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(content)
