"""A holder is one key: in one certificate, or bare."""

from base64 import b64encode
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from hub.wire.namespaces import SIGNATURE
from hub.wire.security.credential import Credential
from hub.wire.security.holders import KnownCertificates, decoded, holder_of, read_holder
from hub.wire.security.refusal import Cause
from hub.wire.security.signature_writing import write_key_value, write_x509_data
from tests.credentials import ec_credential, rsa_credential, self_signed
from tests.unit.wire.security.refusing import refused

CREDENTIALS = pytest.mark.parametrize(
    "credential",
    [
        rsa_credential(),
        ec_credential(),
        self_signed(ec.generate_private_key(ec.SECP384R1()), "nobody"),
        self_signed(ec.generate_private_key(ec.SECP521R1()), "nobody"),
    ],
    ids=["RSA", "P-256", "P-384", "P-521"],
)
USUAL = write_x509_data(ec_credential().certificate)
BARE = write_key_value(ec_credential().key.public_key())
BARE_RSA = write_key_value(rsa_credential().key.public_key())
POINT = ec_credential().key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def key_info(content: str) -> etree._Element:
    return etree.fromstring(f'<ds:KeyInfo xmlns:ds="{SIGNATURE}">{content}</ds:KeyInfo>')


@CREDENTIALS
def test_a_certificate_and_the_bare_key_in_it_are_of_one_key(credential: Credential) -> None:
    certified = read_holder(key_info(write_x509_data(credential.certificate)), "here")
    bare = read_holder(key_info(write_key_value(credential.key.public_key())), "here")
    assert certified.key == bare.key == credential.key.public_key()
    assert certified.key_digest == bare.key_digest
    assert certified.certificate == credential.certificate
    assert bare.certificate is None
    assert (len(certified.fingerprint), bare.fingerprint) == (64, "")


def test_the_same_holder_has_the_same_key_and_the_same_certificate() -> None:
    holder = holder_of(ec_credential().der, "here")
    assert holder.is_same(holder_of(ec_credential().der, "there"))
    assert not holder.is_same(replace(holder, certificate=None))
    assert not holder.is_same(holder_of(rsa_credential().der, "here"))


@pytest.mark.parametrize(
    "content",
    [
        "",
        USUAL + USUAL,
        USUAL.replace("X509Data", "PGPData"),
        USUAL.replace("X509Certificate", "X509SKI"),
        USUAL.replace("</ds:X509Data>", "<ds:X509Certificate>QUJD</ds:X509Certificate></ds:X509Data>"),
        "<ds:X509Data><ds:X509Certificate/></ds:X509Data>",
        "<ds:X509Data><ds:X509Certificate>?</ds:X509Certificate></ds:X509Data>",
        "<ds:X509Data><ds:X509Certificate><b/>QUJD</ds:X509Certificate></ds:X509Data>",
        "<ds:X509Data><ds:X509Certificate>QUJD</ds:X509Certificate></ds:X509Data>",
        "<ds:KeyValue/>",
        BARE.replace("</ds:KeyValue>", "<ds:more/></ds:KeyValue>"),
        BARE.replace("ECKeyValue", "DSAKeyValue"),
        BARE.replace("urn:oid:1.2.840.10045.3.1.7", "urn:oid:1.3.132.0.10"),
        BARE.replace("urn:oid:1.2.840.10045.3.1.7", "urn:oid:1.3.132.0.34"),
        BARE.replace(b64encode(POINT).decode(), b64encode(POINT[:-1] + bytes([POINT[-1] ^ 1])).decode()),
        BARE.replace(b64encode(POINT).decode(), "AA=="),
        BARE_RSA.replace("Modulus", "P"),
        BARE_RSA.replace("AQAB", "AQAA"),
        BARE_RSA.replace("AQAB", ""),
        BARE_RSA.replace("<ds:Exponent>", "<ds:Exponent>AQAB</ds:Exponent><ds:Exponent>"),
        BARE_RSA.replace("<ds:Modulus>", f"<ds:Modulus>{b64encode(b'x' * 1025).decode()}"),
        (
            f"<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{b64encode(b'x' * 1025).decode()}</ds:Modulus>"
            "<ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>"
        ),
    ],
)
def test_what_is_not_one_key_is_malformed(content: str) -> None:
    with refused(Cause.CERTIFICATE_MALFORMED, "here"):
        read_holder(key_info(content), "here")


def test_a_weak_key_is_refused_for_what_it_is_however_it_is_written() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    for content in (write_key_value(key.public_key()), write_x509_data(self_signed(key, "nobody").certificate)):
        with refused(Cause.KEY_TOO_WEAK, "here"):
            read_holder(key_info(content), "here")


def test_a_key_so_long_that_checking_takes_long_is_refused() -> None:
    # Built from numbers: to generate a key of this length takes minutes.
    long = rsa.RSAPublicNumbers(65537, (1 << 8200) + 1).public_key()
    issuer = self_signed(rsa_credential().key, "nobody")
    with refused(Cause.CERTIFICATE_MALFORMED):
        holder_of(_certificate_for(long, issuer), "here")


def _certificate_for(key: rsa.RSAPublicKey, issuer: Credential) -> bytes:
    certificate = issuer.certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(certificate.subject)
        .issuer_name(certificate.subject)
        .public_key(key)
        .serial_number(1)
        .not_valid_before(certificate.not_valid_before_utc)
        .not_valid_after(certificate.not_valid_after_utc)
    )
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_a_certificate_of_a_version_that_there_is_not_is_malformed() -> None:
    """The library has an error of its own for this one."""
    version_3, version_67 = b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x42"
    with refused(Cause.CERTIFICATE_MALFORMED, "here"):
        holder_of(ec_credential().der.replace(version_3, version_67, 1), "here")


def test_base64_may_be_broken_into_lines_and_nothing_else() -> None:
    assert decoded(etree.fromstring("<a> QU\r\n JD </a>")) == b"ABC"
    for written in ("<a>QU-_</a>", "<a>QUJ</a>", "<a>é</a>", "<a>QUJD<b/></a>"):
        with pytest.raises(ValueError, match=r"base64|ASCII|elements"):
            decoded(etree.fromstring(written))


def test_a_certificate_that_is_known_is_not_read_again_and_there_is_an_end_to_knowing() -> None:
    known = KnownCertificates(most=1)
    one, other = (write_certificate(credential) for credential in (ec_credential(), rsa_credential()))
    first = known.holder_of(one, "here")
    assert known.holder_of(one, "here") is first
    assert known.holder_of(other, "here") is not first
    assert known.holder_of(one, "here") is not first


def write_certificate(credential: Credential) -> etree._Element:
    return key_info(write_x509_data(credential.certificate))[0][0]
