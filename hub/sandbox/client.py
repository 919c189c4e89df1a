"""A hub client as care providers' and hospitals' software has one: writes requests, checks answers against the schema.

What it sends follows the real client (protocol facts, part 3). It plays every caller of the sandbox and the demo.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from io import BytesIO

import aiohttp
from lxml import etree

from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, Code, HcParty, Id
from hub.domain.references import Declaration
from hub.ports.runtime import Clock
from hub.wire.hubservices.operations import INTRAHUB_ACTION
from hub.wire.hubservices.requests import read_summary
from hub.wire.kmehr.parties import read_id, write_author, write_code, write_id, write_party_content
from hub.wire.namespaces import ANSWER_DECLARATIONS, CORE, KMEHR, PROTOCOL, SOAP
from hub.wire.schemas import SchemaSet
from hub.wire.xml import escape, local_name, parse, text

_CARRIES_DOCUMENTS = frozenset({"PutTransaction", "GetTransaction", "PutTransactionSet", "GetTransactionSet"})
_APPLICATION = HcParty(
    ids=(Id("LOCAL", "1.0", "ACC_SANDBOX", "endusersoftwareinfo"),), cds=(Code("CD-HCPARTY", "1.1", "application"),)
)
_START = f'<?xml version="1.0" encoding="UTF-8"?>\n<S:Envelope xmlns:S="{SOAP}"><S:Body>'
_END = "</S:Body></S:Envelope>"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of the hub. `message` is the response message; None when the answer is a fault.

    `document` is the KMEHR message in it, its root in the KMEHR namespace as in a standalone document.
    """

    complete: bool
    errors: tuple[Refusal, ...]
    message: etree._Element | None = None
    document: etree._Element | None = None

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

    def _all(self, path: str) -> list[etree._Element]:
        return [] if self.message is None else self.message.findall(path)


class HubClient:
    """One caller of a hub: a care provider, or the publishing system of a hospital."""

    def __init__(
        self, *, session: aiohttp.ClientSession, endpoint: str, author: Author, schemas: SchemaSet, clock: Clock
    ) -> None:
        self._session, self._endpoint, self._author = session, endpoint, author
        self._schemas, self._clock = schemas, clock

    def speaking_as(self, author: Author) -> "HubClient":
        """The same client for another caller."""
        return HubClient(
            session=self._session, endpoint=self._endpoint, author=author, schemas=self._schemas, clock=self._clock
        )

    async def put_patient(self, person: str) -> Reply:
        """Register a patient; `person` is the content of a person element, KMEHR elements with prefix `k`."""
        return await self.call("PutPatient", f"<patient>{person}</patient>")

    async def put_party(self, party: HcParty) -> Reply:
        """Register a care party."""
        content = write_party_content(party, "k:", "")
        recorded = f"<recorddatetime>{self._clock.now():%Y-%m-%dT%H:%M:%S}</recorddatetime>"
        return await self.call("PutHCParty", f"<hcparty>{content}{recorded}</hcparty>")

    async def declare(self, patient: Ssin, declaration: Declaration) -> Reply:
        """Register a reference to a document that stays where it is."""
        summary = _write_summary(declaration)
        return await self.call(
            "DeclareTransaction", f"<kmehrheader><folder>{_patient(patient)}{summary}</folder></kmehrheader>"
        )

    async def revoke(self, patient: Ssin, transaction: Id) -> Reply:
        """Withdraw a document or a reference."""
        return await self.call("RevokeTransaction", _select(patient, transaction))

    async def list(
        self, patient: Ssin, *, types: Sequence[str] = (), day: str | None = None, first: int | None = None
    ) -> Reply:
        """What exists about a patient: of these types, of one day, from one row on."""
        cds = "".join(write_code(Code("CD-TRANSACTION", "1.1", kind), "") for kind in types)
        period = f"<begindate>{day}</begindate><enddate>{day}</enddate>" if day else ""
        return await self.call(
            "GetTransactionList",
            f"<select>{_patient(patient)}<transaction>{cds}{period}</transaction></select>",
            first=first,
        )

    async def get(self, patient: Ssin, transaction: Id, *, as_set: bool = False) -> Reply:
        """Fetch a document, or a set of transactions."""
        return await self.call("GetTransactionSet" if as_set else "GetTransaction", _select(patient, transaction))

    async def put(self, document: etree._Element, *, as_set: bool = False) -> Reply:
        """Give a KMEHR message to the vault, or replace a set of transactions."""
        tag, document.tag = document.tag, f"{{{CORE}}}kmehrmessage"
        written = etree.tostring(document, encoding="unicode")
        document.tag = tag
        return await self.call("PutTransactionSet" if as_set else "PutTransaction", written)

    async def latest_update(self, patient: Ssin, transaction_type: str) -> Reply:
        """When transactions of a type last changed, and the version of a set."""
        cd = write_code(Code("CD-TRANSACTION", "1.1", transaction_type), "")
        return await self.call("GetLatestUpdate", f"<select><criteria>{_patient(patient)}{cd}</criteria></select>")

    async def call(self, operation: str, content: str, *, first: int | None = None, rows: int | None = None) -> Reply:
        """Send a request with this content behind its request part. Raises UnexpectedAnswer."""
        body = (
            f"{_START}<p:{operation}Request {ANSWER_DECLARATIONS}>{self._request_part(operation, first, rows)}{content}"
            f"</p:{operation}Request>{_END}"
        )
        return await self.send(operation, body.encode())

    async def send(self, operation: str, body: bytes) -> Reply:
        """Send an envelope as it is. Raises UnexpectedAnswer."""
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{INTRAHUB_ACTION}{operation}"',
            "Accept-Language": "en",
        }
        async with self._session.post(self._endpoint, data=BytesIO(body), headers=headers) as response:
            return self._read(operation, await response.read(), response.status)

    def _request_part(self, operation: str, first: int | None, rows: int | None) -> str:
        now = self._clock.now()
        number = next((party.number for party in self._author if party.number), "0")
        most = "" if rows is None else f"<maxrows>{rows}</maxrows>"
        page_info = f"<paginationinfo><index>{first}</index></paginationinfo>" if first else ""
        return (
            f'<request><id S="ID-KMEHR" SV="1.0">{number}.{int(now.timestamp() * 1000)}</id>'
            f"<author>{write_author(self._requester(operation))}</author><date>{now:%Y-%m-%d}</date>"
            f"<time>{now:%H:%M:%S}.{now.microsecond // 1000:03d}</time>{most}{page_info}</request>"
        )

    def _requester(self, operation: str) -> Author:
        first, *others = self._author
        if operation in _CARRIES_DOCUMENTS and first.number:
            first = replace(
                first,
                ids=(*first.ids, Id("ID-ENCRYPTION-ACTOR", "1.0", first.number[:8])),
                cds=(*first.cds, Code("CD-ENCRYPTION-ACTOR", "1.1", "NIHII")),
            )
        return (first, *others, _APPLICATION)

    def _read(self, operation: str, body: bytes, status: int) -> Reply:
        try:
            message = parse(body).find(f"{{{SOAP}}}Body/*")
        except HubError as error:
            raise UnexpectedAnswer(f"HTTP {status}, no XML: {error}") from error
        if message is None:
            raise UnexpectedAnswer(f"HTTP {status}, no SOAP")
        if message.tag == f"{{{SOAP}}}Fault":
            return Reply(complete=False, errors=_read_fault(message))
        if message.tag != f"{{{PROTOCOL}}}{operation}Response":
            raise UnexpectedAnswer(f"HTTP {status}, {local_name(message)}")
        standalone = etree.ElementTree(message)
        if not self._schemas.hub_message.validate(standalone):
            raise UnexpectedAnswer(f"not valid: {self._schemas.hub_message.error_log}")
        acknowledge = f"{{{CORE}}}acknowledge/{{{CORE}}}"
        document = message.find(f"{{{CORE}}}kmehrmessage")
        if document is not None:
            document.tag = f"{{{KMEHR}}}kmehrmessage"
        return Reply(
            complete=text(message.find(f"{acknowledge}iscomplete")) in ("true", "1"),
            errors=tuple(_read_error(error) for error in message.findall(f"{acknowledge}error")),
            message=message,
            document=document,
        )


