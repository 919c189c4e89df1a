"""Callers who do everything that one can do to a patient's references, at random, and what each of them was told.

The specification that their stories are held against is `hub.domain.references`, one operation after the other.
"""

import random
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bench.open_gate import OPEN_GATE
from hub.domain.declarations import Declaration
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.references import (
    Change,
    PatientReferences,
    Relevance,
    TransactionReference,
    declare,
    put,
    put_set,
    revoke,
)
from hub.domain.search import Criteria, PageRequest, select
from hub.ports.reference_index import ReferenceIndex
from tests.builders import a_declaration, a_patient, a_person
from tests.consistency.checker import Operation, Specification, first_unexplained

_EVERYTHING, _PAGE = Criteria(), PageRequest(1, 1000)
_ONE_CURRENT = frozenset({"sumehr"})


@dataclass(frozen=True, slots=True)
class Declare:
    """A hospital says that there is a document, or a newer version of it."""

    declaration: Declaration


@dataclass(frozen=True, slots=True)
class Put:
    """A doctor gives a document to the vault; of summaries there is one at a time."""

    declaration: Declaration
    document: bytes


@dataclass(frozen=True, slots=True)
class PutSet:
    """A doctor replaces the medication scheme that is `based_on` a version."""

    declaration: Declaration
    document: bytes
    based_on: int | None


@dataclass(frozen=True, slots=True)
class Revoke:
    """Somebody withdraws a document, with all its versions."""

    reference: TransactionReference


@dataclass(frozen=True, slots=True)
class List:
    """Somebody looks what there is."""


@dataclass(frozen=True, slots=True)
class Get:
    """Somebody looks at one reference, whatever became of it."""

    serial: int


ToChange = Declare | Put | PutSet | Revoke
Call = ToChange | List | Get
Answer = Change | Reason | tuple[TransactionReference, ...] | TransactionReference | None

Told = TypeVar("Told")


def decided(before: PatientReferences, call: ToChange) -> Change:
    """What the rules make of a call."""
    match call:
        case Declare(declaration):
            return declare(before, declaration, "chu")
        case Put(declaration, document):
            return put(
                before, declaration, document, by=(a_person(),), new_version_of=frozenset(), one_current=_ONE_CURRENT
            )
        case PutSet(declaration, document, based_on):
            return put_set(before, declaration, document, members=3, based_on=based_on)
        case Revoke(reference):
            return revoke(before, reference.serial, custodian_of=frozenset({"chu"}), by=(a_person(),))


def relevance_of(call: ToChange) -> Relevance:
    """What the rules have to be shown, as the services say it."""
    match call:
        case Declare(declaration):
            return Relevance.of(declaration)
        case Put(declaration):
            return Relevance.of(declaration, whole_type=declaration.transaction_type in _ONE_CURRENT)
        case PutSet(declaration):
            return Relevance.of(declaration, whole_type=True)
        case Revoke(reference):
            relevance = Relevance.of(reference.declaration, whole_type=reference.version > 0)
            return relevance.and_those_named(frozenset(), frozenset((reference.serial,)))


def specification(before: PatientReferences, call: Call) -> tuple[PatientReferences, Answer]:
    """The references after a call on which nobody else had any influence, and its answer."""
    match call:
        case List():
            return before, tuple(select(before.rows, _EVERYTHING, _PAGE).rows)
        case Get(serial):
            return before, before.by_serial(serial)
        case Declare() | Put() | PutSet() | Revoke():
            try:
                change = decided(before, call)
            except HubError as refusal:
                return before, refusal.reason
            return _after(before, change), change


def _after(before: PatientReferences, change: Change) -> PatientReferences:
    statuses = dict(change.marked)
    rows = [row._replace(status=statuses.get(row.serial, row.status)) for row in before.rows]
    return PatientReferences((*rows, *change.added), before.next_serial + len(change.added))


async def asked(index: ReferenceIndex, patient: Ssin, call: Call) -> Answer:
    """What an index answers. Raises HubError (index-unavailable, busy)."""
    match call:
        case List():
            return tuple((await index.find(patient, _EVERYTHING, _PAGE, OPEN_GATE)).page.rows)
        case Get(serial):
            return await index.get(patient, serial)
        case Declare() | Put() | PutSet() | Revoke():
            try:
                return await index.change(
                    patient,
                    lambda before: decided(before, call),
                    relevance_of(call),
                    register=a_patient(patient),
                    witness=None,
                )
            except HubError as refusal:
                if refusal.reason in (Reason.INDEX_UNAVAILABLE, Reason.BUSY):
                    raise
                return refusal.reason


