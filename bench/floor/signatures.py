"""The floor of verification: canonical forms, digests and the two keys, and no question asked beyond.

What no verifier can leave out, on messages as the benchmarks write them: every element is where they put it. Nothing
of an attack is noticed, no time and no certificate is looked at.
"""

import base64
import hashlib
from collections.abc import Mapping

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from hub.wire.namespaces import ASSERTION, SECURITY_UTILITY, SIGNATURE
from hub.wire.security.algorithms import PublicKey

HOLDER = f".//{{{ASSERTION}}}SubjectConfirmation//{{{SIGNATURE}}}X509Certificate"
"""Where an assertion has the certificate of whom it is about."""

_ID = f"{{{SECURITY_UTILITY}}}Id"
_SHA256 = hashes.SHA256()
_PADDING = padding.PKCS1v15()
_ECDSA = ec.ECDSA(_SHA256)


class BareVerification:
    """Verifies messages; with `remembers`, the assertion of one is known again when it is the same byte by byte."""

    def __init__(self, token_service: x509.Certificate, *, remembers: bool) -> None:
        self._token_service = _key_of(token_service)
        self._holders: dict[bytes, PublicKey] | None = {} if remembers else None

    def verify(self, envelope: etree._Element) -> None:
        """Both signatures. Raises ValueError."""
        header, body = envelope
        timestamp, assertion, signature = header[0]
        _verify(signature, self._holder(assertion), {body.get(_ID): body, timestamp.get(_ID): timestamp})

    def _holder(self, assertion: etree._Element) -> PublicKey:
        if self._holders is None:
            return self._verified(assertion)
        digest = hashlib.sha256(_canonical(assertion)).digest()
        holder = self._holders.get(digest)
        if holder is None:
            holder = self._holders[digest] = self._verified(assertion)
        return holder

    def _verified(self, assertion: etree._Element) -> PublicKey:
        """The key of whom the assertion names, which the token service has signed."""
        signature = assertion[-1]
        _check_value(signature, self._token_service)
        assertion.remove(signature)
        try:
            _check_digest(signature[0][2], assertion)
        finally:
            assertion.append(signature)
        certificate = base64.b64decode(assertion.findtext(HOLDER, ""))
        return _key_of(x509.load_der_x509_certificate(certificate))


def _verify(signature: etree._Element, key: PublicKey, parts: Mapping[str | None, etree._Element]) -> None:
    for reference in list(signature[0])[2:]:
        _check_digest(reference, parts[reference.get("URI", "")[1:]])
    _check_value(signature, key)


def _check_digest(reference: etree._Element, part: etree._Element) -> None:
    if base64.b64decode(reference[2].text or "") != hashlib.sha256(_canonical(part)).digest():
        raise ValueError("a digest differs")


def _check_value(signature: etree._Element, key: PublicKey) -> None:
    signed, value = _canonical(signature[0]), base64.b64decode(signature[1].text or "")
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(value, signed, _PADDING, _SHA256)
        else:
            half = len(value) // 2
            r, s = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
            key.verify(encode_dss_signature(r, s), signed, _ECDSA)
    except InvalidSignature as error:
        raise ValueError("a signature differs") from error


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def _key_of(certificate: x509.Certificate) -> PublicKey:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise ValueError("neither an RSA nor an EC key")  # noqa: TRY004 - a file is wrong
    return key