@asynccontextmanager
async def open_client(endpoint: str, author: Author, schemas: SchemaSet, clock: Clock) -> AsyncIterator[HubClient]:
    """A client with connections of its own, closed at the end."""
    timeout = aiohttp.ClientTimeout(total=60, sock_connect=5)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield HubClient(session=session, endpoint=endpoint, author=author, schemas=schemas, clock=clock)


def _patient(patient: Ssin) -> str:
    return f'<patient><id S="INSS" SV="1.0">{patient.digits}</id></patient>'


def _select(patient: Ssin, transaction: Id) -> str:
    return f"<select>{_patient(patient)}<transaction>{write_id(transaction, '')}</transaction></select>"


def _write_summary(declaration: Declaration) -> str:
    return "".join(
        (
            "<transaction>",
            *(write_id(id_, "") for id_ in declaration.ids),
            *(write_code(cd, "") for cd in declaration.cds),
            f"<date>{declaration.date}</date><time>{declaration.time}</time>",
            f"<author>{write_author(declaration.author)}</author>",
            f"<iscomplete>{str(declaration.iscomplete).lower()}</iscomplete>",
            f"<isvalidated>{str(declaration.isvalidated).lower()}</isvalidated>",
            f"<recorddatetime>{escape(declaration.recorddatetime)}</recorddatetime></transaction>",
        )
    )


def _read_error(error: etree._Element) -> Refusal:
    parts = {local_name(child): text(child) for child in reversed(error)}
    return Refusal(parts.get("cd", ""), parts.get("description", ""), parts.get("url", ""))


def _read_fault(fault: etree._Element) -> tuple[Refusal, ...]:
    """The sentence of a fault, then its details, under the fault's own code."""
    detail = {local_name(element): text(element) for element in fault.iter()}
    code = detail.get("Code") or detail.get("faultcode", "")
    sentences = [text(element) for element in fault.iter() if local_name(element) == "Message"]
    return tuple(Refusal(code, sentence) for sentence in sentences or [detail.get("faultstring", "")])
