"""The hub's own private keys with their certificates, in PEM files that are read again when they change."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from hub.wire.security.credential import Credential

FEWEST_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """A credential, and the certificates that lead from it to a root."""

    credential: Credential
    chain: tuple[x509.Certificate, ...]

    @classmethod
    def read(cls, key_file: Path, certificate_file: Path, *, decrypts: bool = False) -> Self:
        """From PEM files: the private key without a password; its certificate, then those to the root.

        Raises OSError, or ValueError saying what is wanted.
        """
        key_text, certificates = key_file.read_bytes(), certificate_file.read_bytes()
        try:
            credential = Credential.from_pem(key_text, certificates)
            first, *chain = x509.load_pem_x509_certificates(certificates)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"a private key without a password in {key_file} and its certificate in {certificate_file} are wanted, "
                "both as PEM"
            ) from error
        key = credential.key
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size < FEWEST_RSA_BITS:
            raise ValueError(f"{key_file}: an RSA key of {FEWEST_RSA_BITS} bits or more is wanted")
        if decrypts and not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError(f"{key_file}: an RSA key is wanted, for callers seal for such keys only")
        if first.public_key() != key.public_key():
            raise ValueError(f"{certificate_file}: the first certificate must be that of the key in {key_file}")
        return cls(credential, tuple(chain))


class CertifiedKeyFiles:
    """A certified key that follows its files: a new one is in force as soon as it is there, without a restart."""

    def __init__(self, key_file: Path, certificate_file: Path, *, decrypts: bool = False) -> None:
        """Raises OSError or ValueError when they will not do."""
        self.key_file, self.certificate_file, self._decrypts = key_file, certificate_file, decrypts
        self._seen, self._read = self._stamps(), self._now()

    def current(self) -> CertifiedKey:
        """What the files hold now; what they held before, as long as that cannot be read."""
        try:
            if (seen := self._stamps()) != self._seen:
                self._read, self._seen = self._now(), seen
        except (OSError, ValueError):
            pass
        return self._read

    def hold_current(self) -> bool:
        """Whether the files hold what `current` gives: not while they are replaced, and not when they will not do."""
        try:
            return self._stamps() == self._seen
        except OSError:
            return False

    def _now(self) -> CertifiedKey:
        return CertifiedKey.read(self.key_file, self.certificate_file, decrypts=self._decrypts)

    def _stamps(self) -> list[tuple[int, int, int]]:
        states = [file.stat() for file in (self.key_file, self.certificate_file)]
        return [(state.st_mtime_ns, state.st_size, state.st_ino) for state in states]
