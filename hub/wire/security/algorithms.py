"""The algorithms that are allowed, and nothing else (security facts, part 1.5: allow list and SHA-1 policy)."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from hub.wire.namespaces import EXCLUSIVE_C14N
from hub.wire.security.refusal import Cause, SecurityRefusal

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
_Verify = Callable[[PublicKey, bytes, bytes], bool]

ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
SHA1_DIGEST: Final = "http://www.w3.org/2000/09/xmldsig#sha1"
RSA_SHA1: Final = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
SHA256_DIGEST: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
FEWEST_RSA_BITS: Final = 2048
CURVES: Final[Mapping[str, type[ec.EllipticCurve]]] = {
    "urn:oid:1.2.840.10045.3.1.7": ec.SECP256R1,
    "urn:oid:1.3.132.0.34": ec.SECP384R1,
    "urn:oid:1.3.132.0.35": ec.SECP521R1,
}
"""By the name that a bare key gives its curve."""


def require_exclusive(algorithm: str | None, where: str) -> None:
    """Only exclusive canonicalisation without comments. Raises SecurityRefusal."""
    if algorithm != EXCLUSIVE_C14N:
        raise _not_allowed(where, EXCLUSIVE_C14N, algorithm)


def digest(algorithm: str | None, data: bytes, where: str, *, allow_sha1: bool) -> bytes:
    """The digest of a canonical form. Raises SecurityRefusal for an algorithm that is not allowed."""
    compute = _DIGESTS.get(algorithm or "")
    if compute is None and algorithm == SHA1_DIGEST and allow_sha1:
        compute = _sha1
    if compute is None:
        raise _not_allowed(where, " or ".join(_DIGESTS), algorithm)
    return compute(data).digest()


def signs(key: PublicKey, algorithm: str | None, data: bytes, value: bytes, where: str, *, allow_sha1: bool) -> bool:
    """Whether the value is this key's signature. Raises SecurityRefusal for an algorithm that is not allowed.

    The algorithm has to be one of the kind of key that we trust: a message cannot choose another. That the key is
    strong was asked when it was read.
    """
    allowed = _RSA if isinstance(key, rsa.RSAPublicKey) else _ECDSA
    verify = allowed.get(algorithm or "")
    if verify is None and algorithm == RSA_SHA1 and allow_sha1 and isinstance(key, rsa.RSAPublicKey):
        verify = _RSA_SHA1
    if verify is None:
        raise _not_allowed(where, " or ".join(allowed), algorithm)
    return verify(key, value, data)


def strong(key: object, where: str) -> PublicKey:
    """The key, if it is RSA of 2048 bits at least or on a curve of NIST from 256 bits on. Raises SecurityRefusal."""
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < FEWEST_RSA_BITS:
            raise _weak(where, f"RSA of {key.key_size} bits")
        return key
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise _weak(where, type(key).__name__)
    if not isinstance(key.curve, tuple(CURVES.values())):
        raise _weak(where, key.curve.name)
    return key


def _not_allowed(where: str, expected: str, algorithm: str | None) -> SecurityRefusal:
    return SecurityRefusal(Cause.ALGORITHM_NOT_ALLOWED, where=where, expected=expected, arrived=algorithm or "none")


def _weak(where: str, arrived: str) -> SecurityRefusal:
    expected = f"RSA of {FEWEST_RSA_BITS} bits or more, or P-256, P-384, P-521"
    return SecurityRefusal(Cause.KEY_TOO_WEAK, where=where, expected=expected, arrived=arrived)


def _rsa(scheme: padding.AsymmetricPadding, algorithm: hashes.HashAlgorithm) -> _Verify:
    def verify(key: PublicKey, value: bytes, data: bytes) -> bool:
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        try:
            key.verify(value, data, scheme, algorithm)
        except InvalidSignature:
            return False
        return True

    return verify


def _ecdsa(algorithm: hashes.HashAlgorithm) -> _Verify:
    def verify(key: PublicKey, value: bytes, data: bytes) -> bool:
        """XML writes both numbers one after the other, each as long as the curve's."""
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        length = (key.curve.key_size + 7) // 8
        if len(value) != 2 * length:
            return False
        r, s = int.from_bytes(value[:length], "big"), int.from_bytes(value[length:], "big")
        try:
            key.verify(encode_dss_signature(r, s), data, ec.ECDSA(algorithm))
        except InvalidSignature:
            return False
        return True

    return verify


def _pss() -> padding.PSS:
    """As the identifier fixes it: mask by SHA-256, a salt as long as the digest (RFC 6931, part 2.3.10)."""
    return padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)


_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_DIGESTS: Mapping[str, Callable[[bytes], "hashlib._Hash"]] = {
    SHA256_DIGEST: hashlib.sha256,
    f"{_MORE}sha384": hashlib.sha384,
    "http://www.w3.org/2001/04/xmlenc#sha512": hashlib.sha512,
}
_sha1 = partial(hashlib.sha1, usedforsecurity=False)  # only for callers that the configuration names
_RSA: Mapping[str, _Verify] = {
    RSA_SHA256: _rsa(padding.PKCS1v15(), hashes.SHA256()),
    f"{_MORE}rsa-sha384": _rsa(padding.PKCS1v15(), hashes.SHA384()),
    f"{_MORE}rsa-sha512": _rsa(padding.PKCS1v15(), hashes.SHA512()),
    "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1": _rsa(_pss(), hashes.SHA256()),
}
_ECDSA: Mapping[str, _Verify] = {
    ECDSA_SHA256: _ecdsa(hashes.SHA256()),
    f"{_MORE}ecdsa-sha384": _ecdsa(hashes.SHA384()),
    f"{_MORE}ecdsa-sha512": _ecdsa(hashes.SHA512()),
}
_RSA_SHA1 = _rsa(padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - only for callers that the configuration names
