"""Answers of a hub as a client reads them: checked against the schema, with what they say no with."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from hub.domain.declarations import Declaration
from hub.domain.errors import HubError
from hub.domain.parties import Author, Id
from hub.wire.hubservices.requests import read_summary
from hub.wire.kmehr.parties import read_hcparty, read_id
from hub.wire.kmehr.sealed_folders import document_in
from hub.wire.namespaces import CORE, KMEHR, PROTOCOL, SOAP
from hub.wire.schemas import SchemaSet
from hub.wire.xml import local_name, parse, text

_FAULT = f"{{{SOAP}}}Fault"


class UnexpectedAnswer(Exception):
    """The hub did not answer as agreed: no SOAP, not valid, or an answer to something else."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One error of an answer: its code, the sentence, and the place in the request it is about."""

    code: str
    text: str
    where: str = ""


class NotAccepted(Exception):
    """The hub's answer is no; the text is what it says."""

    def __init__(self, errors: tuple[Refusal, ...]) -> None:
        super().__init__("; ".join(f"{error.text} [{error.code}]" for error in errors) or "no reason given")


@dataclass(frozen=True, slots=True)
class Seal:
    """That a document came sealed; `problem` says why it still is, and is empty when it could be opened."""

    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One row of an audit trail: who looked, when, at which document, if at one.

    `glass` is the reason for which the glass was broken, empty without one.
    """

    at: datetime
    by: Author
    transaction: Id | None
    glass: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of the hub. `message` is the response message; None when the answer is a fault.

    `document` is the KMEHR message in it, its root in the KMEHR namespace as in a standalone document. What came sealed
    is in clear in both if it could be opened, as `seal` says; None when nothing was sealed. `received` is the answer as
    it came.
    """

    complete: bool
    errors: tuple[Refusal, ...]
    received: bytes
    message: etree._Element | None = None
    document: etree._Element | None = None
    seal: Seal | None = None

    @property
    def is_fault(self) -> bool:
        """Whether the hub could not understand or process the request."""
        return self.message is None

    def accepted(self) -> "Reply":
        """This answer. Raises NotAccepted when it is a refusal or a fault."""
        if not self.complete:
            raise NotAccepted(self.errors)
        return self

    @property
    def ids(self) -> tuple[Id, ...]:
        """The identifiers that the hub gave, one per transaction."""
        return tuple(read_id(id_) for id_ in self._all(f"{{{CORE}}}transaction/{{{CORE}}}id"))

    @property
    def summaries(self) -> tuple[Declaration, ...]:
        """The rows of a list."""
        rows = self._all(f"{{{CORE}}}kmehrheader/{{{CORE}}}folder/{{{CORE}}}transaction")
        return tuple(read_summary(row) for row in rows)

    @property
    def total(self) -> int:
        """How many rows there are on all pages of a list."""
        totals = self._all(f"{{{CORE}}}response/{{{CORE}}}paginationinfo/{{{CORE}}}totalrecordcount")
        return int(text(totals[0])) if totals else len(self.summaries)

    @property
    def latest_versions(self) -> dict[str, str]:
        """The versions of a GetLatestUpdate, by transaction type."""
        updates = self._all(f"{{{CORE}}}latestupdatelist/{{{CORE}}}latestupdate")
        return {
            text(update.find(f"{{{CORE}}}cd")): text(version)
            for update in updates
            if (version := update.find(f"{{{CORE}}}version")) is not None
        }

    @property
    def accesses(self) -> tuple[Access, ...]:
        """The rows of an audit trail."""
        return tuple(map(_read_access, self._all(f"{{{CORE}}}transactionaccesslist/{{{CORE}}}transactionaccess")))

    def _all(self, path: str) -> list[etree._Element]:
        return [] if self.message is None else self.message.findall(path)


def read_answer(operation: str, received: bytes, status: int, schemas: SchemaSet) -> etree._Element:
    """The response message to an operation, or a fault, as it came. Raises UnexpectedAnswer."""
    try:
        message = parse(received).find(f"{{{SOAP}}}Body/*")
    except HubError as error:
        raise UnexpectedAnswer(f"HTTP {status}, no XML: {error}") from error
    if message is None:
        raise UnexpectedAnswer(f"HTTP {status}, no SOAP")
    if message.tag == _FAULT:
        return message
    if message.tag != f"{{{PROTOCOL}}}{operation}Response":
        raise UnexpectedAnswer(f"HTTP {status}, {local_name(message)}")
    if not schemas.hub_message.validate(etree.ElementTree(message)):
        raise UnexpectedAnswer(f"not valid: {schemas.hub_message.error_log}")
    return message


def reply_of(message: etree._Element, received: bytes, seal: Seal | None) -> Reply:
    """What a response message, or a fault, says."""
    if message.tag == _FAULT:
        return Reply(complete=False, errors=_read_fault(message), received=received)
    acknowledge = f"{{{CORE}}}acknowledge/{{{CORE}}}"
    return Reply(
        complete=text(message.find(f"{acknowledge}iscomplete")) in ("true", "1"),
        errors=tuple(_read_error(error) for error in message.findall(f"{acknowledge}error")),
        received=received,
        message=message,
        document=_standalone(document_in(message)),
        seal=seal,
    )


def _read_access(row: etree._Element) -> Access:
    id_ = row.find(f"{{{CORE}}}transaction/{{{CORE}}}id")
    return Access(
        at=datetime.fromisoformat(text(row.find(f"{{{CORE}}}accessdatetime"))),
        by=tuple(map(read_hcparty, row.findall(f"{{{CORE}}}hcparty"))),
        transaction=None if id_ is None else read_id(id_),
        glass=text(row.find(f"{{{CORE}}}breaktheglass")),
    )


def _standalone(document: etree._Element | None) -> etree._Element | None:
    if document is None:
        return None
    document = deepcopy(document)
    document.tag = f"{{{KMEHR}}}kmehrmessage"
    return document


def _read_error(error: etree._Element) -> Refusal:
    parts = {local_name(child): text(child) for child in reversed(error)}
    return Refusal(parts.get("cd", ""), parts.get("description", ""), parts.get("url", ""))


def _read_fault(fault: etree._Element) -> tuple[Refusal, ...]:
    """The sentence of a fault, then its details, under the fault's own code."""
    detail = {local_name(element): text(element) for element in fault.iter()}
    code = detail.get("Code") or detail.get("faultcode", "")
    sentences = [text(element) for element in fault.iter() if local_name(element) == "Message"]
    return tuple(Refusal(code, sentence) for sentence in sentences or [detail.get("faultstring", "")])
