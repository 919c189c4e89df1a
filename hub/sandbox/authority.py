"""The invented certificate authority of a sandbox: who gets which certificate, and what stands in it.

Every subject carries the organisation by which a hub in strict mode recognises and refuses these certificates. People
have either form that is met in the field: an identity card (an EC key, the national number as serial number) or an
eHealth certificate (an RSA key, kind and number as common name), which organisations always have.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from hub.domain.encryption import EncryptionActor
from hub.sandbox.signatories import Signatory
from hub.wire.certificates import SANDBOX_ORGANISATION
from hub.wire.security.credential import Credential, PrivateKey

_VALIDITY = timedelta(days=3653)
_LEEWAY = timedelta(days=1)
"""A machine whose clock is behind should find them valid too."""
_Attributes = Sequence[tuple[ObjectIdentifier, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Issues certificates, all valid from `now` on for ten years."""

    credential: Credential
    now: datetime

    @classmethod
    def make(cls, now: datetime, *, key: PrivateKey | None = None) -> Self:
        """A new authority, on an EC key unless it is given another one."""
        key = key or _ec_key()
        subject = _subject([(NameOID.COMMON_NAME, "Invented Certificate Authority")])
        usage = _usage(key_cert_sign=True, crl_sign=True)
        unsigned = _certificate(key, subject, now, [usage, x509.BasicConstraints(ca=True, path_length=0)])
        certificate = _signed(unsigned, key, subject)
        return cls(credential=Credential(key=key, certificate=certificate), now=now)

    def issue_to(self, signatory: Signatory) -> Credential:
        """What a signatory signs with."""
        key = _ec_key() if signatory.has_identity_card else _rsa_key()
        attributes = _of_identity_card(signatory) if signatory.has_identity_card else _of_ehealth(signatory)
        return self.issue(key, attributes, _usage(digital_signature=True, content_commitment=True))

    def issue_for_encryption(self, actor: EncryptionActor, name: str) -> Credential:
        """What an actor's documents are sealed for."""
        attributes = [(NameOID.ORGANIZATIONAL_UNIT_NAME, name), (NameOID.COMMON_NAME, actor.name)]
        return self.issue(_rsa_key(), attributes, _usage(key_encipherment=True, data_encipherment=True))

    def issue_to_token_service(self) -> Credential:
        """What assertions are signed with."""
        attributes = [(NameOID.COMMON_NAME, "Invented Security Token Service")]
        return self.issue(_rsa_key(), attributes, _usage(digital_signature=True))

    def issue_to_server(self) -> Credential:
        """What servers on this machine prove to be themselves with, over TLS."""
        names = x509.SubjectAlternativeName(
            [
                x509.DNSName("localhost"),
                x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                x509.IPAddress(ipaddress.ip_address("::1")),
            ]
        )
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        return self.issue(
            _ec_key(), [(NameOID.COMMON_NAME, "localhost")], _usage(digital_signature=True), names, purpose
        )

    def issue(self, key: PrivateKey, attributes: _Attributes, *extensions: x509.ExtensionType) -> Credential:
        """A certificate for a key; the organisation is added to the subject."""
        constraints = x509.BasicConstraints(ca=False, path_length=None)
        unsigned = _certificate(key, _subject(attributes), self.now, [*extensions, constraints])
        certificate = _signed(unsigned, self.credential.key, self.credential.certificate.subject)
        return Credential(key=key, certificate=certificate)


def _of_identity_card(signatory: Signatory) -> _Attributes:
    return [
        (NameOID.COMMON_NAME, f"{signatory.name} (Authentication)"),
        (NameOID.SURNAME, signatory.familyname),
        (NameOID.GIVEN_NAME, signatory.firstname),
        (NameOID.SERIAL_NUMBER, signatory.inss),
    ]


def _of_ehealth(signatory: Signatory) -> _Attributes:
    return [(NameOID.ORGANIZATIONAL_UNIT_NAME, signatory.name), (NameOID.COMMON_NAME, signatory.certified_number)]


def _subject(attributes: _Attributes) -> x509.Name:
    common = [(NameOID.COUNTRY_NAME, "BE"), (NameOID.ORGANIZATION_NAME, SANDBOX_ORGANISATION)]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in (*common, *attributes)])


def _certificate(
    key: PrivateKey, subject: x509.Name, now: datetime, extensions: Sequence[x509.ExtensionType]
) -> x509.CertificateBuilder:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LEEWAY)
        .not_valid_after(now + _VALIDITY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    for extension in extensions:
        critical = isinstance(extension, x509.BasicConstraints | x509.KeyUsage)
        builder = builder.add_extension(extension, critical=critical)
    return builder


def _signed(builder: x509.CertificateBuilder, key: PrivateKey, issuer: x509.Name) -> x509.Certificate:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    return builder.issuer_name(issuer).add_extension(identifier, critical=False).sign(key, hashes.SHA256())


def _usage(**uses: bool) -> x509.KeyUsage:
    every = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{use: uses.get(use, False) for use in every})


def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())
