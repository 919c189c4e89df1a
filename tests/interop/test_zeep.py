"""zeep loads the WSDL and calls every operation with its own data binding."""

import pytest
import zeep
from zeep.transports import Transport

from hub.wire.hubservices.description import Service
from tests.interop.conversation import CALLS, REQUEST_ID, as_zeep
from tests.interop.stub_hub import StubHub


@pytest.fixture(scope="module")
def client(endpoint: str) -> zeep.Client:
    return connected(endpoint)


def connected(endpoint: str) -> zeep.Client:
    transport = Transport(timeout=10, operation_timeout=10)  # type: ignore[no-untyped-call]  # zeep is half typed
    return zeep.Client(f"{endpoint}?wsdl", transport=transport)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("operation", CALLS)
def test_every_operation_can_be_called(client: zeep.Client, operation: str) -> None:
    answer = getattr(client.service, operation)(**as_zeep(CALLS[operation]))
    assert answer.response.request.id._value_1 == REQUEST_ID
    assert isinstance(answer.acknowledge.iscomplete, bool)


def test_a_list_arrives_as_objects(stub_hub: StubHub) -> None:
    client = connected(stub_hub.endpoint(Service.INTRAHUB))
    answer = client.service.GetTransactionList(**as_zeep(CALLS["GetTransactionList"]))
    folder = answer.kmehrheader.folder
    assert folder.patient.familyname == "Patient"
    assert [transaction.id[0]._value_1 for transaction in folder.transaction] == ["interop-1", "interop-2"]
    assert {transaction.id[0].SL for transaction in folder.transaction} == {"RSBID"}


def test_a_document_arrives_as_objects(stub_hub: StubHub) -> None:
    client = connected(stub_hub.endpoint(Service.INTRAHUB))
    answer = client.service.GetTransaction(**as_zeep(CALLS["GetTransaction"]))
    text, link = answer.kmehrmessage.folder[0].transaction[0]._value_1
    assert text["text"]._value_1 == "Invented."
    assert link["lnk"].MEDIATYPE == "text/plain"
