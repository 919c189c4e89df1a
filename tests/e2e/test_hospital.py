"""The sandbox's hospitals, asked by a hub and by others."""

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from lxml import etree

from hub.domain.parties import Id
from hub.runtime import BelgianClock
from hub.sandbox.answers import Reply
from hub.sandbox.client import HubClient
from hub.sandbox.documents import SampleDocument, sample_documents
from hub.sandbox.folder import DocumentFolder
from hub.sandbox.hospital import DOCUMENT_PATH, SOAP_PATH
from hub.sandbox.people import SANDBOX_HUB, load_people
from hub.sandbox.processes import Child, listening, reserved_ports, running
from hub.wire.schemas import SchemaSet, default_schema_folder
from hub.wire.xml import parse

PEOPLE = load_people()
DOCUMENTS = {document.id: document for document in sample_documents(PEOPLE)}
RESULT = DOCUMENTS["MOD-2025-0001"]
LETTER = DOCUMENTS["VB-2025-0007"]


@dataclass
class Hospital:
    """A running hospital."""

    url: str
    folder: DocumentFolder
    child: Child
    session: aiohttp.ClientSession

    async def ask(self, document: SampleDocument, *, by: str = SANDBOX_HUB.number, as_set: bool = False) -> Reply:
        """Ask for a document as a hub does."""
        return await self.caller(by).get(document.patient.ssin, document.declaration.ids[-1], as_set=as_set)

    def caller(self, number: str = SANDBOX_HUB.number) -> HubClient:
        hub = SANDBOX_HUB.party
        return HubClient(
            session=self.session,
            endpoint=self.url + SOAP_PATH,
            author=(type(hub)(ids=(Id("ID-HCPARTY", "1.0", number),), cds=hub.cds, name="A hub"),),
            schemas=SchemaSet.load(default_schema_folder()),
            clock=BelgianClock(),
        )


@pytest.fixture(params=["soap"])
async def hospital(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Hospital]:
    documents = tmp_path / "documents"
    documents.mkdir()
    identity = ("--number", "71998150", "--name", "A hospital", "--hub", SANDBOX_HUB.number)
    with reserved_ports("127.0.0.1", 1) as ports:
        where = ("--kind", request.param, "--port", str(ports[0]), "--folder", str(documents))
        async with (
            running("hospital", "hub.sandbox.hospital", *where, *identity, logs=tmp_path) as child,
            aiohttp.ClientSession() as session,
        ):
            await listening(child, "127.0.0.1", ports[0])
            yield Hospital(f"http://127.0.0.1:{ports[0]}", DocumentFolder(documents), child, session)


files_only = pytest.mark.parametrize("hospital", ["rest"], indirect=True)


async def test_a_hub_gets_a_document_by_its_number(hospital: Hospital) -> None:
    hospital.folder.keep(RESULT.id, RESULT.content)
    for as_set in (False, True):
        reply = (await hospital.ask(RESULT, as_set=as_set)).accepted()
        assert reply.document is not None
        assert etree.canonicalize(reply.document) == etree.canonicalize(parse(RESULT.content))


async def test_unknown_unreadable_and_another_patients_document_are_the_same_refusal(hospital: Hospital) -> None:
    unknown = await hospital.ask(RESULT)
    hospital.folder.keep(RESULT.id, b"no XML")
    unreadable = await hospital.ask(RESULT)
    hospital.folder.keep(RESULT.id, RESULT.content)
    stranger = PEOPLE.patients["bis"].ssin
    of_another = await hospital.caller().get(stranger, RESULT.declaration.ids[-1])
    for reply in (unknown, unreadable, of_another):
        assert not reply.complete
        assert [error.code for error in reply.errors] == ["transaction-unknown"]


async def test_only_its_own_hub_is_answered(hospital: Hospital) -> None:
    hospital.folder.keep(RESULT.id, RESULT.content)
    reply = await hospital.ask(RESULT, by="1990000134")
    assert not reply.complete
    assert [error.code for error in reply.errors] == ["not-your-hub"]


async def test_a_wish_for_publication_is_accepted_and_other_operations_are_faults(hospital: Hospital) -> None:
    patient = f'<patient><id S="INSS" SV="1.0">{RESULT.patient.ssin.digits}</id></patient>'
    wish = await hospital.caller().call("RequestPublication", f"<select>{patient}<transaction/></select>")
    other = await hospital.caller().call("GetPatient", f"<select>{patient}</select>")
    assert wish.complete
    assert other.is_fault


@pytest.mark.parametrize("body", [b"hello", b"<a/>", b"", b"<!DOCTYPE a><a/>"])
async def test_what_is_no_message_is_a_fault(hospital: Hospital, body: bytes) -> None:
    reply = await hospital.caller().send("GetTransaction", body)
    assert reply.is_fault


@files_only
async def test_the_other_kind_gives_files_by_number_and_media_type(hospital: Hospital) -> None:
    hospital.folder.keep(LETTER.id, LETTER.content)
    hospital.folder.keep(RESULT.id, RESULT.content)
    for document, media_type in ((LETTER, "application/pdf"), (RESULT, "application/xml")):
        async with hospital.session.get(f"{hospital.url}{DOCUMENT_PATH}/{document.id}") as response:
            assert response.headers["Content-Type"] == media_type
            assert await response.read() == document.content


@files_only
@pytest.mark.parametrize("number", ["none", "..%2Fhospital", "%2Fetc%2Fpasswd"])
async def test_the_other_kind_knows_nothing_outside_its_folder(hospital: Hospital, number: str) -> None:
    async with hospital.session.get(f"{hospital.url}{DOCUMENT_PATH}/{number}") as response:
        assert response.status == 404


async def test_it_ends_quickly_even_with_a_connection_open(hospital: Hospital) -> None:
    await hospital.ask(RESULT)
    hospital.child.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(5):
        assert await hospital.child.process.wait() == 0
