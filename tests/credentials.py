"""Keys and self-signed certificates of nobody, for tests of signatures."""

from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from hub.wire.security.credential import Credential, PrivateKey


@cache
def rsa_credential(name: str = "nobody") -> Credential:
    """An RSA key of 2048 bits; the same one for the same name."""
    return self_signed(rsa.generate_private_key(public_exponent=65537, key_size=2048), name)


@cache
def ec_credential(name: str = "nobody") -> Credential:
    """An EC key on P-256; the same one for the same name."""
    return self_signed(ec.generate_private_key(ec.SECP256R1()), name)


def self_signed(key: PrivateKey, name: str) -> Credential:
    """A certificate for this key, by itself, valid for longer than any test."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2090, 1, 1, tzinfo=UTC))
    )
    return Credential(key=key, certificate=builder.sign(key, hashes.SHA256()))
