"""Audit events: who did what about whom, and how it ended (security facts, part 4.11).

An event without an actor, an operation and an outcome cannot be built. No clinical content: of a document its
identifiers, type and date, which is what a patient needs to see which one was meant.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hub.domain.context import Origin
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import Author


class Outcome(StrEnum):
    """How an attempt ended."""

    GRANTED = "granted"
    REFUSED = "refused"
    """By a rule of access, or for what was asked; `reason` says which."""
    FAILED = "failed"
    """By a fault of the hub or of a source."""
    INTERRUPTED = "interrupted"
    """A document had been granted and had begun to leave."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Actor:
    """Who acted: the author chain of the request, and who is proven to have signed it.

    `quality` is the certified one, empty where nobody signs. `certificate` and `token` are the SHA-256 of the holder's
    certificate and of the token, in hexadecimal. `mandate` says for whom he acted: the kind of the mandate, empty for a
    person who acts for himself.
    """

    parties: Author
    quality: str = ""
    certificate: str = ""
    token: str = ""
    mandate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedTransaction:
    """Which document: the hub's id, its type (CD-TRANSACTION), its own date and time as XML Schema texts, its author.

    `serial` is its number among the patient's references.
    """

    id: LocalId
    serial: int
    transaction_type: str
    date: str
    time: str
    author: Author


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AuditEvent:
    """One attempt. `at` is aware.

    `patient` is None where none is concerned. `reason` is the name of the refusal, empty when granted. `rules` are the
    ids of the rules that decided, in order. `break_the_glass` is the reason the caller gave, empty without one.
    `criteria` says what was searched for, `results` how many rows left. `peer` is the number of the hub that asked.
    `subject` are the care parties that a link, an exclusion or a right is about.
    """

    at: datetime
    origin: Origin
    actor: Actor
    outcome: Outcome
    patient: Ssin | None = None
    transaction: AuditedTransaction | None = None
    reason: str = ""
    rules: tuple[str, ...] = ()
    break_the_glass: str = ""
    criteria: str = ""
    results: int | None = None
    peer: str = ""
    subject: Author = ()
    details: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the moment of an audit event has a zone")
        if not (self.origin.operation and self.actor.parties):
            raise ValueError("an audit event names the operation and who acted")

    def __repr__(self) -> str:
        return f"AuditEvent({self.origin.operation}, {self.outcome})"
