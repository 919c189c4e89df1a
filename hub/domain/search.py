"""Searching references: criteria, matching, order, pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from hub.domain.declarations import Declaration
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, HcParty, licence
from hub.domain.references import Status, TransactionReference

Row = TypeVar("Row")


class Scope(StrEnum):
    """Where to look: this hub, this hub and its peers, only the peers (hub services `searchtype`)."""

    LOCAL = "local"
    GLOBAL = "global"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a transaction must be to be listed. Absent parts match everything; both dates are inclusive."""

    types: frozenset[str] = frozenset()
    author: Author = ()
    begin: date | None = None
    end: date | None = None

    @property
    def is_everything(self) -> bool:
        """Whether every current reference fits."""
        return not (self.types or self.author or self.begin or self.end)

    def match(self, reference: TransactionReference) -> bool:
        """Whether a reference is current and fits every part."""
        return reference.status is Status.CURRENT and self.fits(reference.declaration)

    def fits(self, declaration: Declaration) -> bool:
        """Whether a declaration fits every part, whatever became of it."""
        return self.match_parts(declaration.transaction_type, declaration.author, declaration.moment // 86400)

    def match_parts(self, transaction_type: str, author: Author, day: int) -> bool:
        """Whether a type, an author chain and a day (counted from the year 1) fit every part."""
        return (
            (not self.types or transaction_type in self.types)
            and (self.begin is None or day >= self.begin.toordinal())
            and (self.end is None or day <= self.end.toordinal())
            and all(_names_one_of(wanted, author) for wanted in self.author)
        )


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of the list: the number of its first row, counted from 1, and the most rows it may have."""

    first: int = 1
    size: int = 100

    def cut(self, rows: Sequence[Row]) -> Sequence[Row]:
        """This part of all rows."""
        return rows[self.first - 1 : self.first - 1 + self.size]


@dataclass(frozen=True, slots=True)
class ReferencePage:
    """One page of a list, newest first, and how many references there are in all."""

    rows: Sequence[TransactionReference]
    total: int


@dataclass(frozen=True, slots=True)
class PublicationWish:
    """A wish that documents of a patient be published (RequestPublication), with a remark for the publisher."""

    patient: Ssin
    criteria: Criteria
    comment: str = ""


def select(references: Iterable[TransactionReference], criteria: Criteria, page: PageRequest) -> ReferencePage:
    """The page of the matching references, newest first.

    Order: date and time of the transaction, then the order of registration, both descending; so pages are stable.
    """
    matching = sorted(
        (reference for reference in references if criteria.match(reference)),
        key=lambda reference: (reference.declaration.rank, reference.serial),
        reverse=True,
    )
    return ReferencePage(page.cut(matching), len(matching))


def _names_one_of(wanted: HcParty, author: Author) -> bool:
    """Whether an author chain has a party with every number that is asked for and, unless it is `*`, the profession."""
    return any(_is_same(wanted, party) for party in author)


def _is_same(wanted: HcParty, party: HcParty) -> bool:
    profession = wanted.profession
    if profession not in ("", "*") and profession != party.profession:
        return False
    number = wanted.number
    if number and licence(number) != licence(party.number):
        return False
    inss = wanted.id_value("INSS")
    return not inss or inss == party.id_value("INSS")
