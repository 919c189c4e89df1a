"""Access rights on one document for one care party, a profession or everybody (security facts, part 4.5)."""

from dataclasses import dataclass
from enum import StrEnum

from hub.domain.parties import HcParty
from hub.domain.recorded import Recorded


class Right(StrEnum):
    """CD-ACCESSRIGHT."""

    ALLOW = "allow"
    DISALLOW = "disallow"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRight:
    """What `party` may do with the document of a serial; `revocation` says who took it back, None while it stands."""

    serial: int
    party: HcParty
    right: Right
    recorded: Recorded
    revocation: Recorded | None = None