class Account(Generic[Told]):
    """What was asked about one patient by everybody, and what they were told, held against a specification."""

    def __init__(
        self,
        patient: Ssin,
        specification: Specification[PatientReferences, Call, Told],
        before: PatientReferences = PatientReferences(),  # noqa: B008 - frozen
    ) -> None:
        self.patient, self._specification, self._before = patient, specification, before
        # What callers may refer to: the references they heard of, and what was said last.
        self.known: list[TransactionReference] = []
        self.said: list[Call] = []
        self._operations: list[Operation[Call, Told]] = []
        self._lost: list[tuple[Call, float]] = []

    def __len__(self) -> int:
        return len(self._operations)

    @property
    def lost(self) -> int:
        """How many operations nobody was answered."""
        return sum(not operation.is_known for operation in self._operations)

    async def keep(self, call: Call, answering: Awaitable[Told]) -> Told | None:
        """Keep what is answered, and when; None when nothing is. What the index is too busy for has not happened."""
        invoked = time.monotonic()
        try:
            answer = await answering
        except HubError as failure:
            if failure.reason is Reason.INDEX_UNAVAILABLE:
                self._lost.append((call, invoked))
            return None
        self._operations.append(Operation(call=call, invoked=invoked, returned=time.monotonic(), answer=answer))
        return answer

    def nothing_is_under_way(self) -> None:
        """What nobody was answered has taken effect by now, or never will."""
        now = time.monotonic()
        self._operations += (
            Operation(call=call, invoked=invoked, returned=now, is_known=False) for call, invoked in self._lost
        )
        self._lost.clear()

    def unexplained(self) -> Operation[Call, Told] | None:
        """The first answer that no order of the operations explains."""
        self.nothing_is_under_way()
        return first_unexplained(self._operations, self._before, self._specification)


class Story(Account[Answer]):
    """What an index was asked about one patient."""

    def __init__(self, patient: Ssin, before: PatientReferences = PatientReferences()) -> None:  # noqa: B008 - frozen
        super().__init__(patient, specification, before)

    async def ask(self, index: ReferenceIndex, call: Call) -> None:
        """Ask, and keep what was answered."""
        answer = await self.keep(call, asked(index, self.patient, call))
        if isinstance(answer, Change):
            self.known.append(answer.reference)


class Talk:
    """What somebody says next about a patient; often it is what was said before.

    `documents` is how many different ones all callers speak of; few of them make many versions.
    """

    def __init__(self, *, seed: int, documents: int = 5) -> None:
        self.chance, self._documents = random.Random(seed), documents

    def about(self, account: Account[Any]) -> Call:
        """Something that can be said of what is known."""
        kinds = {self._declare: 30, self._repeat: 12, self._put: 12, self._put_set: 8, self._revoke: 12, self._look: 26}
        (kind,) = self.chance.choices(list(kinds), weights=list(kinds.values()))
        call = kind(account)
        account.said = [*account.said[-4:], call]
        return call

    def _repeat(self, account: Account[Any]) -> Call:
        return self.chance.choice([*account.said, List()])

    def _declare(self, _: Account[Any]) -> Call:
        return Declare(self._declaration("note"))

    def _put(self, _: Account[Any]) -> Call:
        return Put(self._declaration(self.chance.choice(["note", "sumehr"])), self.chance.randbytes(16))

    def _put_set(self, account: Account[Any]) -> Call:
        versions = [reference.version for reference in account.known if reference.version]
        scheme = a_declaration(f"S{self.chance.randrange(100)}", kind="medicationscheme")
        return PutSet(scheme, self.chance.randbytes(16), max(versions, default=None))

    def _revoke(self, account: Account[Any]) -> Call:
        return Revoke(self.chance.choice(account.known)) if account.known else List()

    def _look(self, account: Account[Any]) -> Call:
        if self.chance.random() < 0.7 or not account.known:
            return List()
        return Get(self.chance.choice(account.known).serial + self.chance.randrange(2))

    def _declaration(self, kind: str) -> Declaration:
        name, day, recorded = (self.chance.randrange(1, count) for count in (self._documents, 28, 28))
        return a_declaration(
            f"D{name}", kind=kind, date=f"2026-02-{day:02d}", recorded=f"2026-03-{recorded:02d}T10:00:00"
        )


class Caller:
    """Somebody who asks one index after the other about some patients."""

    def __init__(
        self, indexes: Sequence[ReferenceIndex], stories: Sequence[Story], *, seed: int, documents: int = 5
    ) -> None:
        self._indexes, self._stories = indexes, stories
        self._talk = Talk(seed=seed, documents=documents)

    async def act(self) -> None:
        """One operation."""
        chance = self._talk.chance
        story = chance.choice(self._stories)
        call = self._talk.about(story)
        await story.ask(chance.choice(self._indexes), call)


def invented_patients(count: int, *, seed: int) -> list[Ssin]:
    """Different people who cannot exist: nobody is the 997th of a day."""
    days = random.Random(seed).sample(range(60 * 12 * 28), count)
    bodies = [f"{40 + day // 336:02d}{day // 28 % 12 + 1:02d}{day % 28 + 1:02d}997" for day in days]
    return [Ssin(f"{body}{97 - int(body) % 97:02d}") for body in bodies]
