"""Who may see a part of a document gets that part, in clear or sealed, and nothing of what has no parts."""

from binascii import a2b_base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import pytest
from lxml import etree

from hub.domain.context import RequestContext
from hub.domain.encryption import EncryptionActor
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.identity import Identity
from hub.domain.parties import Code, HcParty, Id
from hub.domain.references import TransactionReference
from hub.domain.texts import Language
from hub.ports.documents import OpenDocument, Shape
from hub.services.retrieval import OpenTransaction, Retrieval
from hub.web.soap.calls import Call
from hub.web.soap.handlers.retrieval import RetrievalHandlers
from hub.web.soap.sealed_answers import AnswerSealing
from hub.wire.hubservices import calls
from hub.wire.hubservices.requests import read_request_part
from hub.wire.hubservices.responses import HubIdentity
from hub.wire.namespaces import KMEHR
from hub.wire.soap import open_envelope
from hub.wire.xml import parse
from tests.builders import JAN, a_context, a_declaration, a_patient, a_person
from tests.fakes.documents import PDF, a_document

K = f"{{{KMEHR}}}"
HUB = HubIdentity(number="1990000728", name="RSB", id_scheme="RSBID")
DOCUMENT = a_document(
    "DOC-1",
    patient=JAN.digits,
    content="".join(
        f'<item><id S="ID-KMEHR" SV="1.0">1</id><cd S="CD-ITEM" SV="1.11">{kind}</cd>'
        f'<content><text L="nl">about {kind}</text></content></item>'
        for kind in ("problem", "medication")
    ),
).encode()
ACTOR = EncryptionActor("NIHII", "19990116")
NOW = datetime(2026, 3, 2, 11, 0, 0)  # noqa: DTZ001 - written without a zone


class StoppedClock:
    """It is always the same moment."""

    def now(self) -> datetime:
        """That moment."""
        return NOW


class OneTransaction(Retrieval):
    """Opens one document, to somebody who may see these items of it."""

    def __init__(self, *, document: bytes, shape: Shape, only_items: frozenset[str] | None) -> None:
        self._document, self._shape, self._only_items = document, shape, only_items

    @asynccontextmanager
    async def open(self, context: RequestContext, patient: Ssin, name: Id) -> AsyncIterator[OpenTransaction]:
        declaration = a_declaration()
        assert (patient, name.key) == (JAN, declaration.ids[1].key)
        assert context.requester.parties == (a_person(),)
        yield OpenTransaction(
            patient=a_patient(),
            reference=TransactionReference(serial=1, declaration=declaration, source="chu"),
            ids=(LocalId("RSBID", "H-1"),),
            member=0,
            document=OpenDocument(self._shape, None, _chunks(self._document)),
            only_items=self._only_items,
        )


async def _chunks(document: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(document), 100):
        yield document[start : start + 100]


class LooseSealing:
    """Puts content into an envelope that anybody can open."""

    async def open(self, sealed: bytes, sender: Identity | None) -> bytes:  # noqa: ARG002 - as the port says
        """The content."""
        return sealed[::-1]

    async def seal(self, content: bytes, recipient: EncryptionActor) -> bytes:
        """The content backwards."""
        assert recipient == ACTOR
        return content[::-1]


def a_call(caller: HcParty, language: Language) -> Call:
    """A GetTransaction for the document."""
    sent = calls.get_transaction(caller, NOW, a_context(), JAN, a_declaration().ids[1], is_set=False)
    message = open_envelope(parse(sent.envelope)).message
    return Call(a_context(), read_request_part(message), message, language)


async def answer(
    document: bytes = DOCUMENT,
    *,
    only_items: frozenset[str] | None,
    shape: Shape = Shape.KMEHR_MESSAGE,
    sealed_for: EncryptionActor | None = None,
    language: Language = "fr",
) -> etree._Element:
    """The message that the caller gets."""
    retrieval = OneTransaction(document=document, shape=shape, only_items=only_items)
    handlers = RetrievalHandlers(retrieval=retrieval, hub=HUB, clock=StoppedClock())
    handler = AnswerSealing(sealing=LooseSealing(), most=1 << 20).around(handlers.get_transaction)
    caller = a_person()
    if sealed_for:
        caller = replace(
            caller,
            ids=(*caller.ids, Id("ID-ENCRYPTION-ACTOR", "1.0", sealed_for.number)),
            cds=(*caller.cds, Code("CD-ENCRYPTION-ACTOR", "1.0", sealed_for.kind)),
        )
    async with handler(a_call(caller, language)) as opened:
        parts = [opened.stream.feed(chunk) async for chunk in opened.document.chunks]
        return parse(b"".join((*parts, opened.stream.finish())))


def texts(message: etree._Element) -> list[str | None]:
    return [text.text for text in message.iter(f"{K}text")]


async def test_who_may_see_everything_gets_everything() -> None:
    assert texts(await answer(only_items=None)) == ["about problem", "about medication"]


@pytest.mark.parametrize(
    ("language", "notice"), [("fr", "Document partiel."), ("nl", "Gedeeltelijk document."), ("en", "Partial document.")]
)
async def test_a_part_leaves_and_says_so_in_the_callers_language(language: Language, notice: str) -> None:
    said, *items = texts(await answer(only_items=frozenset({"medication", "allergy"}), language=language))

    assert items == ["about medication"]
    assert said is not None
    assert said.startswith(notice)
    assert said.endswith(": allergy, medication.")


async def test_who_may_see_no_item_gets_the_document_without_any() -> None:
    (said,) = texts(await answer(only_items=frozenset(), language="en"))

    assert said == "Partial document. Of this document the requester gets only the items of these kinds: -."


async def test_a_pdf_has_no_parts() -> None:
    with pytest.raises(HubError) as refusal:
        await answer(PDF, shape=Shape.PDF, only_items=frozenset({"medication"}))

    assert refusal.value.reason is Reason.ACCESS_DENIED


async def test_what_is_sealed_for_the_caller_is_the_part() -> None:
    message = await answer(only_items=frozenset({"medication"}), sealed_for=ACTOR)

    sealed = message.findtext(f"{K}Base64EncryptedData/{K}Base64EncryptedValue")
    folder = a2b_base64(sealed or "")[::-1]
    assert message.find(f"{K}folder") is None
    assert b"about medication" in folder
    assert b"Document partiel" in folder
    assert b"problem" not in folder
