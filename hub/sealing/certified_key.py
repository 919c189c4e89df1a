"""The hub's own private keys with their certificates, each in one PEM file that is read again when it changes."""

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
    def read(cls, file: Path, *, decrypts: bool = False) -> Self:
        """From a PEM file: the private key without a password, its certificate, then those to the root.

        Raises OSError, or ValueError saying what is wanted.
        """
        data = file.read_bytes()
        try:
            credential = Credential.from_pem(data, data)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{file}: a private key without a password and its certificate are wanted, PEM") from error
        key = credential.key
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size < FEWEST_RSA_BITS:
            raise ValueError(f"{file}: an RSA key of {FEWEST_RSA_BITS} bits or more is wanted")
        if decrypts and not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError(f"{file}: an RSA key is wanted, for callers seal for such keys only")
        if credential.certificate.public_key() != key.public_key():
            raise ValueError(f"{file}: the first certificate must be that of the private key")
        return cls(credential, tuple(x509.load_pem_x509_certificates(data)[1:]))


class CertifiedKeyFile:
    """A certified key that follows its file: a new one is in force as soon as it is there, without a restart."""

    def __init__(self, file: Path, *, decrypts: bool = False) -> None:
        """Raises OSError or ValueError when it will not do."""
        self.file, self._decrypts = file, decrypts
        self._seen, self._read = self._stamp(), CertifiedKey.read(file, decrypts=decrypts)

    def current(self) -> CertifiedKey:
        """What the file holds now; what it held before, as long as that cannot be read."""
        try:
            if (seen := self._stamp()) != self._seen:
                self._read, self._seen = CertifiedKey.read(self.file, decrypts=self._decrypts), seen
        except (OSError, ValueError):
            pass
        return self._read

    def _stamp(self) -> tuple[int, int, int]:
        state = self.file.stat()
        return state.st_mtime_ns, state.st_size, state.st_ino
