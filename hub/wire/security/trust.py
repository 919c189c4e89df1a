"""Whom the hub believes: the token service, the authorities that certify callers, and whom these have withdrawn."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification

from hub.wire.security.algorithms import PublicKey, strong
from hub.wire.security.refusal import Cause, SecurityRefusal

_MOST_REMEMBERED = 10_000
_NEVER = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)


class Revocation(Enum):
    """What the hub does about certificates that their authority may have withdrawn.

    With `REFUSE` an authority without a list that is valid now certifies nobody; with `WARN` its certificates pass as
    long as no list names them; `OFF` looks at no list.
    """

    OFF = "off"
    WARN = "warn"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """A certificate of the token service: its base64, its key and how long it counts."""

    written: str
    key: PublicKey
    not_before: datetime
    not_after: datetime

    @classmethod
    def of(cls, certificate: x509.Certificate) -> Self:
        """Raises ValueError for a key that cannot sign, or too weak a one."""
        try:
            key = strong(certificate.public_key(), "token service")
        except SecurityRefusal as refusal:
            wanted = f"of {refusal.expected} is wanted, seen: {refusal.arrived}"
            raise ValueError(f"a certificate of the token service with a key {wanted}") from refusal
        return cls(
            base64.b64encode(certificate.public_bytes(Encoding.DER)).decode(),
            key,
            certificate.not_valid_before_utc,
            certificate.not_valid_after_utc,
        )


@dataclass(frozen=True, slots=True)
class WithdrawnList:
    """The certificates that one authority has withdrawn, by serial number, and until when its lists count."""

    serials: frozenset[int]
    next_update: datetime


@dataclass(frozen=True, slots=True)
class Trust:
    """Everything that was configured to be believed, as it stands in the files now.

    `anchors` have issued the certificates of callers; without any, only the token service vouches for a holder.
    """

    token_signers: Sequence[TokenSigner]
    anchors: Sequence[x509.Certificate] = ()
    revocation: Revocation = Revocation.OFF
    withdrawn: Mapping[x509.Name, WithdrawnList] = field(default_factory=dict)
    _issued: dict[x509.Certificate, tuple[datetime, datetime]] = field(default_factory=dict, compare=False, repr=False)
    """Certificates that an anchor was found to have issued, and in which time that counts: they come back every day."""

    def check_certificate(self, certificate: x509.Certificate, now: datetime, where: str) -> None:
        """That an authority of ours issued it and it is within its time. Raises SecurityRefusal."""
        begin, end = self._issued.get(certificate, _NEVER)
        if begin <= now <= end:
            return
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if not begin <= now <= end:
            raise SecurityRefusal(
                Cause.CERTIFICATE_OUTSIDE_VALIDITY, where=where, expected=f"valid at {now}", arrived=f"{begin} to {end}"
            )
        try:
            chain = _chains(self.anchors, now).verify(certificate, []).chain
        except (verification.VerificationError, ValueError) as error:
            raise SecurityRefusal(
                Cause.CERTIFICATE_UNTRUSTED,
                where=where,
                expected="issued by a configured authority",
                arrived=str(error),
            ) from error
        if len(self._issued) >= _MOST_REMEMBERED:
            self._issued.clear()
        self._issued[certificate] = begin, min(link.not_valid_after_utc for link in chain)

    def check_not_withdrawn(self, certificate: x509.Certificate, now: datetime, where: str) -> None:
        """That its authority has not withdrawn it, as far as the configuration asks. Raises SecurityRefusal."""
        if self.revocation is Revocation.OFF:
            return
        known = self.withdrawn.get(certificate.issuer)
        if known is not None and certificate.serial_number in known.serials:
            raise SecurityRefusal(Cause.CERTIFICATE_REVOKED, where=where, expected="a certificate that still counts")
        if self.revocation is Revocation.REFUSE and (known is None or known.next_update < now):
            raise SecurityRefusal(
                Cause.REVOCATION_UNKNOWN, where=where, expected="a revocation list of its authority that is valid now"
            )


def read_withdrawn(
    lists: Iterable[x509.CertificateRevocationList], anchors: Sequence[x509.Certificate]
) -> Mapping[x509.Name, WithdrawnList]:
    """The lists by authority, each signed by it. Raises ValueError for a list that no anchor has signed.

    Several lists of one authority (parts, or by its old key and its new one) count together, until the first is too
    old.
    """
    found: dict[x509.Name, WithdrawnList] = {}
    for one in lists:
        if not any(_has_signed(anchor, one) for anchor in anchors):
            raise ValueError("a revocation list is not signed by any of the configured authorities")
        read = WithdrawnList(
            frozenset(entry.serial_number for entry in one), one.next_update_utc or datetime.max.replace(tzinfo=UTC)
        )
        before = found.get(one.issuer, read)
        found[one.issuer] = WithdrawnList(before.serials | read.serials, min(before.next_update, read.next_update))
    return found


def _has_signed(anchor: x509.Certificate, one: x509.CertificateRevocationList) -> bool:
    key = anchor.public_key()
    return (
        anchor.subject == one.issuer
        and isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
        and one.is_signature_valid(key)
    )


def _chains(anchors: Sequence[x509.Certificate], now: datetime) -> verification.ClientVerifier:
    """Path building of the library (RFC 5280), with what it asks of web servers' certificates left out."""
    if not anchors:
        raise ValueError("no authority is configured")
    issuing = verification.ExtensionPolicy.permit_all().require_present(
        x509.BasicConstraints, verification.Criticality.AGNOSTIC, None
    )
    return (
        verification.PolicyBuilder()
        .store(verification.Store(list(anchors)))
        .time(now)
        .extension_policies(ca_policy=issuing, ee_policy=verification.ExtensionPolicy.permit_all())
        .build_client_verifier()
    )
