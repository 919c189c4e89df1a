"""A hub client as care providers' and hospitals' software has one: writes requests, checks answers against the schema.

What it sends follows the real client (protocol facts, part 3). It plays every caller of the sandbox and the demo.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Protocol

import aiohttp
from lxml import etree

from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, Code, HcParty, Id, licence
from hub.domain.references import Declaration
from hub.ports.runtime import Clock
from hub.sandbox import contents
from hub.wire.hubservices.operations import INTRAHUB_ACTION
from hub.wire.hubservices.requests import read_summary
from hub.wire.kmehr.parties import read_id, write_author
from hub.wire.namespaces import ANSWER_DECLARATIONS, CORE, KMEHR, PROTOCOL, SOAP
from hub.wire.schemas import SchemaSet
from hub.wire.soap import ANSWER_END, ANSWER_START
from hub.wire.xml import local_name, parse, text

_CARRIES_DOCUMENTS = frozenset({"PutTransaction", "GetTransaction", "PutTransactionSet", "GetTransactionSet"})
_ENCRYPTION_KINDS = {"orghospital": "NIHII-HOSPITAL", "hub": "EHP"}
_APPLICATION = HcParty(
    ids=(Id("LOCAL", "1.0", "ACC_SANDBOX", "endusersoftwareinfo"),), cds=(Code("CD-HCPARTY", "1.1", "application"),)
)


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

    `document` is the KMEHR message in it, its root in the KMEHR namespace as in a standalone document. `received` is
    the answer as it came.
    """

    complete: bool
    errors: tuple[Refusal, ...]
    received: bytes
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


class Signer(Protocol):
    """Proves who sends a message."""

    async def sign(self, message: bytes) -> bytes:
        """The whole envelope with this message in its body."""
        ...


class HubClient:
    """One caller of a hub: a care provider, or the publishing system of a hospital.

    With a signer its messages are signed; without one they only say who it is.
    """

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        endpoint: str,
        author: Author,
        schemas: SchemaSet,
        clock: Clock,
        signer: Signer | None = None,
    ) -> None:
        self._session, self._endpoint, self._author = session, endpoint, author
        self._schemas, self._clock, self._signer = schemas, clock, signer

    def speaking_as(self, author: Author) -> "HubClient":
        """The same client for another caller, who does not sign."""
        return HubClient(
            session=self._session, endpoint=self._endpoint, author=author, schemas=self._schemas, clock=self._clock
        )

    async def put_patient(self, person: str) -> Reply:
        """Register a patient; `person` is the content of a person element, KMEHR elements with prefix `k`."""
        return await self.call("PutPatient", contents.person_put(person))

    async def put_party(self, party: HcParty) -> Reply:
        """Register a care party."""
        return await self.call("PutHCParty", contents.party_put(party, self._clock.now()))

    async def declare(self, patient: Ssin, declaration: Declaration) -> Reply:
        """Register a reference to a document that stays where it is."""
        return await self.call("DeclareTransaction", contents.transaction_declared(patient, declaration))

    async def revoke(self, patient: Ssin, transaction: Id) -> Reply:
        """Withdraw a document or a reference."""
        return await self.call("RevokeTransaction", contents.transaction_selected(patient, transaction))

    async def list(
        self, patient: Ssin, *, types: Sequence[str] = (), day: str | None = None, first: int | None = None
    ) -> Reply:
        """What exists about a patient: of these types, of one day, from one row on."""
        return await self.call("GetTransactionList", contents.list_selected(patient, types, day), first=first)

    async def get(self, patient: Ssin, transaction: Id, *, as_set: bool = False) -> Reply:
        """Fetch a document, or a set of transactions."""
        operation = "GetTransactionSet" if as_set else "GetTransaction"
        return await self.call(operation, contents.transaction_selected(patient, transaction))

    async def put(self, document: etree._Element, *, as_set: bool = False) -> Reply:
        """Give a KMEHR message to the vault, or replace a set of transactions."""
        return await self.call("PutTransactionSet" if as_set else "PutTransaction", contents.message_put(document))

    async def latest_update(self, patient: Ssin, transaction_type: str) -> Reply:
        """When transactions of a type last changed, and the version of a set."""
        return await self.call("GetLatestUpdate", contents.latest_update_selected(patient, transaction_type))

    async def call(self, operation: str, content: str, *, first: int | None = None, rows: int | None = None) -> Reply:
        """Send a request with this content behind its request part. Raises UnexpectedAnswer."""
        return await self.send(operation, await self.write(operation, content, first=first, rows=rows))

    async def write(self, operation: str, content: str, *, first: int | None = None, rows: int | None = None) -> bytes:
        """The envelope of a request with this content behind its request part, signed if this client signs."""
        message = (
            f"<p:{operation}Request {ANSWER_DECLARATIONS}>{self._request_part(operation, first, rows)}{content}"
            f"</p:{operation}Request>"
        )
        return await self.enclose(message.encode())

    async def enclose(self, message: bytes) -> bytes:
        """The envelope of a message, signed if this client signs."""
        return ANSWER_START + message + ANSWER_END if self._signer is None else await self._signer.sign(message)

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
            kind = _ENCRYPTION_KINDS.get(first.profession, "NIHII")
            first = replace(
                first,
                ids=(*first.ids, Id("ID-ENCRYPTION-ACTOR", "1.0", licence(first.number))),
                cds=(*first.cds, Code("CD-ENCRYPTION-ACTOR", "1.1", kind)),
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
            return Reply(complete=False, errors=_read_fault(message), received=body)
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
            received=body,
            message=message,
            document=document,
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
