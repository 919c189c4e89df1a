"""Writing an XML signature over parts of a tree (XML-DSig; the choices of security facts, 1.3).

What is digested is the canonical form of the parsed tree: exactly what whoever parses the written text will see.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from hub.wire.namespaces import EXCLUSIVE_C14N, SIGNATURE, SIGNATURE_11
from hub.wire.security.algorithms import CURVES, PublicKey
from hub.wire.security.credential import PrivateKey
from hub.wire.xml import parse

HashName = Literal["sha256", "sha384", "sha512"]

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_HASHES: dict[HashName, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_DIGESTS: dict[HashName, str] = {
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": f"{_MORE}sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
}


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest method: its name on the wire, and what it does."""

    uri: str
    compute: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Method:
    """A signature method with its key: its name on the wire, and what it does."""

    uri: str
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Reference:
    """A part to sign: its id, the element, and what a verifier does before it digests that."""

    id: str
    element: etree._Element
    transforms: tuple[str, ...] = (EXCLUSIVE_C14N,)


def digest_named(name: HashName) -> Digest:
    """A digest of the SHA-2 family."""
    return Digest(_DIGESTS[name], lambda data: hashlib.new(name, data).digest())


def method_for(key: PrivateKey, name: HashName = "sha256", *, pss: bool = False) -> Method:
    """What a key signs with: RSA with the padding of PKCS #1 or with PSS (SHA-256 only by name), or ECDSA."""
    algorithm = _HASHES[name]
    if not isinstance(key, RSAPrivateKey):
        size = (key.curve.key_size + 7) // 8
        return Method(f"{_MORE}ecdsa-{name}", lambda data: _raw(key.sign(data, ec.ECDSA(algorithm)), size))
    if pss:
        fill = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
        uri = f"http://www.w3.org/2007/05/xmldsig-more#{name}-rsa-MGF1"
        return Method(uri, lambda data: key.sign(data, fill, algorithm))
    return Method(f"{_MORE}rsa-{name}", lambda data: key.sign(data, padding.PKCS1v15(), algorithm))


def canonical(element: etree._Element) -> bytes:
    """The exclusive canonical form, without comments."""
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def write_signature(
    references: Sequence[Reference], method: Method, digest: Digest, *, key_info: str, signature_id: str = ""
) -> str:
    """A `ds:Signature` over the references; `key_info` is the whole element of that name."""
    identity = f' Id="{signature_id}"' if signature_id else ""
    start, end = f'<ds:Signature xmlns:ds="{SIGNATURE}"{identity}>', "</ds:Signature>"
    signed_info = "".join(
        (
            f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"/>',
            f'<ds:SignatureMethod Algorithm="{method.uri}"/>',
            *(_write_reference(reference, digest) for reference in references),
            "</ds:SignedInfo>",
        )
    )
    value = method.sign(canonical(parse(f"{start}{signed_info}{end}".encode())[0]))
    return f"{start}{signed_info}<ds:SignatureValue>{_base64(value)}</ds:SignatureValue>{key_info}{end}"


def write_x509_data(certificate: x509.Certificate) -> str:
    """A certificate, as what `ds:KeyInfo` holds."""
    der = certificate.public_bytes(Encoding.DER)
    return f"<ds:X509Data><ds:X509Certificate>{_base64(der)}</ds:X509Certificate></ds:X509Data>"


def write_key_value(key: PublicKey) -> str:
    """A bare key, as what `ds:KeyInfo` holds."""
    if isinstance(key, RSAPublicKey):
        numbers = key.public_numbers()
        return (
            f"<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{_base64(_big_endian(numbers.n))}</ds:Modulus>"
            f"<ds:Exponent>{_base64(_big_endian(numbers.e))}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>"
        )
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return (
        f'<ds:KeyValue><dsig11:ECKeyValue xmlns:dsig11="{SIGNATURE_11}">'
        f'<dsig11:NamedCurve URI="{_name_of(key.curve)}"/><dsig11:PublicKey>{_base64(point)}</dsig11:PublicKey>'
        "</dsig11:ECKeyValue></ds:KeyValue>"
    )


def _name_of(curve: ec.EllipticCurve) -> str:
    return next(name for name, kind in CURVES.items() if isinstance(curve, kind))


def _write_reference(reference: Reference, digest: Digest) -> str:
    transforms = "".join(f'<ds:Transform Algorithm="{uri}"/>' for uri in reference.transforms)
    value = _base64(digest.compute(canonical(reference.element)))
    return (
        f'<ds:Reference URI="#{reference.id}"><ds:Transforms>{transforms}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest.uri}"/><ds:DigestValue>{value}</ds:DigestValue></ds:Reference>'
    )


def _raw(signature: bytes, size: int) -> bytes:
    """The two numbers of an ECDSA signature one after the other, as XML has them, instead of ASN.1."""
    r, s = decode_dss_signature(signature)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _big_endian(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
