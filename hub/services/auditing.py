"""Audit events, made of a request and of how it ended. Every service that records one makes it here."""

from collections.abc import Mapping

from hub.domain.audit import Actor, AuditedTransaction, AuditEvent, Outcome
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Kind
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import Author, peer_of
from hub.domain.references import TransactionReference
from hub.ports.runtime import Clock

_FAILURES = frozenset({Kind.UNAVAILABLE, Kind.TOO_LATE, Kind.INTERNAL})


class Auditing:
    """Makes audit events."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    def event(
        self,
        context: RequestContext,
        outcome: Outcome,
        *,
        patient: Ssin | None = None,
        transaction: AuditedTransaction | None = None,
        reason: str = "",
        rules: tuple[str, ...] = (),
        mandate: str = "",
        criteria: str = "",
        results: int | None = None,
        subject: Author = (),
        details: Mapping[str, str] | None = None,
    ) -> AuditEvent:
        """What a request did, now."""
        requester, identity = context.requester, context.requester.identity
        return AuditEvent(
            at=self._clock.now(),
            origin=context.origin,
            actor=Actor(
                parties=requester.parties,
                quality=identity.quality if identity else "",
                certificate=identity.certificate if identity else "",
                token=identity.token_id if identity else "",
                mandate=mandate,
            ),
            outcome=outcome,
            patient=patient,
            transaction=transaction,
            reason=reason,
            rules=rules,
            break_the_glass=context.break_the_glass or "",
            criteria=criteria,
            results=results,
            peer=peer_of(requester),
            subject=subject,
            details=dict(details or {}),
        )

    def ended(
        self, context: RequestContext, error: HubError, *, patient: Ssin | None = None, rules: tuple[str, ...] = ()
    ) -> AuditEvent:
        """How a request ended that was answered with an error."""
        return self.event(context, outcome_of(error), patient=patient, reason=error.reason.value, rules=rules)


def outcome_of(error: HubError) -> Outcome:
    """Whether an error says that the hub will not, or that it cannot."""
    return Outcome.FAILED if error.kind in _FAILURES else Outcome.REFUSED


def audited(reference: TransactionReference, local_id: LocalId) -> AuditedTransaction:
    """A document as an event names it."""
    declaration = reference.declaration
    return AuditedTransaction(
        id=local_id,
        serial=reference.serial,
        transaction_type=declaration.transaction_type,
        date=declaration.date,
        time=declaration.time,
        author=declaration.author,
    )
