"""Whom a therapeutic link, an exclusion or an access right is about, as a name that can be looked up.

A care party is named by ids, a requester by a chain of parties: both come down to subjects, and what they have in
common is what matters to a decision (security facts, parts 4.3 to 4.5).
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import has_nihii_check_digits, has_ssin_check_digits
from hub.domain.parties import Author, HcParty, Id, licence


class SubjectKind(StrEnum):
    """What names a subject."""

    NIHII = "nihii"
    """The first eight digits of a NIHII number: a person in every practice, or an organisation."""
    INSS = "inss"
    """The national number of a person."""
    PROFESSION = "profession"
    """A CD-HCPARTY code: everybody of a profession, or every organisation of a kind."""
    EVERYBODY = "everybody"


class Subject(NamedTuple):
    """A subject by its name. Not to be logged: it may hold a national number."""

    kind: SubjectKind
    value: str

    def __repr__(self) -> str:
        return f"Subject({self.kind})"


EVERYBODY = Subject(SubjectKind.EVERYBODY, "")


def subject_named(ids: Iterable[Id], *, where: str) -> Subject:
    """The one care party that ids name: by its NIHII number, or by its INSS when it has none.

    Raises HubError (party-number): no number, wrong check digits, or two numbers that differ.
    """
    ids = tuple(ids)
    nihii = {licence(value) for value in _values(ids, "ID-HCPARTY")}
    inss = set(_values(ids, "INSS"))
    if len(nihii) > 1 or len(inss) > 1 or not (nihii or inss):
        raise HubError(Reason.PARTY_NUMBER, where=where)
    if not all(map(has_nihii_check_digits, nihii)) or not all(map(has_ssin_check_digits, inss)):
        raise HubError(Reason.PARTY_NUMBER, where=where)
    return Subject(SubjectKind.NIHII, nihii.pop()) if nihii else Subject(SubjectKind.INSS, inss.pop())


@lru_cache(maxsize=5000)  # a decision asks for them several times
def subjects_of(parties: Author) -> frozenset[Subject]:
    """Every subject that a chain of parties is, everybody included: what may have been said about who is asking."""
    return frozenset((EVERYBODY, *(subject for party in parties for subject in _subjects_of(party))))


def _subjects_of(party: HcParty) -> Iterator[Subject]:
    if party.number:
        yield Subject(SubjectKind.NIHII, licence(party.number))
    if inss := party.id_value("INSS"):
        yield Subject(SubjectKind.INSS, inss)
    if party.profession:
        yield Subject(SubjectKind.PROFESSION, party.profession)


def _values(ids: tuple[Id, ...], scheme: str) -> Iterator[str]:
    return (id_.value.strip() for id_ in ids if id_.scheme == scheme and id_.value.strip())
