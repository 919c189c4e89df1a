"""Folders that are sealed from sender to receiver, and where the receivers' keys are (security facts, part 3)."""

from collections.abc import Sequence
from typing import Protocol

from hub.domain.encryption import EncryptionActor
from hub.domain.identity import Identity


class Sealing(Protocol):
    """Opens what was sealed for this hub, and seals what it hands out."""

    async def open(self, sealed: bytes, sender: Identity | None) -> bytes:
        """The clear content.

        `sender` is the caller, who must have sealed it; None when nobody knows who calls. Raises HubError and tells
        nothing of the content: seal-malformed, seal-too-large, seal-algorithm, seal-recipient, seal-altered,
        seal-signer, seal-expired, sealing-unavailable.
        """
        ...

    async def seal(self, content: bytes, recipient: EncryptionActor) -> bytes:
        """The content, sealed for the recipient alone.

        Raises HubError: encryption-actor-unknown, seal-too-large, sealing-unavailable.
        """
        ...


class KeyDepot(Protocol):
    """The encryption certificates of actors (in the field: their ETK)."""

    async def certificates(self, actor: EncryptionActor) -> Sequence[bytes]:
        """The certificates of an actor, DER, at least one; which of them are valid now is the caller's to see.

        Raises HubError: encryption-actor-unknown, sealing-unavailable.
        """
        ...
