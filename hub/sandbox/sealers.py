"""What the callers of a sandbox seal with, and open what the hub has sealed for them (docs/sealing.md).

As software of the field: their own key signs, and the hub's certificate is found in the depot.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import Final

from hub.domain.encryption import EncryptionActor
from hub.domain.identity import HUB, Identity
from hub.ports.runtime import Clock
from hub.ports.sealing import Sealing
from hub.sandbox.credentials import HUB_ACTOR
from hub.sandbox.description import Description, SealingDescription
from hub.sandbox.people import SANDBOX_HUB, People
from hub.sealing.certified_key import CertifiedKeyFiles
from hub.sealing.cms import CmsSealing, SealingLimits
from hub.sealing.depot import FolderDepot
from hub.sealing.openssl import Openssl, OpensslMissing

_HUB = Identity(quality=HUB, number=SANDBOX_HUB.number, ssin=None, is_organisation=True, certificate="", token_id="")
_SECONDS: Final = 30.0
_LIMITS = SealingLimits(content=64 << 20, age=timedelta(minutes=5), skew=timedelta(minutes=5))


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerSealer:
    """A `Sealer`. Its keys are asked for when they are needed: to read them takes tens of milliseconds."""

    actor: EncryptionActor
    sealing: Callable[[], Sealing]

    async def seal(self, content: bytes) -> bytes:
        """The content sealed for the hub; see `Sealing.seal`."""
        return await self.sealing().seal(content, HUB_ACTOR)

    async def open(self, sealed: bytes) -> bytes:
        """What the hub, and nobody else, has sealed; see `Sealing.open`."""
        return await self.sealing().open(sealed, _HUB)


def find_openssl() -> Openssl:
    """The program that seals. Raises OpensslMissing."""
    return Openssl.found(seconds=_SECONDS)


def sealers_of(description: Description, people: People, clock: Clock) -> Mapping[str, CallerSealer]:
    """What everybody seals with, by key; nobody, where the hub has no sealed folders or there is no openssl."""
    if description.sealing is None:
        return {}
    try:
        openssl = find_openssl()
    except OpensslMissing:
        return {}
    return {
        key: CallerSealer(
            actor=people.signatories[key].encryption_actor,
            sealing=cache(partial(_sealing, description, description.sealing, key, openssl, clock)),
        )
        for key in description.sealing.callers
    }


def _sealing(
    description: Description, sealing: SealingDescription, key: str, openssl: Openssl, clock: Clock
) -> Sealing:
    signing, encryption = description.credentials[key], sealing.callers[key]
    return CmsSealing(
        openssl=openssl,
        signing=CertifiedKeyFiles(signing.key, signing.certificate),
        decryption=[CertifiedKeyFiles(encryption.key, encryption.certificate, decrypts=True)],
        anchors=description.authority,
        depot=FolderDepot(sealing.etk.parent),
        clock=clock,
        limits=_LIMITS,
    )
