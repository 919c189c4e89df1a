"""The calls of `workload`, asked of a hub over SOAP: what callers are told is what goes over the wire."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from hub.domain.declarations import Declaration
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import Id
from hub.domain.references import VAULT, Change, PatientReferences, TransactionReference
from hub.ports.local_ids import LocalIds
from hub.runtime import BelgianClock
from hub.sandbox.answers import Reply, UnexpectedAnswer
from hub.sandbox.client import HubClient
from hub.sandbox.messages import write_message, write_text, write_transaction
from hub.sandbox.people import SamplePatient
from hub.storage.secrets import EncryptedLocalIds
from hub.web.soap.faults import DEFAULT_CODES
from hub.wire.schemas import SchemaSet
from hub.wire.xml import parse
from tests.builders import a_hospital, a_person
from tests.consistency.workload import (
    Account,
    Answer,
    Call,
    Declare,
    List,
    Put,
    Revoke,
    Talk,
    specification,
)

CUSTODIAN = "71000436"
"""The hospital `north` of the example configuration."""

_ID_SCHEME = "RSBID"
_NO_ANSWER = frozenset(
    reason.value for reason in (Reason.INDEX_UNAVAILABLE, Reason.AUDIT_UNAVAILABLE, Reason.VAULT_UNAVAILABLE)
)

Row = tuple[int, str, str]
"""Of a row of a list: the serial that its id leads to, the publisher's own id, and when it was recorded."""

Told = tuple[Row, ...] | int | str
"""The rows of a list, the serial of what was declared, put or revoked, or the code of a refusal."""


class Connection:
    """The connections of one caller to a hub."""

    def __init__(self, client: HubClient, local_ids: LocalIds) -> None:
        self._doctor = client.speaking_as((a_person(),))
        self._hospital = client.speaking_as((a_hospital(CUSTODIAN),))
        self._local_ids = local_ids

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, schemas: SchemaSet, secret: Path, **headers: str) -> AsyncIterator["Connection"]:
        """To the hub at an address, whose secret of the index is in a file."""
        local_ids = EncryptedLocalIds(bytes.fromhex(secret.read_text()), scheme=_ID_SCHEME)
        async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=30)) as session:
            client = HubClient(session=session, endpoint=url, author=(), schemas=schemas, clock=BelgianClock())
            yield cls(client, local_ids)

    async def ask(self, patient: Ssin, call: Call) -> Told:
        """What the hub answers. Raises HubError (index-unavailable) when it does not, (busy) when it says so."""
        try:
            reply = await self._reply(patient, call)
        except (aiohttp.ClientError, TimeoutError, UnexpectedAnswer) as error:
            raise HubError(Reason.INDEX_UNAVAILABLE) from error
        if not reply.complete:
            return _refusal(reply)
        match call:
            case List():
                return tuple(map(self._row, reply.summaries))
            case Revoke(reference):
                return reference.serial
        (given,) = reply.ids
        return self._serial(given)

    async def has_document(self, patient: Ssin, row: Row) -> bool:
        """Whether the hub gives the document that a row is about."""
        return (await self._doctor.get(patient, self._id(patient, row[0]))).complete

    async def _reply(self, patient: Ssin, call: Call) -> Reply:
        match call:
            case List():
                return await self._doctor.list(patient)
            case Declare(declaration):
                return await self._hospital.declare(patient, declaration)
            case Put(declaration, document):
                return await self._doctor.put(parse(_message(patient, declaration, document)))
            case Revoke(reference):
                caller = self._doctor if reference.source == VAULT else self._hospital
                return await caller.revoke(patient, self._id(patient, reference.serial))
        raise NotImplementedError(call)

    def _row(self, summary: Declaration) -> Row:
        (given,) = (id_ for id_ in summary.ids if id_.local_scheme == _ID_SCHEME)
        return self._serial(given), _publishers_name(summary), summary.recorddatetime

    def _id(self, patient: Ssin, serial: int) -> Id:
        (given,) = self._local_ids.give(patient, [(serial, 0)])
        return Id("LOCAL", "1.0", given.value, given.scheme)

    def _serial(self, given: Id) -> int:
        address = self._local_ids.follow(LocalId(_ID_SCHEME, given.value))
        assert address, "an id that the hub gave leads to a reference"
        return address.serial


class SoapStory(Account[Told]):
    """What a hub was asked about one patient."""

    def __init__(self, patient: Ssin) -> None:
        super().__init__(patient, as_told)

    async def ask(self, connection: Connection, call: Call) -> Told | None:
        """Ask, and keep what was answered."""
        answer = await self.keep(call, connection.ask(self.patient, call))
        if isinstance(answer, int) and isinstance(call, Declare | Put):
            source = VAULT if isinstance(call, Put) else "chu"
            self.known.append(TransactionReference(answer, call.declaration, source))
        return answer


class SoapCaller:
    """Somebody who asks a hub about some patients."""

    def __init__(self, connection: Connection, stories: Sequence[SoapStory], *, seed: int) -> None:
        self._connection, self._stories, self._talk = connection, stories, Talk(seed=seed)

    async def act(self) -> None:
        """One operation: of those that are not in the language of this module, a list instead."""
        story = self._talk.chance.choice(self._stories)
        call = self._talk.about(story)
        await story.ask(self._connection, call if isinstance(call, Declare | Put | Revoke) else List())


def as_told(before: PatientReferences, call: Call) -> tuple[PatientReferences, Told]:
    """The specification, as far as it goes over the wire."""
    after, answer = specification(before, call)
    return after, _told(answer)


def _told(answer: Answer) -> Told:
    match answer:
        case Change(reference):
            return reference.serial
        case Reason():
            return DEFAULT_CODES.get(answer, answer.value)
        case TransactionReference() | None:
            raise NotImplementedError
    return tuple((row.serial, _publishers_name(row.declaration), row.declaration.recorddatetime) for row in answer)


def _refusal(reply: Reply) -> str:
    (code,) = {error.code for error in reply.errors}
    if code in _NO_ANSWER or reply.is_fault:
        raise HubError(Reason.INDEX_UNAVAILABLE)
    if code == Reason.BUSY.value:
        raise HubError(Reason.BUSY)
    return code


def _publishers_name(declaration: Declaration) -> str:
    return next(id_.value for id_ in declaration.ids if id_.local_scheme == "testemr")


def _message(patient: Ssin, declaration: Declaration, document: bytes) -> bytes:
    """A KMEHR message; another one for every document."""
    content = write_text(document.hex(), "fr")
    person = SamplePatient(
        key="invented",
        ssin=patient,
        firstname="Jan",
        familyname="Proefpatient",
        sex="male",
        birthdate="1945-12-31",
        language="fr",
        what="",
    )
    return write_message("1", declaration, person, [write_transaction(declaration, content)])
