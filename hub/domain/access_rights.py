"""Access rights on one document for one care party, a profession or everybody (security facts, part 4.5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from hub.domain.parties import HcParty
from hub.domain.recorded import Recorded, bounded
from hub.domain.subjects import EVERYBODY, Subject, SubjectKind, subject_named


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

    @property
    def stands(self) -> bool:
        """Whether nobody has taken it back."""
        return self.revocation is None


def subject_of_right(party: HcParty, *, where: str) -> Subject:
    """Whom a right is for: a party by its number, a profession by its code alone, everybody by neither.

    Raises HubError (party-number) for ids that name no care party, or several.
    """
    if party.ids:
        return subject_named(party.ids, where=where)
    return Subject(SubjectKind.PROFESSION, party.profession) if party.profession else EVERYBODY


def put(before: Sequence[AccessRight], right: AccessRight) -> tuple[AccessRight, ...]:
    """Allow or disallow a document in place of what was said of it; nothing changes when it says the same."""
    if any(other.stands and (other.serial, other.right) == (right.serial, right.right) for other in before):
        return tuple(before)
    return (*take_back(before, right.serial, right.recorded), right)


def take_back(before: Sequence[AccessRight], serial: int, recorded: Recorded) -> tuple[AccessRight, ...]:
    """Take back what was said of a document; nothing changes when nothing stands."""
    taken = [
        replace(right, revocation=recorded) if right.stands and right.serial == serial else right for right in before
    ]
    return bounded(taken, lambda right: not right.stands)
