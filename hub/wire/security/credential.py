"""A private key and the certificate that names its holder."""

from dataclasses import dataclass
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Credential:
    """What somebody signs with. Not shown."""

    key: PrivateKey
    certificate: x509.Certificate

    @classmethod
    def from_pem(cls, key: bytes, certificate: bytes) -> Self:
        """From PEM texts; the first certificate is taken.

        Raises ValueError when they are no PEM, TypeError for a key of another kind or one with a password.
        """
        private = load_pem_private_key(key, None)
        if not isinstance(private, PrivateKey):
            raise TypeError("neither an RSA nor an EC key")
        return cls(key=private, certificate=x509.load_pem_x509_certificate(certificate))

    @property
    def der(self) -> bytes:
        """The certificate as the bytes that a message carries."""
        return self.certificate.public_bytes(Encoding.DER)
