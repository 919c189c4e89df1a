"""The trust of the hub, from files that may be replaced while it serves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from hub.wire.certificates import certificates_in
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
    """The trust as the files say. Implements `hub.ports.certificates.CertificateFiles`.

    `current` is another object after each `reload`, and stays the same in between.
    """

    name = "security"

    def __init__(self, places: TrustPlaces, *, now: Callable[[], datetime]) -> None:
        """Raises OSError, and ValueError that names the file that will not do."""
        self._places, self._now = places, now
        self.current = self._read()

    @property
    def files(self) -> Sequence[Path]:
        """See the port."""
        return (*self._places.token_signers, *self._places.authorities, *self._places.revocation_lists)

    @property
    def expiries(self) -> Mapping[str, datetime]:
        """See the port. Of the token service the last certificate counts: the one before it may end.

        Revocation lists are for days only, so they are told of when they are too old.
        """
        trust = self.current
        ends = {
            "token service": max((signer.not_after for signer in trust.token_signers), default=None),
            "authorities": min((anchor.not_valid_after_utc for anchor in trust.anchors), default=None),
            "revocation lists": min(
                (one.next_update for one in trust.withdrawn.values() if one.next_update < self._now()), default=None
            ),
        }
        return {name: end for name, end in ends.items() if end is not None}

    async def reload(self) -> None:
        """See the port."""
        self.current = self._read()

    def _read(self) -> Trust:
        anchors = [one for file in self._places.authorities for one in certificates_in(file)]
        return Trust(
            token_signers=[TokenSigner.of(one) for file in self._places.token_signers for one in certificates_in(file)],
            anchors=anchors,
            revocation=self._places.revocation,
            withdrawn=read_withdrawn(map(_read_list, self._places.revocation_lists), anchors),
        )


def _read_list(file: Path) -> x509.CertificateRevocationList:
    data = file.read_bytes()
    try:
        return x509.load_pem_x509_crl(data) if data.startswith(_PEM_LIST) else x509.load_der_x509_crl(data)
    except ValueError as error:
        raise ValueError(f"{file}: a revocation list is wanted, in PEM or DER") from error
