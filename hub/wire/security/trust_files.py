"""The trust of the hub, from files that may be replaced while it serves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from hub.wire.security.trust import Revocation, TokenSigner, Trust, read_withdrawn

_PEM_LIST = b"-----BEGIN X509 CRL-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPlaces:
    """Where it stands: certificates in PEM, one or more in a file; revocation lists in PEM or DER."""

    token_signers: Sequence[Path]
    authorities: Sequence[Path]
    revocation: Revocation
    revocation_lists: Sequence[Path]


class TrustFiles:
    """The trust as the files say; `current` is another object after each `reload` and stays itself in between."""

    def __init__(self, places: TrustPlaces) -> None:
        self._places = places
        self.reload()

    @property
    def files(self) -> Sequence[Path]:
        """Whose change means that the trust has changed."""
        return (*self._places.token_signers, *self._places.authorities, *self._places.revocation_lists)

    @property
    def current(self) -> Trust:
        """The trust of the moment."""
        return self._current

    @property
    def certificates(self) -> Sequence[x509.Certificate]:
        """Those that must not end unnoticed: of the token service and of the authorities."""
        return (*self._signers, *self._current.anchors)

    def reload(self) -> None:
        """Read the files again. Raises OSError, and ValueError that names the file; the trust is then as it was."""
        signers, anchors = _certificates(self._places.token_signers), _certificates(self._places.authorities)
        self._current = Trust(
            token_signers=[TokenSigner.of(certificate) for certificate in signers],
            anchors=anchors,
            revocation=self._places.revocation,
            withdrawn=read_withdrawn(map(_read_list, self._places.revocation_lists), anchors),
        )
        self._signers = signers


def _certificates(files: Iterable[Path]) -> Sequence[x509.Certificate]:
    found = []
    for file in files:
        try:
            found += x509.load_pem_x509_certificates(file.read_bytes())
        except ValueError as error:
            raise ValueError(f"{file}: no certificates in PEM") from error
    return found


def _read_list(file: Path) -> x509.CertificateRevocationList:
    data = file.read_bytes()
    try:
        return x509.load_pem_x509_crl(data) if data.startswith(_PEM_LIST) else x509.load_der_x509_crl(data)
    except ValueError as error:
        raise ValueError(f"{file}: no revocation list in PEM or DER") from error
