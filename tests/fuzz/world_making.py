"""How the keys and certificates of the fixed world were made. To make them again makes the whole corpus useless.

python -m tests.fuzz.world_making
"""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hub.sandbox.authority import Authority
from hub.sandbox.people import load_people
from hub.wire.security.credential import Credential
from tests.fuzz.fixed_world import CALLERS, FOLDER, NOW, WITHDRAWN


def make_world() -> None:
    """Write every file of the folder."""
    authority, people = Authority.make(NOW), load_people()
    odd = authority.issue(
        ec.generate_private_key(ec.SECP256R1()), [(NameOID.COMMON_NAME, "Invented Odd Token Service")]
    )
    credentials = {
        "authority": authority.credential,
        "token_service": authority.issue_to_token_service(),
        "odd_token_service": odd,
    } | {key: authority.issue_to(people.signatories[key]) for key in CALLERS}
    for name, credential in credentials.items():
        (FOLDER / f"{name}.pem").write_bytes(_pem(credential))
    withdrawn = _list_of(authority, credentials[WITHDRAWN].certificate)
    (FOLDER / "withdrawn.pem").write_bytes(withdrawn.public_bytes(Encoding.PEM))


def _pem(credential: Credential) -> bytes:
    key = credential.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key + credential.certificate.public_bytes(Encoding.PEM)


def _list_of(authority: Authority, certificate: x509.Certificate) -> x509.CertificateRevocationList:
    entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(NOW).build()
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.credential.certificate.subject)
        .last_update(NOW)
        .next_update(NOW + timedelta(days=3650))
        .add_revoked_certificate(entry)
        .sign(authority.credential.key, hashes.SHA256())
    )


if __name__ == "__main__":
    make_world()
