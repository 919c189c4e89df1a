"""A credential is read from PEM, and shows nothing of itself."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from hub.wire.security.credential import Credential
from tests.credentials import ec_credential, rsa_credential


@pytest.mark.parametrize("credential", [rsa_credential(), ec_credential()], ids=["RSA", "EC"])
def test_a_key_and_its_certificate_are_read_from_pem(credential: Credential) -> None:
    key = credential.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    read = Credential.from_pem(key, credential.certificate.public_bytes(Encoding.PEM))
    assert read.der == credential.der
    assert read.key.public_key() == credential.key.public_key()
    assert credential.certificate.subject.rfc4514_string() not in repr(read)


def test_a_key_of_another_kind_or_with_a_password_is_refused() -> None:
    certificate = ec_credential().certificate.public_bytes(Encoding.PEM)
    other = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    locked = ec_credential().key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"invented"))
    for key, says in ((other, "neither an RSA nor an EC key"), (locked, "encrypted")):
        with pytest.raises(TypeError, match=says):
            Credential.from_pem(key, certificate)
    with pytest.raises(ValueError, match="PEM"):
        Credential.from_pem(b"", certificate)
