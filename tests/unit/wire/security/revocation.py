"""Revocation lists of invented authorities."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from hub.wire.security.credential import Credential


def list_of(
    authority: Credential,
    withdrawn: Sequence[x509.Certificate],
    now: datetime,
    *,
    issuer: x509.Name | None = None,
    valid: timedelta = timedelta(days=1),
) -> x509.CertificateRevocationList:
    """What an authority says, or signs in the name of another one."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer or authority.certificate.subject)
        .last_update(now - timedelta(days=7))
        .next_update(now + valid)
    )
    for certificate in withdrawn:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(now).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(authority.key, hashes.SHA256())
