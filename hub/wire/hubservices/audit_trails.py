"""GetPatientAuditTrail: what is asked for, and the rows of the answer (TransactionAccessListType)."""

from collections.abc import Iterable

from lxml import etree

from hub.domain.audit import AuditedTransaction, AuditEvent
from hub.domain.looks import TrailSelection
from hub.domain.parties import Author, Code
from hub.domain.search import Criteria, Scope
from hub.wire.hubservices.requests import part, read_criteria, read_date
from hub.wire.hubservices.responses import HubIdentity, write_patient_id
from hub.wire.kmehr.parties import read_id, write_author, write_code, write_id, write_party_content
from hub.wire.kmehr.persons import read_ids, read_patient_number
from hub.wire.namespaces import CORE
from hub.wire.xml import escape, text

_NO = frozenset({"false", "0"})
_TRANSACTION_VERSION = "1.14"


def read_trail_select(message: etree._Element) -> TrailSelection:
    """The select part. Raises HubError: patient-number, content."""
    select = part(message, "select")
    patient, party, transaction = (select.find(_c(name)) for name in ("patient", "hcparty", "transaction"))
    scope = text(select.find(_c("searchtype")))
    return TrailSelection(
        patient=None if patient is None else read_patient_number(patient),
        party=() if party is None else read_ids(party),
        transaction=None if transaction is None else read_id(part(transaction, "id")),
        criteria=Criteria() if transaction is None else read_criteria(transaction),
        begin=read_date(select.find(_c("begindate")), where="select/begindate"),
        end=read_date(select.find(_c("enddate")), where="select/enddate"),
        broke_the_glass=_broke_the_glass(text(select.find(_c("breaktheglass")))),
        scope=Scope(scope) if scope else Scope.LOCAL,
    )


def write_looks(hub: HubIdentity, events: Iterable[AuditEvent]) -> bytes:
    """`transactionaccesslist`: a row for each event, in their order."""
    rows = "".join(
        f"<transactionaccess>{'' if event.patient is None else write_patient_id(event.patient)}"
        f"{'' if event.transaction is None else _write_transaction(hub, event.transaction)}"
        f"{_write_chain(event.actor.parties)}<accessdatetime>{event.at.isoformat(timespec='seconds')}"
        f"</accessdatetime>{_write_reason(event.break_the_glass)}</transactionaccess>"
        for event in events
    )
    return f"<transactionaccesslist>{rows}</transactionaccesslist>".encode()


def _write_transaction(hub: HubIdentity, transaction: AuditedTransaction) -> str:
    kind = Code("CD-TRANSACTION", _TRANSACTION_VERSION, transaction.transaction_type)
    return (
        f"<transaction>{write_id(hub.id_of(transaction.id), '')}{write_code(kind, '')}"
        f"<date>{escape(transaction.date)}</date><time>{escape(transaction.time)}</time>"
        f"<author>{write_author(transaction.author)}</author></transaction>"
    )


def _write_chain(parties: Author) -> str:
    return "".join(f"<hcparty>{write_party_content(party)}</hcparty>" for party in parties)


def _write_reason(reason: str) -> str:
    return f"<breaktheglass>{escape(reason)}</breaktheglass>" if reason else ""


def _broke_the_glass(written: str) -> bool | None:
    """`false` and `0` ask for looks without, any other text for those with a reason; nothing for all."""
    return written.lower() not in _NO if written else None


def _c(name: str) -> str:
    return f"{{{CORE}}}{name}"
