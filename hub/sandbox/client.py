"""A hub client as care providers' and hospitals' software has one: writes requests, checks answers against the schema.

What it sends follows the real client (protocol facts, part 3). It plays every caller of the sandbox and the demo.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import Protocol

import aiohttp
from lxml import etree

from hub.domain.declarations import Declaration
from hub.domain.encryption import EncryptionActor
from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, Code, HcParty, Id
from hub.ports.runtime import Clock
from hub.sandbox import contents
from hub.sandbox.answers import Reply, Seal, read_answer, reply_of
from hub.wire.hubservices.operations import INTRAHUB_ACTION
from hub.wire.kmehr.parties import write_author
from hub.wire.kmehr.sealed_folders import document_in, is_sealed, put_back, sealable, take_sealed
from hub.wire.namespaces import ANSWER_DECLARATIONS
from hub.wire.schemas import SchemaSet
from hub.wire.soap import ANSWER_END, ANSWER_START
from hub.wire.xml import escape, parse

_CARRIES_DOCUMENTS = frozenset({"PutTransaction", "GetTransaction", "PutTransactionSet", "GetTransactionSet"})
_APPLICATION = HcParty(
    ids=(Id("LOCAL", "1.0", "ACC_SANDBOX", "endusersoftwareinfo"),), cds=(Code("CD-HCPARTY", "1.1", "application"),)
)


class Signer(Protocol):
    """Proves who sends a message."""

    async def sign(self, message: bytes) -> bytes:
        """The whole envelope with this message in its body."""
        ...


class Sealer(Protocol):
    """Seals folders for the hub, and opens what the hub has sealed for an actor."""

    @property
    def actor(self) -> EncryptionActor:
        """For whom the hub is to seal."""
        ...

    async def seal(self, content: bytes) -> bytes:
        """The content sealed for the hub. Raises HubError."""
        ...

    async def open(self, sealed: bytes) -> bytes:
        """What the hub has sealed. Raises HubError."""
        ...


class CannotSeal(Exception):
    """This client has nothing to seal with."""

    def __init__(self) -> None:
        super().__init__("This sandbox has no sealed folders, or this machine has no openssl program, 3.0 or later.")


@dataclass(frozen=True, slots=True, kw_only=True)
class HubClient:
    """One caller of a hub: a care provider, or the publishing system of a hospital.

    With a signer its messages are signed; without one they only say who it is. With a sealer it asks that documents
    are sealed, and opens them; without one it gets them in clear. With a reason to break the `glass` each message has
    it.
    """

    session: aiohttp.ClientSession
    endpoint: str
    author: Author
    schemas: SchemaSet
    clock: Clock
    signer: Signer | None = None
    sealer: Sealer | None = None
    glass: str = ""

    @property
    def seals(self) -> bool:
        """Whether it can seal for the hub and open what the hub seals."""
        return self.sealer is not None

    def speaking_as(self, author: Author, sealer: Sealer | None = None) -> "HubClient":
        """The same client for another caller, who does not sign."""
        return replace(self, author=author, signer=None, sealer=sealer)

    def in_clear(self) -> "HubClient":
        """The same client without seals, which have a limit of size."""
        return replace(self, sealer=None)

    def naming(self, person: HcParty) -> "HubClient":
        """The same client for a person who asks through the organisation that signs."""
        return replace(self, author=(*self.author, person))

    def breaking_the_glass(self, reason: str) -> "HubClient":
        """The same client in an emergency, for this reason."""
        return replace(self, glass=reason)

    async def put_patient(self, person: str) -> Reply:
        """Register a patient; `person` is the content of a person element, KMEHR elements with prefix `k`."""
        return await self.call("PutPatient", contents.person_put(person))

    async def put_party(self, party: HcParty) -> Reply:
        """Register a care party."""
        return await self.call("PutHCParty", contents.party_put(party, self.clock.now()))

    async def take_part(self) -> Reply:
        """Say that the caller takes part in the hub."""
        return await self.call("PutHCPartyConsent", contents.participation_stated(self.number, self._today))

    async def consent(self, patient: Ssin, *, ends: bool = False) -> Reply:
        """Record a patient's consent to sharing what there is and what will be, or that it `ends`."""
        operation = "RevokePatientConsent" if ends else "PutPatientConsent"
        return await self.call(operation, contents.consent_stated(patient, self._today, ends=ends))

    async def link(self, patient: Ssin, party: Id, kind: str, *, ends: bool = False) -> Reply:
        """Record a therapeutic link with a care party, for which the patient's card was read, or that it `ends`."""
        operation = "RevokeTherapeuticLink" if ends else "PutTherapeuticLink"
        return await self.call(operation, contents.link_stated(patient, party, kind, self._today, ends=ends))

    async def hide(self, transaction: Id, party: Id) -> Reply:
        """Hide a document from a care party."""
        return await self.call("PutAccessRight", contents.right_stated(transaction, party, "disallow"))

    async def looks(self, patient: Ssin, *, first: int | None = None) -> Reply:
        """Who looked at what there is about a patient, newest first, from one row on."""
        return await self.call("GetPatientAuditTrail", contents.about_patient(patient), first=first)

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

    async def put(self, document: etree._Element, *, as_set: bool = False, sealed: bool = False) -> Reply:
        """Give a KMEHR message to the vault, or replace a set of transactions. Sealing raises what `sealed` raises."""
        content = contents.message_put(await self.sealed(document) if sealed else document)
        return await self.call("PutTransactionSet" if as_set else "PutTransaction", content)

    async def sealed(self, document: etree._Element) -> etree._Element:
        """A KMEHR message with its folders sealed for the hub; one that is sealed already stays as it is.

        Raises CannotSeal, and HubError when it cannot be sealed.
        """
        if self.sealer is None:
            raise CannotSeal
        parted = sealable(etree.tostring(document, with_tail=False))
        return document if parted is None else parse(parted.with_sealed(await self.sealer.seal(parted.clear)))

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
        return ANSWER_START + message + ANSWER_END if self.signer is None else await self.signer.sign(message)

    async def send(self, operation: str, body: bytes) -> Reply:
        """Send an envelope as it is. Raises UnexpectedAnswer."""
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{INTRAHUB_ACTION}{operation}"',
            "Accept-Language": "en",
        }
        async with self.session.post(self.endpoint, data=BytesIO(body), headers=headers) as response:
            received = await response.read()
        message = read_answer(operation, received, response.status, self.schemas)
        return reply_of(message, received, await self._open(message))

    async def _open(self, message: etree._Element) -> Seal | None:
        """Put what is sealed in an answer in its place in clear, if it can be opened."""
        document = document_in(message)
        if document is None or not is_sealed(document):
            return None
        if self.sealer is None:
            return Seal("this client opens nothing")
        try:
            put_back(document, await self.sealer.open(take_sealed(document)))
        except HubError as error:
            return Seal(str(error))
        return Seal()

    @property
    def number(self) -> Id:
        """What identifies the caller, as links and rights name him."""
        return self.author[-1].ids[0]

    @property
    def _today(self) -> date:
        return self.clock.now().date()

    def _request_part(self, operation: str, first: int | None, rows: int | None) -> str:
        now = self.clock.now()
        number = next((party.number for party in self.author if party.number), "0")
        glass = f"<breaktheglass>{escape(self.glass)}</breaktheglass>" if self.glass else ""
        most = "" if rows is None else f"<maxrows>{rows}</maxrows>"
        page_info = f"<paginationinfo><index>{first}</index></paginationinfo>" if first else ""
        return (
            f'<request><id S="ID-KMEHR" SV="1.0">{number}.{int(now.timestamp() * 1000)}</id>'
            f"<author>{write_author(self._requester(operation))}</author><date>{now:%Y-%m-%d}</date>"
            f"<time>{now:%H:%M:%S}.{now.microsecond // 1000:03d}</time>{most}{glass}{page_info}</request>"
        )

    def _requester(self, operation: str) -> Author:
        first, *others = self.author
        if operation in _CARRIES_DOCUMENTS and self.sealer is not None:
            actor = self.sealer.actor
            first = replace(
                first,
                ids=(*first.ids, Id("ID-ENCRYPTION-ACTOR", "1.0", actor.number)),
                cds=(*first.cds, Code("CD-ENCRYPTION-ACTOR", "1.1", actor.kind)),
            )
        return (first, *others, _APPLICATION)
