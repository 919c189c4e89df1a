"""What an adapter of a national register may answer, and what is nonsense (docs/national.md).

The shapes follow federation facts, part 4. Unknown keys are passed over, so that adapters may grow.
"""

import re
from datetime import date, timedelta
from typing import Literal, TypeVar

import msgspec

from hub.domain.consent import ConsentKind, ConsentState, PatientConsent
from hub.domain.errors import HubError
from hub.domain.exclusions import Exclusion
from hub.domain.national import NationalConsent, NationalQuestion
from hub.domain.parties import Id
from hub.domain.recorded import Recorded
from hub.domain.subjects import subject_named
from hub.domain.therapeutic_links import Proof, TherapeuticLink

MOST_ENTRIES = 1000
"""Links or exclusions of one answer; national services return no more at a time."""
Shape = TypeVar("Shape")

_PLACE = re.compile(r"`\$\.([^`]+)`")


class Nonsense(ValueError):
    """An answer that is not what was agreed; the text says what is wrong with it, and repeats nothing of it."""


class _Party(msgspec.Struct, kw_only=True):
    nihii: str = ""
    inss: str = ""

    @property
    def ids(self) -> tuple[Id, ...]:
        named = (("ID-HCPARTY", self.nihii), ("INSS", self.inss))
        return tuple(Id(scheme, "1.0", number) for scheme, number in named if number)


class _ConsentAnswer(msgspec.Struct, kw_only=True):
    patient: str
    status: ConsentState
    types: list[Literal["retrospective", "prospective"]] = []
    signed_on: date | None = None
    revoked_on: date | None = None


class _Link(msgspec.Struct, kw_only=True):
    party: _Party
    type: str
    begin: date
    end: date


class _LinksAnswer(msgspec.Struct, kw_only=True):
    patient: str
    links: list[_Link]


class _Exclusion(msgspec.Struct, kw_only=True):
    party: _Party
    begin: date


class _ExclusionsAnswer(msgspec.Struct, kw_only=True):
    patient: str
    exclusions: list[_Exclusion]


def read_consent(body: bytes, question: NationalQuestion, recorded: Recorded) -> NationalConsent:
    """What the register of consents says. Raises Nonsense."""
    answer = _read(body, _ConsentAnswer)
    _check_patient(answer.patient, question)
    given, signed, revoked = answer.status is ConsentState.GIVEN, answer.signed_on, answer.revoked_on
    if given is not bool(answer.types) or given is not (signed is not None):
        raise Nonsense("types and signed_on belong to a consent that is given, and to no other")
    if revoked is not None and answer.status not in (ConsentState.REVOKED, ConsentState.DECEASED):
        raise Nonsense("revoked_on contradicts the status")
    _check_past(signed or revoked, recorded)
    consent = None
    if signed is not None:
        consent = PatientConsent(kinds=frozenset(map(ConsentKind, answer.types)), signed_on=signed, recorded=recorded)
    return NationalConsent(state=answer.status, recorded=recorded, consent=consent, ended_on=revoked)


def read_links(body: bytes, question: NationalQuestion, recorded: Recorded) -> tuple[TherapeuticLink, ...]:
    """What the register of therapeutic links says about the parties of the question. Raises Nonsense."""
    answer = _read(body, _LinksAnswer)
    _check_patient(answer.patient, question)
    _check_number(answer.links)
    return tuple(_link(link, question, recorded) for link in answer.links)


def read_exclusions(body: bytes, question: NationalQuestion, recorded: Recorded) -> tuple[Exclusion, ...]:
    """What the register of exclusions says about the parties of the question. Raises Nonsense."""
    answer = _read(body, _ExclusionsAnswer)
    _check_patient(answer.patient, question)
    _check_number(answer.exclusions)
    for exclusion in answer.exclusions:
        _check_party(exclusion.party, question)
    return tuple(
        Exclusion(party=exclusion.party.ids, start=exclusion.begin, recorded=recorded)
        for exclusion in answer.exclusions
    )


def _link(link: _Link, question: NationalQuestion, recorded: Recorded) -> TherapeuticLink:
    _check_party(link.party, question)
    if not link.type.strip():
        raise Nonsense("a link without a type")
    if link.end < link.begin:
        raise Nonsense("a link that ends before it begins")
    return TherapeuticLink(
        party=link.party.ids,
        kind=link.type.strip(),
        start=link.begin,
        end=link.end,
        proof=Proof.AUTHENTIC_SOURCE,
        recorded=recorded,
    )


def _read(body: bytes, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        # Of its text only the place is ours: it may quote what it has read.
        place = _PLACE.search(str(error))
        raise Nonsense(f"not what was agreed ({place[1] if place else 'a key, or all of it'})") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Nonsense("not JSON") from error


def _check_patient(number: str, question: NationalQuestion) -> None:
    if number != question.patient.digits:
        raise Nonsense("an answer about another patient")


def _check_number(entries: list[_Link] | list[_Exclusion]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Nonsense(f"more than {MOST_ENTRIES} entries")


def _check_party(party: _Party, question: NationalQuestion) -> None:
    try:
        subject = subject_named(party.ids, where="party")
    except HubError as error:
        raise Nonsense("a party without a number that can be") from error
    if subject not in question.parties:
        raise Nonsense("a party that was not asked about")


def _check_past(day: date | None, recorded: Recorded) -> None:
    """A day ahead is what a clock that is wrong may say."""
    if day is not None and day > recorded.at.date() + timedelta(days=1):
        raise Nonsense("a day in the future")
