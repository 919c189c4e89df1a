"""The one place where audit events are made, and where attempts that fail leave theirs (security facts, part 4.11)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from hub.domain.audit import Actor, AuditedTransaction, AuditEvent, Outcome
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Kind
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.identity import HUB
from hub.domain.parties import Author, HcParty, Id, Requester
from hub.domain.references import TransactionReference
from hub.ports.audit_trail import AuditRecorder
from hub.ports.runtime import Clock
from hub.services.permissions import Permit

_FAILURES = frozenset({Kind.UNAVAILABLE, Kind.TOO_LATE, Kind.INTERNAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What an attempt is about; see `AuditEvent`."""

    patient: Ssin | None = None
    transaction: AuditedTransaction | None = None
    subject: Author = ()
    criteria: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Attempt:
    """One attempt while it lasts: what is known of it so far."""

    context: RequestContext
    matter: Matter
    clock: Clock
    permit: Permit | None = None

    def granted(self, *, results: int | None = None) -> AuditEvent:
        """The event of success, to be stored with what is changed, or before an answer leaves."""
        return self.ended(Outcome.GRANTED, results=results)

    def ended(self, outcome: Outcome, *, reason: str = "", results: int | None = None) -> AuditEvent:
        """The event of this outcome."""
        return AuditEvent(
            at=self.clock.now(),
            origin=self.context.origin,
            actor=_actor(self.context.requester, self.permit),
            outcome=outcome,
            patient=self.matter.patient,
            transaction=self.matter.transaction,
            reason=reason,
            rules=self.permit.rules if self.permit else (),
            break_the_glass=self.context.break_the_glass or "",
            criteria=self.matter.criteria,
            results=results,
            peer=_peer(self.context.requester),
            subject=self.matter.subject,
            details=dict(self.matter.details),
        )


class Auditing:
    """Makes attempts, and records how they ended."""

    def __init__(self, *, trail: AuditRecorder, clock: Clock) -> None:
        self._trail, self._clock = trail, clock

    @asynccontextmanager
    async def attempt(self, context: RequestContext, matter: Matter) -> AsyncIterator[Attempt]:
        """An attempt; one that raises HubError is recorded as refused or failed, before the error goes on.

        Raises HubError (audit-unavailable) instead when that cannot be recorded.
        """
        attempt = Attempt(context, matter, self._clock)
        try:
            yield attempt
        except HubError as error:
            outcome = Outcome.FAILED if error.kind in _FAILURES else Outcome.REFUSED
            await self._trail.record(attempt.ended(outcome, reason=error.reason.value))
            raise

    async def record(self, event: AuditEvent) -> None:
        """Keep the event of an attempt that changes nothing. Raises HubError (audit-unavailable)."""
        await self._trail.record(event)


def audited(reference: TransactionReference, local_id: LocalId) -> AuditedTransaction:
    """What the trail tells of a document."""
    declaration = reference.declaration
    return AuditedTransaction(
        id=local_id,
        serial=reference.serial,
        transaction_type=declaration.transaction_type,
        date=declaration.date,
        time=declaration.time,
        author=declaration.author,
    )


def named_party(ids: tuple[Id, ...]) -> Author:
    """A care party of which only the ids are known, as the trail tells it."""
    return (HcParty(ids=ids, cds=()),)


def _actor(requester: Requester, permit: Permit | None) -> Actor:
    identity, mandate = requester.identity, permit.mandate if permit else ""
    if identity is None:
        return Actor(parties=requester.parties, mandate=mandate)
    return Actor(
        parties=requester.parties,
        quality=identity.quality,
        certificate=identity.certificate,
        token=identity.token_id,
        mandate=mandate,
    )


def _peer(requester: Requester) -> str:
    identity = requester.identity
    return identity.number if identity and identity.quality == HUB else ""
