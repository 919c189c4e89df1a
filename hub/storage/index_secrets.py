"""Everything that names, seals and marks what the index holds, made of its secret."""

from dataclasses import dataclass
from typing import Self

from hub.storage.access_record import AccessRecords
from hub.storage.audit_lanes import EventSealer
from hub.storage.secrets import Pseudonyms, Sealer


@dataclass(frozen=True, slots=True)
class IndexSecrets:
    """What the parts of the index share. Only the pseudonyms may be of another key than the secret."""

    pseudonyms: Pseudonyms
    sealer: Sealer
    access: AccessRecords
    events: EventSealer

    @classmethod
    def of(cls, secret: bytes, pseudonyms: Pseudonyms) -> Self:
        """All that derives from a secret of 32 bytes."""
        sealer = Sealer(secret)
        return cls(pseudonyms, sealer, AccessRecords(secret, sealer=sealer), EventSealer(secret))
