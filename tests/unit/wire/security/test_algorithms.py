"""Only the algorithms of the list count, each for the kind of key it is for; SHA-1 only where it is asked for."""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa

from hub.wire.namespaces import EXCLUSIVE_C14N
from hub.wire.security.algorithms import (
    ECDSA_SHA256,
    RSA_SHA1,
    RSA_SHA256,
    SHA1_DIGEST,
    PublicKey,
    digest,
    require_exclusive,
    signs,
    strong,
)
from hub.wire.security.credential import PrivateKey
from hub.wire.security.refusal import Cause
from hub.wire.security.signature_writing import HashName, digest_named, method_for
from tests.credentials import ec_credential, rsa_credential
from tests.unit.wire.security.refusing import refused

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
HASHES: tuple[HashName, ...] = ("sha256", "sha384", "sha512")
KEYS = {
    "RSA": rsa_credential().key,
    "P-256": ec_credential().key,
    "P-384": ec.generate_private_key(ec.SECP384R1()),
    "P-521": ec.generate_private_key(ec.SECP521R1()),
}


def is_signed(key: PublicKey, algorithm: str | None, value: bytes, *, allow_sha1: bool = False) -> bool:
    return signs(key, algorithm, b"text", value, "here", allow_sha1=allow_sha1)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("name", HASHES)
def test_what_a_key_signed_is_its_signature_and_nothing_else_is(key: PrivateKey, name: HashName) -> None:
    method = method_for(key, name)
    value = method.sign(b"text")
    assert is_signed(key.public_key(), method.uri, value)
    assert not signs(key.public_key(), method.uri, b"another text", value, "here", allow_sha1=False)
    assert not is_signed(key.public_key(), method.uri, value[:-1] + bytes([value[-1] ^ 1]))
    for length in (0, 1, len(value) - 1, len(value) + 1):
        assert not is_signed(key.public_key(), method.uri, (value + b"\0")[:length])


def test_pss_counts_with_the_mask_and_the_salt_that_its_name_fixes() -> None:
    key = rsa_credential().key
    method = method_for(key, pss=True)
    assert is_signed(key.public_key(), method.uri, method.sign(b"text"))
    assert isinstance(key, rsa.RSAPrivateKey)
    short = key.sign(b"text", padding.PSS(padding.MGF1(hashes.SHA256()), 20), hashes.SHA256())
    assert not is_signed(key.public_key(), method.uri, short)


@pytest.mark.parametrize("value", [bytes(64), b"\xff" * 64, bytes(32) + b"\1" * 32])
def test_numbers_that_no_curve_has_are_no_signature(value: bytes) -> None:
    assert not is_signed(ec_credential().key.public_key(), ECDSA_SHA256, value)


@pytest.mark.parametrize(
    "algorithm",
    [
        *(None, "", "none", "urn:x", f"{MORE}rsa-md5", f"{MORE}hmac-sha256", RSA_SHA1, ECDSA_SHA256),
        "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
        RSA_SHA256.upper(),
    ],
)
def test_an_rsa_key_signs_by_rsa_of_the_list_only(algorithm: str | None) -> None:
    with refused(Cause.ALGORITHM_NOT_ALLOWED, "here"):
        is_signed(rsa_credential().key.public_key(), algorithm, b"")


@pytest.mark.parametrize("algorithm", [RSA_SHA256, RSA_SHA1, f"{MORE}ecdsa-sha1"])
def test_an_ec_key_signs_by_ecdsa_of_the_list_only_even_where_sha1_counts(algorithm: str) -> None:
    with refused(Cause.ALGORITHM_NOT_ALLOWED):
        is_signed(ec_credential().key.public_key(), algorithm, b"", allow_sha1=True)


def test_sha1_counts_where_it_is_allowed() -> None:
    key = rsa_credential().key
    assert isinstance(key, rsa.RSAPrivateKey)
    value = key.sign(b"text", padding.PKCS1v15(), hashes.SHA1())
    assert is_signed(key.public_key(), RSA_SHA1, value, allow_sha1=True)
    assert not is_signed(key.public_key(), RSA_SHA256, value, allow_sha1=True)
    computed = digest(SHA1_DIGEST, b"text", "here", allow_sha1=True)
    assert computed == hashlib.sha1(b"text").digest()
    with refused(Cause.ALGORITHM_NOT_ALLOWED):
        digest(SHA1_DIGEST, b"text", "here", allow_sha1=False)


@pytest.mark.parametrize("name", HASHES)
def test_digests_are_those_of_sha_2(name: HashName) -> None:
    assert digest(digest_named(name).uri, b"text", "here", allow_sha1=False) == hashlib.new(name, b"text").digest()


@pytest.mark.parametrize("algorithm", [None, "", "sha256", f"{MORE}md5", "http://www.w3.org/2001/04/xmlenc#ripemd160"])
def test_no_other_digest_counts(algorithm: str | None) -> None:
    with refused(Cause.ALGORITHM_NOT_ALLOWED, "here"):
        digest(algorithm, b"", "here", allow_sha1=True)


def test_only_exclusive_canonicalisation_counts() -> None:
    require_exclusive(EXCLUSIVE_C14N, "here")
    for algorithm in (None, "", f"{EXCLUSIVE_C14N}WithComments", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"):
        with refused(Cause.ALGORITHM_NOT_ALLOWED, "here"):
            require_exclusive(algorithm, "here")


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_keys_of_today_are_strong(key: PrivateKey) -> None:
    public = key.public_key()
    assert strong(public, "here") is public


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(public_exponent=65537, key_size=1024),
        ec.generate_private_key(ec.SECP256K1()),
        ec.generate_private_key(ec.SECP224R1()),
        ec.generate_private_key(ec.BrainpoolP256R1()),
        ed25519.Ed25519PrivateKey.generate(),
        dsa.generate_private_key(key_size=2048),
    ],
    ids=["RSA 1024", "Bitcoin's curve", "P-224", "Brainpool", "Ed25519", "DSA"],
)
def test_other_keys_are_not(key: PrivateKey) -> None:
    with refused(Cause.KEY_TOO_WEAK, "here"):
        strong(key.public_key(), "here")
