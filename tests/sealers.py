"""Invented authorities, certificates and parties that seal for each other. Times are real: signatures carry them."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hub.domain.encryption import EncryptionActor
from hub.domain.identifiers import Ssin
from hub.domain.identity import Identity
from hub.sealing.certified_key import CertifiedKeyFiles
from hub.sealing.cms import CmsSealing, SealingLimits
from hub.sealing.depot import FolderDepot, file_name
from hub.sealing.openssl import Openssl
from hub.wire.security.credential import Credential, PrivateKey
from tests.builders import GP_NIHII

HUB_ACTOR = EncryptionActor("EHP", "1990000728")
GP_ACTOR = EncryptionActor("NIHII", GP_NIHII[:8])
GP_NAME = f"NIHII={GP_NIHII}"
OTHER_NAME = "NIHII=19990215003"
DAY = timedelta(days=1)

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl program")


@cache
def rsa_key(name: str) -> PrivateKey:
    """The same key for the same name."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key(name: str) -> PrivateKey:
    """The same key for the same name."""
    return ec.generate_private_key(ec.SECP256R1())


class Authority:
    """Issues certificates, from yesterday to tomorrow unless told otherwise."""

    def __init__(self, name: str = "Invented Authority", *, organisation: str = "Nobody") -> None:
        parts = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, name))
        self.name = x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])
        self._key = ec.generate_private_key(ec.SECP256R1())
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        self.certificate = self._signed(self.name, self._key, constraints, -DAY, DAY)

    def issue(
        self,
        common_name: str,
        *,
        key: PrivateKey | None = None,
        serial_number: str = "",
        starts: timedelta = -DAY,
        ends: timedelta = DAY,
        usage: x509.KeyUsage | None = None,
    ) -> Credential:
        """A certificate for a key, an RSA one unless given."""
        key = rsa_key(common_name) if key is None else key
        parts = [(NameOID.COMMON_NAME, common_name)]
        if serial_number:
            parts.append((NameOID.SERIAL_NUMBER, serial_number))
        subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])
        return Credential(key=key, certificate=self._signed(subject, key, usage, starts, ends))

    def _signed(
        self,
        subject: x509.Name,
        key: PrivateKey,
        extension: x509.ExtensionType | None,
        starts: timedelta,
        ends: timedelta,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + starts)
            .not_valid_after(now + ends)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        if extension is not None:
            builder = builder.add_extension(extension, critical=True)
        return builder.sign(self._key, hashes.SHA256())


def pem_of(*certificates: x509.Certificate) -> bytes:
    """Certificates as a file holds them."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def write_key(file: Path, credential: Credential, *chain: x509.Certificate) -> Path:
    """A private key with its certificate in one file."""
    key = credential.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.touch(mode=0o600)
    file.write_bytes(key + pem_of(credential.certificate, *chain))
    return file


def identity_of(credential: Credential | None = None, *, number: str = "", ssin: Ssin | None = None) -> Identity:
    """A caller who is known by his certificate, by his number, or by both."""
    fingerprint = "" if credential is None else credential.certificate.fingerprint(hashes.SHA256()).hex()
    return Identity(
        quality="doctor", number=number, ssin=ssin, is_organisation=False, certificate=fingerprint, token_id=""
    )


@dataclass(frozen=True)
class ClockAhead:
    """The time of day, and something more."""

    ahead: timedelta

    def now(self) -> datetime:
        """Now, as this clock has it."""
        return datetime.now(UTC) + self.ahead


@dataclass
class Sealers:
    """A folder with an authority, a depot, a hub and a family doctor who trust the authority."""

    folder: Path
    authority: Authority = field(default_factory=Authority)

    def __post_init__(self) -> None:
        self.depot = self.folder / "depot"
        self.depot.mkdir()
        self.anchors = self.folder / "anchors.pem"
        self.anchors.write_bytes(pem_of(self.authority.certificate))
        self.hub_signing = self.credential_file("hub-signing", "EHP=1990000728")
        self.hub_key = self.credential_file("hub", "EHP=1990000728, ENCRYPTION")
        self.gp_key = self.credential_file("gp", GP_NAME)
        self.give(HUB_ACTOR, self.certificate_in(self.hub_key))
        self.give(GP_ACTOR, self.certificate_in(self.gp_key))

    def credential_file(self, name: str, common_name: str) -> Path:
        """A new certificate with its key."""
        return write_key(self.folder / f"{name}.pem", self.authority.issue(common_name))

    @staticmethod
    def certificate_in(file: Path) -> x509.Certificate:
        """The certificate of a key in a file."""
        return x509.load_pem_x509_certificate(file.read_bytes())

    def give(self, actor: EncryptionActor, *certificates: x509.Certificate) -> None:
        """Put certificates into the depot."""
        (self.depot / str(file_name(actor))).write_bytes(pem_of(*certificates))

    def hub(self, *, keys: Sequence[Path] = (), content: int = 1 << 20, ahead: timedelta = timedelta()) -> CmsSealing:
        """The hub's end; its clock may be ahead."""
        return self.sealing(self.hub_signing, keys or (self.hub_key,), content=content, ahead=ahead)

    def gp(self) -> CmsSealing:
        """The doctor's end."""
        return self.sealing(self.gp_key, (self.gp_key,))

    def sealer(self, credential: Credential) -> CmsSealing:
        """The end of somebody who signs with this."""
        return self.sealing(write_key(self.folder / "other.pem", credential), (self.gp_key,))

    def sealing(
        self, signing: Path, keys: Sequence[Path], *, content: int = 1 << 24, ahead: timedelta = timedelta()
    ) -> CmsSealing:
        """One end."""
        return CmsSealing(
            openssl=Openssl.found(seconds=20),
            signing=CertifiedKeyFiles(signing, signing),
            decryption=[CertifiedKeyFiles(key, key, decrypts=True) for key in keys],
            anchors=self.anchors,
            depot=FolderDepot(self.depot),
            clock=ClockAhead(ahead),
            limits=SealingLimits(content=content, age=timedelta(minutes=5), skew=timedelta(minutes=5)),
        )


def openssl_cms(*arguments: str, content: bytes) -> bytes:
    """What the program itself makes of this."""
    return openssl_run("cms", "-binary", *arguments, content=content)


def openssl_run(*arguments: str, content: bytes = b"") -> bytes:
    """What any command of the program says."""
    done = subprocess.run(["openssl", *arguments], input=content, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def signed_by_openssl(content: bytes, key: Path, *options: str) -> bytes:
    """A SignedData, by SHA-256 unless told otherwise."""
    chosen = options if "-md" in options else ("-md", "sha256", *options)
    return openssl_cms("-sign", "-nodetach", "-outform", "DER", "-signer", str(key), *chosen, content=content)


def encrypted_by_openssl(content: bytes, certificate: Path, *options: str, cipher: str = "aes-256-cbc") -> bytes:
    """An EnvelopedData."""
    return openssl_cms(
        "-encrypt", "-outform", "DER", f"-{cipher}", "-recip", str(certificate), *options, content=content
    )
