"""The key that a caller proves to hold: of an X.509 certificate, or bare (XML Signature 1.1, KeyInfo)."""

import binascii
import hashlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from hub.wire.namespaces import SIGNATURE, SIGNATURE_11
from hub.wire.security.algorithms import CURVES, PublicKey, strong
from hub.wire.security.refusal import Cause, SecurityRefusal
from hub.wire.xml import only_text

_DS = f"{{{SIGNATURE}}}"
_CERTIFICATE = f"{_DS}X509Certificate"
_DS_11 = f"{{{SIGNATURE_11}}}"
_MOST_BITS = 8192
"""Of an RSA modulus: checking with a longer one takes long."""


_UNREADABLE = (ValueError, TypeError, KeyError, UnsupportedAlgorithm, x509.InvalidVersion)
"""What the library raises for a certificate or a key that is none."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who can make the signature: a key, its SHA-256, and the certificate it was given in, if any."""

    key: PublicKey
    key_digest: bytes
    certificate: x509.Certificate | None

    def is_same(self, other: "Holder") -> bool:
        """Whether it is the same key in the same certificate."""
        return self is other or (self.key_digest == other.key_digest and self.certificate == other.certificate)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate in hexadecimal; empty for a bare key."""
        if self.certificate is None:
            return ""
        return hashlib.sha256(self.certificate.public_bytes(Encoding.DER)).hexdigest()


class KnownCertificates:
    """Certificates that were read before, at most so many: the same ones come back every day.

    To be asked for those that a token service has signed for, so that nobody else can fill it. A certificate that is
    known is not trusted for that. Safe to use from several threads.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._holders: dict[str, Holder] = {}

    def holder_of(self, element: etree._Element, where: str) -> Holder:
        """The holder of the certificate in an X509Certificate. Raises SecurityRefusal."""
        written = unbroken(element)
        known = self._holders.get(written)
        if known is None:
            if len(self._holders) >= self._most:
                self._holders = {}
            known = self._holders[written] = holder_of(decoded(element), where)
        return known


def read_holder(key_info: etree._Element, where: str, *, certificates: KnownCertificates | None = None) -> Holder:
    """The holder that a KeyInfo describes by one certificate or one key value. Raises SecurityRefusal."""
    if len(key_info) != 1:
        raise _unreadable(where)
    (description,) = key_info
    try:
        if description.tag == f"{_DS}KeyValue" and len(description) == 1:
            return _holder(_read_key(description[0]), None, where)
        if description.tag == f"{_DS}X509Data" and (found := list(description.iterchildren(_CERTIFICATE))):
            (only,) = found
            return certificates.holder_of(only, where) if certificates else holder_of(decoded(only), where)
    except _UNREADABLE as error:
        raise _unreadable(where) from error
    raise _unreadable(where)


def holder_of(certificate: bytes, where: str) -> Holder:
    """The holder of a certificate in DER. Raises SecurityRefusal."""
    try:
        read = x509.load_der_x509_certificate(certificate)
        return _holder(read.public_key(), read, where)
    except _UNREADABLE as error:
        raise _unreadable(where) from error


def unbroken(element: etree._Element) -> str:
    """The text of an element without its white space, as base64 may be broken into lines. Raises ValueError."""
    return "".join(only_text(element).split())


def decoded(element: etree._Element) -> bytes:
    """The base64 content of an element. Raises ValueError."""
    try:
        return binascii.a2b_base64(unbroken(element), strict_mode=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error


def _holder(key: object, certificate: x509.Certificate | None, where: str) -> Holder:
    usable = strong(key, where)
    if usable.key_size > _MOST_BITS:
        raise _unreadable(where)
    written = usable.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Holder(usable, hashlib.sha256(written).digest(), certificate)


def _read_key(value: etree._Element) -> PublicKey:
    """An RSAKeyValue, or an ECKeyValue with a named curve. Raises ValueError."""
    parts = {child.tag: child for child in value}
    if value.tag == f"{_DS}RSAKeyValue" and len(parts) == len(value):
        exponent, modulus = (int.from_bytes(decoded(parts[_DS + name]), "big") for name in ("Exponent", "Modulus"))
        if modulus.bit_length() > _MOST_BITS:
            raise ValueError("too long")
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    if value.tag == f"{_DS_11}ECKeyValue" and len(parts) == len(value):
        curve = CURVES.get(parts[f"{_DS_11}NamedCurve"].get("URI", ""))
        if curve is not None:
            return ec.EllipticCurvePublicKey.from_encoded_point(curve(), decoded(parts[f"{_DS_11}PublicKey"]))
    raise ValueError("no key")


def _unreadable(where: str) -> SecurityRefusal:
    return SecurityRefusal(
        Cause.CERTIFICATE_MALFORMED,
        where=where,
        expected="one KeyInfo with one X509Data of one certificate, or with one KeyValue",
    )
