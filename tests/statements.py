"""Statements about access for tests: when and by whom they are made."""

from datetime import UTC, date, datetime

from hub.domain.audit import Actor, AuditedTransaction, AuditEvent, Outcome
from hub.domain.context import Origin
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import Code, HcParty, Id
from hub.domain.recorded import Recorded
from tests.builders import JAN, a_person

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def recorded(by: HcParty | None = None) -> Recorded:
    """Said now: by the patient Jan, or by somebody else."""
    return Recorded(NOW, (by or the_patient(),))


def the_patient() -> HcParty:
    """Jan, as the author of a request of his own."""
    return HcParty(
        ids=(Id("INSS", "1.0", JAN.digits),),
        cds=(Code("CD-HCPARTY", "1.16", "patient"),),
        firstname="Jan",
        familyname="Proefpatient",
    )


def party_ids(party: HcParty | None = None) -> tuple[Id, ...]:
    """The ids of a family doctor, or of the party given."""
    return (party or a_person()).ids


def an_event(
    *by: HcParty,
    operation: str = "GetTransaction",
    at: datetime = NOW,
    patient: Ssin | None = JAN,
    transaction: AuditedTransaction | None = None,
    outcome: Outcome = Outcome.GRANTED,
    break_the_glass: str = "",
) -> AuditEvent:
    """An attempt that was granted to a family doctor, or another."""
    return AuditEvent(
        at=at,
        origin=Origin(operation=operation, request_id="request-1"),
        actor=Actor(parties=by or (a_person(),)),
        outcome=outcome,
        patient=patient,
        transaction=transaction,
        break_the_glass=break_the_glass,
    )


def an_audited_transaction(value: str = "1") -> AuditedTransaction:
    """A note of a family doctor."""
    return AuditedTransaction(
        id=LocalId("RSBID", value),
        serial=int(value),
        transaction_type="note",
        date="2026-03-01",
        time="10:00:00",
        author=(a_person(),),
    )
