"""The `Sealing` port: signed inside, encrypted, signed outside (security facts, part 3.2).

Signatures are made here, in the process; the rest is the platform's openssl (ADR 9).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from hub.domain.encryption import EncryptionActor
from hub.domain.errors import HubError, Reason
from hub.domain.identity import Identity
from hub.ports.runtime import Clock
from hub.ports.sealing import KeyDepot
from hub.sealing.certified_key import FEWEST_RSA_BITS, CertifiedKey, CertifiedKeyFiles
from hub.sealing.layers import RecipientName, recipients, signing_time
from hub.sealing.openssl import Openssl
from hub.sealing.owners import is_of, is_same_owner

_LARGE = 256 * 1024
_OVERHEAD = 256 * 1024
_SHARE = 16
"""Layers that were written in small pieces are longer than their content: by this part of it, and certificates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingLimits:
    """The most bytes of clear content; how old a signature may be, and how far clocks may differ."""

    content: int
    age: timedelta
    skew: timedelta


class CmsSealing:
    """Opens by any of several decryption keys, so that an old key may go on beside a new one.

    `anchors` is a PEM file with the authorities that signers' certificates must lead to.
    """

    def __init__(
        self,
        *,
        openssl: Openssl,
        signing: CertifiedKeyFiles,
        decryption: Sequence[CertifiedKeyFiles],
        anchors: Path,
        depot: KeyDepot,
        clock: Clock,
        limits: SealingLimits,
    ) -> None:
        self._openssl, self._signing, self._decryption = openssl, signing, decryption
        self._anchors, self._depot, self._clock, self._limits = anchors, depot, clock, limits

    async def open(self, sealed: bytes, sender: Identity | None) -> bytes:
        """The clear content; see `Sealing`."""
        limit = self._limits.content
        if len(sealed) > limit + limit // _SHARE + _OVERHEAD:
            raise _too_large(limit)
        enveloped, outer = await self._verified(sealed)
        content, inner = await self._verified_inside(await self._decrypted(enveloped))
        if not is_same_owner(outer, inner):
            raise HubError(Reason.SEAL_SIGNER, problem="the inner and the outer signer are not the same")
        if sender is not None and not is_of(inner, sender):
            raise HubError(Reason.SEAL_SIGNER, problem="the signer is not the caller")
        if len(content) > limit:
            raise _too_large(limit)
        return content

    async def seal(self, content: bytes, recipient: EncryptionActor) -> bytes:
        """The content sealed for the recipient; see `Sealing`."""
        if len(content) > self._limits.content:
            raise _too_large(self._limits.content)
        tokens = self._usable(await self._depot.certificates(recipient))
        own = self._signing.current()
        signed = await asyncio.to_thread(_sign, content, own)
        return await asyncio.to_thread(_sign, await self._openssl.encrypt(signed, recipients=tokens), own)

    async def _verified(self, layer: bytes) -> tuple[bytes, x509.Certificate]:
        """What a SignedData holds, and who has signed it."""
        signed = await self._plain(layer)
        signed_at, now = await asyncio.to_thread(signing_time, signed), self._clock.now()
        if not -self._limits.skew <= now - signed_at <= self._limits.age + self._limits.skew:
            raise HubError(Reason.SEAL_EXPIRED, limit=f"{self._limits.age.total_seconds():.0f} seconds")
        verified = await self._openssl.verify(signed, anchors=self._anchors, moment=int(now.timestamp()))
        return verified.content, _signer(verified.signer)

    async def _verified_inside(self, layer: bytes) -> tuple[bytes, x509.Certificate]:
        """The same of what was decrypted.

        CBC is not authenticated. Whoever could tell what decrypts to nonsense from what does not decrypt would learn
        what stands in a message of somebody else, by altering it and putting it with an outer signature of his own.
        """
        try:
            return await self._verified(layer)
        except HubError as error:
            if error.reason is Reason.SEAL_MALFORMED:
                raise HubError(Reason.SEAL_ALTERED) from None
            raise

    async def _decrypted(self, layer: bytes) -> bytes:
        enveloped = await self._plain(layer)
        names = await asyncio.to_thread(recipients, enveloped)
        for pair in self._decryption:
            if any(_is_named(pair.current().credential.certificate, name) for name in names):
                if not pair.hold_current():  # the program would read two that do not belong together
                    raise HubError(Reason.SEALING_UNAVAILABLE, where="decryption key")
                return await self._openssl.decrypt(enveloped, key=pair.key_file, certificate=pair.certificate_file)
        raise HubError(Reason.SEAL_RECIPIENT)

    async def _plain(self, layer: bytes) -> bytes:
        """A layer that can be looked into at once: in a large one, Python could be led through millions of pieces."""
        return layer if len(layer) <= _LARGE else await self._openssl.rewritten(layer)

    def _usable(self, tokens: Sequence[bytes]) -> list[bytes]:
        now = self._clock.now()
        certificates = [x509.load_der_x509_certificate(token) for token in tokens]
        usable = [
            certificate.public_bytes(Encoding.PEM)
            for certificate in certificates
            if certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc and _can_receive(certificate)
        ]
        if not usable:
            raise HubError(Reason.ENCRYPTION_ACTOR_UNKNOWN, where="request/author/hcparty")
        return usable


def _too_large(limit: int) -> HubError:
    return HubError(Reason.SEAL_TOO_LARGE, limit=f"{limit / 1024 / 1024:g} MiB")


def _sign(content: bytes, own: CertifiedKey) -> bytes:
    """A SignedData with SHA-256, the signing time and the certificates that lead to a root."""
    key, certificate = own.credential.key, own.credential.certificate
    builder = PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    for one in own.chain:
        builder = builder.add_certificate(one)
    return builder.sign(Encoding.DER, [PKCS7Options.Binary, PKCS7Options.NoCapabilities])


def _is_named(certificate: x509.Certificate, name: RecipientName) -> bool:
    if not name.key_id:
        return (certificate.issuer.public_bytes(), certificate.serial_number) == (name.issuer, name.serial)
    try:
        key_id = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return False
    return key_id == name.key_id


def _signer(certificate: bytes) -> x509.Certificate:
    try:
        read = x509.load_pem_x509_certificate(certificate)
        if _is_for_signing(read):
            return read
    except ValueError as error:
        raise HubError(Reason.SEAL_SIGNER, problem="the certificate cannot be read") from error
    raise HubError(Reason.SEAL_SIGNER, problem="the certificate is not for signing")


def _is_for_signing(certificate: x509.Certificate) -> bool:
    usage = _key_usage(certificate)
    return usage is None or usage.digital_signature or usage.content_commitment


def _can_receive(certificate: x509.Certificate) -> bool:
    try:
        usage, key = _key_usage(certificate), certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return False
    is_strong = isinstance(key, rsa.RSAPublicKey) and key.key_size >= FEWEST_RSA_BITS
    return is_strong and (usage is None or usage.key_encipherment)


def _key_usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
