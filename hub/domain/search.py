"""Searching references: criteria, matching, order, pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, HcParty, licence
from hub.domain.references import Status, TransactionReference


class Scope(StrEnum):
    """Where to look: this hub, this hub and its peers, only the peers (hub services `searchtype`)."""

    LOCAL = "local"
    GLOBAL = "global"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a transaction must be to be listed. Empty parts match everything; dates are inclusive `YYYY-MM-DD`."""

    types: frozenset[str] = frozenset()
    author: Author = ()
    begin: str = ""
    end: str = ""

    def match(self, reference: TransactionReference) -> bool:
        """Whether a reference is current and fits every part."""
        if reference.status is not Status.CURRENT:
            return False
        declaration = reference.declaration
        day = declaration.date[:10]
        return (
            (not self.types or declaration.transaction_type in self.types)
            and (not self.begin or day >= self.begin)
            and (not self.end or day <= self.end)
            and all(_names_one_of(wanted, declaration.author) for wanted in self.author)
        )


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of the list: the page number, counted from 1, and the most rows a page may have."""

    index: int = 1
    size: int = 100


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
        key=lambda reference: (reference.declaration.moment, reference.serial),
        reverse=True,
    )
    start = (page.index - 1) * page.size
    return ReferencePage(matching[start : start + page.size], len(matching))


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
