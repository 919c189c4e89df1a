"""X.509 certificates as files hold them: PEM, one or several (RFC 7468, RFC 5280)."""

import re
import ssl
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

SANDBOX_ORGANISATION: Final = "Sandbox of invented people"
"""The organisation in the subject of every certificate that a sandbox makes; strict mode knows them by it."""

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def certificates_in(file: Path) -> Sequence[x509.Certificate]:
    """The certificates of a PEM file, at least one; other parts, such as a key, are passed over.

    Raises OSError when the file cannot be read, ValueError, which names it, when none is in it or one is broken.
    """
    data = file.read_bytes()
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError:  # the library's own text would tell the operator nothing
        raise ValueError(f"{file}: PEM certificates are wanted; there is none, or one is broken") from None


def earliest_end(*files: Path) -> datetime:
    """When the first of the certificates in these files ends. Raises as `certificates_in` does."""
    return min(certificate.not_valid_after_utc for file in files for certificate in certificates_in(file))


def use_pair(context: ssl.SSLContext, certificate_file: Path, key_file: Path) -> None:
    """Show this certificate in a protocol. Raises OSError or ValueError, which name the file that will not do."""
    certificates_in(certificate_file)
    key_file.read_bytes()  # the library does not say which file is not there
    try:
        # Without a password the library would ask at the terminal for that of an encrypted key.
        context.load_cert_chain(certificate_file, key_file, password="")
    except ssl.SSLError as error:
        raise ValueError(
            f"{key_file}: the private key of {certificate_file} is wanted, as PEM, not encrypted, of 2048 bits or more "
            f"if it is RSA ({error.reason or 'it cannot be read'})"
        ) from None


def trust(context: ssl.SSLContext, *files: Path) -> None:
    """Trust the certificates of these files. Raises OSError or ValueError, which name the file that will not do."""
    # Whoever is named is trusted, whether or not the one above him is named as well.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for file in files:
        certificates_in(file)
        context.load_verify_locations(cafile=file)


def is_of_sandbox(certificate: x509.Certificate) -> bool:
    """Whether a sandbox made this certificate, or the one that signed it."""
    names = (certificate.subject, certificate.issuer)
    found = (part.value for name in names for part in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME))
    return SANDBOX_ORGANISATION in found


def fingerprint(certificate: x509.Certificate) -> str:
    """Its SHA-256 in lower-case hexadecimal."""
    return certificate.fingerprint(SHA256()).hex()


def parse_fingerprint(text: str) -> str:
    """The same of what people write: capitals and colons are allowed. Raises ValueError for anything else."""
    found = text.replace(":", "").lower()
    if not _FINGERPRINT.fullmatch(found):
        raise ValueError("the SHA-256 of a certificate is wanted: 64 hexadecimal digits")
    return found
