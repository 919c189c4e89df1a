"""Access rights on one document for one care party, a profession or everybody (security facts, part 4.5).

A right is on a document, whichever of its versions it was put on: what hides one version hides all, older and later
ones. What opens one opens later ones too, but none that its author had replaced by then.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

from hub.domain.parties import HcParty
from hub.domain.recorded import Recorded, bounded
from hub.domain.subjects import EVERYBODY, Subject, SubjectKind, subject_named


class Right(StrEnum):
    """CD-ACCESSRIGHT."""

    ALLOW = "allow"
    DISALLOW = "disallow"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRight:
    """What `party` may do with a document; `revocation` says who took it back, None while it stands.

    `serial` is the version that it was put on, `lineage` that of the document (`TransactionReference.lineage`).
    """

    serial: int
    lineage: tuple[int, ...]
    party: HcParty
    right: Right
    recorded: Recorded
    revocation: Recorded | None = None

    @property
    def stands(self) -> bool:
        """Whether nobody has taken it back."""
        return self.revocation is None

    def is_on(self, lineage: Collection[int]) -> bool:
        """Whether it was put on a version of the document with this lineage."""
        return any(serial in lineage for serial in self.lineage)

    def says(self, other: Self) -> bool:
        """Whether another right, of the same party, would say nothing that this one does not."""
        reaches = self.right is Right.DISALLOW or self.serial <= other.serial
        return self.stands and self.right is other.right and reaches and set(other.lineage) <= set(self.lineage)


@dataclass(frozen=True, slots=True)
class RightsInForce:
    """Rights of one requester, by what identifies a document in all its versions: the serials of its lineage.

    `hidden` are those of hidden documents, `opened` those of open ones, with the version from which on they are.
    """

    hidden: frozenset[int]
    opened: Mapping[int, int]

    @classmethod
    def of(cls, rights: Iterable[AccessRight]) -> Self:
        """Those of the rights that stand."""
        hidden: set[int] = set()
        opened: dict[int, int] = {}
        for right in rights:
            if right.stands and right.right is Right.DISALLOW:
                hidden.update(right.lineage)
            elif right.stands:
                opened |= {first: min(right.serial, opened.get(first, right.serial)) for first in right.lineage}
        return cls(frozenset(hidden), opened)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.hidden or self.opened)

    def on(self, serial: int, lineage: Collection[int]) -> Right | None:
        """What may be done with a version of a document, None where nothing was said; to hide beats to open."""
        if not self.hidden.isdisjoint(lineage):
            return Right.DISALLOW
        if any(self.opened.get(first, serial + 1) <= serial for first in lineage):
            return Right.ALLOW
        return None


NO_RIGHTS: Final = RightsInForce(frozenset(), {})


def subject_of_right(party: HcParty, *, where: str) -> Subject:
    """Whom a right is for: a party by its number, a profession by its code alone, everybody by neither.

    Raises HubError (party-number) for ids that name no care party, or several.
    """
    if party.ids:
        return subject_named(party.ids, where=where)
    return Subject(SubjectKind.PROFESSION, party.profession) if party.profession else EVERYBODY


def put(before: Sequence[AccessRight], right: AccessRight) -> tuple[AccessRight, ...]:
    """Allow or disallow a document in place of what was said of it; nothing changes when it says the same."""
    if any(other.says(right) for other in before):
        return tuple(before)
    return (*take_back(before, right.lineage, right.recorded), right)


def take_back(before: Sequence[AccessRight], lineage: Collection[int], recorded: Recorded) -> tuple[AccessRight, ...]:
    """Take back what was said of any version of a document; nothing changes when nothing stands."""
    taken = [
        replace(right, revocation=recorded) if right.stands and right.is_on(lineage) else right for right in before
    ]
    return bounded(taken, lambda right: not right.stands)
