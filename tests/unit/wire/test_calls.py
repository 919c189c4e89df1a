"""What the hub says to a source's own server: valid messages, the hub first, then who asked it."""

from datetime import UTC, date, datetime

import pytest
from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id
from hub.domain.search import Criteria, PublicationWish
from hub.wire.hubservices import calls
from hub.wire.hubservices.requests import read_publication_wish, read_request_part, read_transaction_select
from hub.wire.schemas import SchemaSet, default_schema_folder
from hub.wire.soap import open_envelope
from hub.wire.xml import parse
from tests.builders import a_context
from tests.fakes.document_requests import HUB_AS_PARTY, PHYSICIAN, a_reference
from tests.fakes.documents import HUB, PATIENT, a_hub_answer, a_refusal, a_soap_fault

NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
CONTEXT = a_context(PHYSICIAN, break_the_glass="patiënt <bewusteloos> & alleen")


@pytest.fixture(scope="module")
def schemas() -> SchemaSet:
    return SchemaSet.load(default_schema_folder())


def message_of(call: calls.Call, schemas: SchemaSet) -> etree._Element:
    """The message in a call, which must be valid."""
    envelope = open_envelope(parse(call.envelope))
    assert envelope.operation == call.operation.name
    assert schemas.hub_message.validate(envelope.message), schemas.hub_message.error_log
    return envelope.message


@pytest.mark.parametrize(("is_set", "operation"), [(False, "GetTransaction"), (True, "GetTransactionSet")])
def test_a_document_is_asked_for_by_the_publishers_own_number(is_set: bool, operation: str, schemas: SchemaSet) -> None:
    number = calls.publishers_id(a_reference("D<1>").declaration)

    call = calls.get_transaction(HUB_AS_PARTY, NOW, CONTEXT, Ssin(PATIENT), number, is_set=is_set)

    message = message_of(call, schemas)
    request, select = read_request_part(message), read_transaction_select(message)
    assert call.operation.name == operation
    assert request.author == (HUB_AS_PARTY, PHYSICIAN)
    assert request.id == Id("ID-KMEHR", "1.0", f"{HUB}.request-1")
    assert request.break_the_glass == CONTEXT.break_the_glass
    assert select.patient == Ssin(PATIENT)
    assert b">D&lt;1&gt;</id>" in call.envelope


def test_a_publisher_without_local_number_is_asked_by_its_first() -> None:
    declaration = a_reference("D-1").declaration

    assert calls.publishers_id(declaration).value == "D-1"
    only = declaration.with_ids(declaration.ids[:1])
    assert calls.publishers_id(only) == Id("ID-KMEHR", "1.0", "1")


@pytest.mark.parametrize(
    "wish",
    [
        PublicationWish(Ssin(PATIENT), Criteria()),
        PublicationWish(
            Ssin(PATIENT),
            Criteria(frozenset({"sumehr", "labresult"}), (PHYSICIAN,), date(2026, 1, 1), date(2026, 2, 28)),
            "Graag & snel",
        ),
    ],
)
def test_a_wish_arrives_as_it_was_made(wish: PublicationWish, schemas: SchemaSet) -> None:
    call = calls.request_publication(HUB_AS_PARTY, NOW, CONTEXT, wish)

    assert read_publication_wish(message_of(call, schemas)) == wish


def test_an_accepted_wish_is_no_error() -> None:
    calls.read_publication_answer(a_hub_answer("", operation="RequestPublication").encode())


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "<html/>",
        a_soap_fault(),
        a_hub_answer("", operation="GetTransaction"),
        a_hub_answer("", operation="RequestPublication", iscomplete="false", errors=a_refusal()),
    ],
    ids=["nothing", "html", "fault", "another answer", "refusal"],
)
def test_any_other_answer_to_a_wish_is_an_error(answer: str) -> None:
    with pytest.raises(HubError) as caught:
        calls.read_publication_answer(answer.encode())

    assert caught.value.reason is Reason.SOURCE_ANSWER
