"""Hub services requests: message parts to domain values.

The message has passed the schema; what is left to refuse are patient numbers and the like. Protocol facts, part 3.
"""

from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lxml import etree

from hub.domain.declarations import Declaration
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, HcParty, Id, Patient
from hub.domain.search import Criteria, PublicationWish, Scope
from hub.wire.kmehr.parties import read_author, read_code, read_hcparty, read_id
from hub.wire.kmehr.persons import read_patient, read_patient_number
from hub.wire.namespaces import CORE, KMEHR
from hub.wire.xml import local_name, text, verbatim


@dataclass(frozen=True, slots=True)
class RequestPart:
    """The `request` part that every message begins with. `copy` is that part as XML text, for the answer to repeat."""

    id: Id
    author: Author
    maxrows: int | None
    first_row: int | None
    break_the_glass: str | None
    copy: bytes


def read_request_part(message: etree._Element) -> RequestPart:
    """The request part of a message."""
    request = part(message, "request")
    maxrows, index = request.find(_c("maxrows")), request.find(f"{_c('paginationinfo')}/{_c('index')}")
    return RequestPart(
        id=read_id(part(request, "id")),
        author=read_author(request.find(_c("author"))),
        maxrows=None if maxrows is None else int(Decimal(text(maxrows))),
        first_row=None if index is None else int(text(index)),
        break_the_glass=text(request.find(_c("breaktheglass"))) or None,
        copy=_copy_of(request),
    )


def _copy_of(request: etree._Element) -> bytes:
    """The part as text, with the namespaces that it uses: others of the caller's envelope are nothing to the answer."""
    alone = deepcopy(request)
    etree.cleanup_namespaces(alone)
    copy = etree.tostring(alone, with_tail=False)
    # `xsi:type` uses a namespace inside its value, where it is not seen: such a part, a rare one, keeps them all.
    return etree.tostring(request, with_tail=False) if b":type=" in copy else copy


@dataclass(frozen=True, slots=True)
class TransactionSelect:
    """Which transaction of which patient."""

    patient: Ssin
    id: Id


def read_transaction_select(message: etree._Element) -> TransactionSelect:
    """The select part of GetTransaction, GetTransactionSet and RevokeTransaction."""
    select = part(message, "select")
    return TransactionSelect(
        patient=read_patient_number(part(select, "patient")),
        id=read_id(part(part(select, "transaction"), "id")),
    )


def read_list_select(message: etree._Element) -> tuple[Ssin, Criteria, Scope]:
    """The select part of GetTransactionList."""
    select = part(message, "select")
    scope = text(select.find(_c("searchtype")))
    return (
        read_patient_number(part(select, "patient")),
        read_criteria(select.find(_c("transaction"))),
        Scope(scope) if scope else Scope.LOCAL,
    )


def read_publication_wish(message: etree._Element) -> PublicationWish:
    """The select part of RequestPublication."""
    select = part(message, "select")
    return PublicationWish(
        patient=read_patient_number(part(select, "patient")),
        criteria=read_criteria(select.find(_c("transaction"))),
        comment=text(select.find(_c("comment"))),
    )


def read_latest_update_select(message: etree._Element) -> list[tuple[Ssin, frozenset[str]]]:
    """The criteria of GetLatestUpdate: per patient, the transaction types asked for."""
    return [
        (
            read_patient_number(part(criteria, "patient")),
            frozenset(text(cd) for cd in criteria.findall(_c("cd")) if cd.get("S") == "CD-TRANSACTION"),
        )
        for criteria in part(message, "select").findall(_c("criteria"))
    ]


def read_patient_part(message: etree._Element) -> Patient:
    """The patient of a PutPatient. Raises HubError (patient-number)."""
    return read_patient(part(message, "patient"))


def read_patient_select(message: etree._Element) -> Ssin:
    """The select part of GetPatient."""
    return read_patient_number(part(part(message, "select"), "patient"))


def read_party_select(message: etree._Element) -> tuple[Id, ...]:
    """The select part of GetHCParty: the identifiers of one care party."""
    party = part(part(message, "select"), "hcparty")
    return tuple(read_id(child) for child in party if local_name(child) == "id")


def read_declaration(message: etree._Element) -> tuple[Ssin, Declaration]:
    """The patient and the transaction of a DeclareTransaction."""
    folder = part(part(message, "kmehrheader"), "folder")
    return read_patient_number(part(folder, "patient")), read_summary(part(folder, "transaction"))


def read_summary(transaction: etree._Element) -> Declaration:
    """A transaction summary (hub services TransactionSummaryType), or the same facts of a KMEHR transaction.

    A KMEHR transaction may lack recorddatetime; then it is empty.
    """
    parts = {local_name(child): child for child in transaction}
    return Declaration.of(
        ids=tuple(read_id(child) for child in transaction if local_name(child) == "id"),
        cds=tuple(read_code(child) for child in transaction if local_name(child) == "cd"),
        date=text(parts["date"]),
        time=text(parts["time"]),
        author=read_author(parts["author"]),
        iscomplete=text(parts["iscomplete"]) in ("true", "1"),
        isvalidated=text(parts["isvalidated"]) in ("true", "1"),
        recorddatetime=text(parts.get("recorddatetime")),
    )


def kmehr_message_of(message: etree._Element) -> etree._Element:
    """The KMEHR message of a put, as a standalone document: its root takes the KMEHR namespace."""
    kmehr = part(message, "kmehrmessage")
    kmehr.tag = f"{{{KMEHR}}}kmehrmessage"
    return kmehr


def read_party(message: etree._Element) -> tuple[HcParty, str]:
    """The care party of a PutHCParty and its recorddatetime."""
    party = part(message, "hcparty")
    return read_hcparty(party), verbatim(party.find(_c("recorddatetime"))) or ""


def read_criteria(transaction: etree._Element | None) -> Criteria:
    """What a transaction element asks for besides an id: types, author and period."""
    if transaction is None:
        return Criteria()
    return Criteria(
        types=frozenset(text(cd) for cd in transaction.findall(_c("cd")) if cd.get("S") == "CD-TRANSACTION"),
        author=read_author(transaction.find(_c("author"))),
        begin=read_date(transaction.find(_c("begindate")), where="select/transaction"),
        end=read_date(transaction.find(_c("enddate")), where="select/transaction"),
    )


def read_date(element: etree._Element | None, *, where: str) -> date | None:
    """An XML Schema date without its zone, None for no element.

    The schema has seen to its form, but allows years that Python has not. Raises HubError (content).
    """
    written = text(element)
    if not written:
        return None
    try:
        return date.fromisoformat(written[:10])
    except ValueError as error:
        raise HubError(Reason.CONTENT, where=where, limit="the years 0001 to 9999") from error


def part(element: etree._Element, name: str) -> etree._Element:
    """A child that the schema promises."""
    child = element.find(_c(name))
    if child is None:  # pragma: no cover - the message has passed the schema
        raise LookupError(f"{local_name(element)} has no {name}")
    return child


def _c(name: str) -> str:
    return f"{{{CORE}}}{name}"
