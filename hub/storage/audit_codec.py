"""Audit events as bytes: JSON without names, the version of the format first, what is empty at the end left out."""

from datetime import datetime
from typing import Any

import orjson

from hub.domain.audit import Actor, AuditedTransaction, AuditEvent, Outcome
from hub.domain.context import Origin
from hub.domain.identifiers import LocalId, Ssin
from hub.storage.values import chain_as_list, chain_from_list

_VERSION = 1
_EMPTY: tuple[object, ...] = (None, "", [], {})
_MOST_VALUES = 14


def encode_event(event: AuditEvent) -> bytes:
    """An event as bytes."""
    origin, actor = event.origin, event.actor
    values = [
        _VERSION,
        event.at.isoformat(),
        [origin.operation, origin.request_id, origin.message_id, origin.address, origin.software],
        [chain_as_list(actor.parties), actor.quality, actor.certificate, actor.token, actor.mandate],
        event.outcome,
        event.patient and event.patient.digits,
        event.transaction and _transaction(event.transaction),
        event.reason,
        event.rules,
        event.break_the_glass,
        event.criteria,
        event.results,
        event.peer,
        chain_as_list(event.subject),
        event.details,
    ]
    while values[-1] in _EMPTY:
        values.pop()
    return orjson.dumps(values)


def decode_event(value: bytes) -> AuditEvent:
    """The reverse of `encode_event`; the moment comes back with its offset, not with its zone. Raises ValueError."""
    version, *values = orjson.loads(value)
    if version != _VERSION:
        raise ValueError(f"audit event of format {version}: written by a later version of the hub")
    values += [None] * (_MOST_VALUES - len(values))
    at, origin, actor, outcome, patient, transaction, reason, rules, glass, criteria, results, *rest = values
    peer, subject, details = rest
    parties, quality, certificate, token, mandate = actor
    return AuditEvent(
        at=datetime.fromisoformat(at),
        origin=_read_origin(origin),
        actor=Actor(
            parties=chain_from_list(parties), quality=quality, certificate=certificate, token=token, mandate=mandate
        ),
        outcome=Outcome(outcome),
        patient=Ssin(patient) if patient else None,
        transaction=_read_transaction(transaction) if transaction else None,
        reason=reason or "",
        rules=tuple(rules or ()),
        break_the_glass=glass or "",
        criteria=criteria or "",
        results=results,
        peer=peer or "",
        subject=chain_from_list(subject or []),
        details=details or {},
    )


def _read_origin(value: list[str]) -> Origin:
    operation, request_id, message_id, address, software = value
    return Origin(operation=operation, request_id=request_id, message_id=message_id, address=address, software=software)


def _transaction(transaction: AuditedTransaction) -> list[Any]:
    return [
        *transaction.id,
        transaction.serial,
        transaction.transaction_type,
        transaction.date,
        transaction.time,
        chain_as_list(transaction.author),
    ]


def _read_transaction(value: list[Any]) -> AuditedTransaction:
    scheme, local, serial, transaction_type, date, time, author = value
    return AuditedTransaction(
        id=LocalId(scheme, local),
        serial=serial,
        transaction_type=transaction_type,
        date=date,
        time=time,
        author=chain_from_list(author),
    )
