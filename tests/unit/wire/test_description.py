"""What a server tells under `?wsdl` and `?xsd=NAME` is complete, consistent and of the Basic Profile."""

import random
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree

from hub.wire.hubservices.description import Service, ServiceDescription
from hub.wire.hubservices.operations import OPERATIONS
from hub.wire.namespaces import PROTOCOL
from hub.wire.schemas import SchemaSet, default_schema_folder
from tests.unit.wire.content_model import ContentModel
from tests.unit.wire.kmehr_breaker import Breaker
from tests.unit.wire.kmehr_generator import XSI, DocumentGenerator

ENDPOINT = "https://hub.example.org/intrahub/v3"
NAMES = {
    "wsdl": "http://schemas.xmlsoap.org/wsdl/",
    "soap": "http://schemas.xmlsoap.org/wsdl/soap/",
    "xs": "http://www.w3.org/2001/XMLSchema",
}


@pytest.fixture(scope="module")
def description() -> ServiceDescription:
    return ServiceDescription.load(default_schema_folder())


@pytest.fixture(params=list(Service))
def definitions(request: pytest.FixtureRequest, description: ServiceDescription) -> etree._Element:
    return etree.fromstring(description.wsdl(request.param, endpoint=ENDPOINT))


def found(root: etree._Element, path: str) -> list[etree._Element]:
    return root.findall(path, NAMES)


def imported_names(document: bytes) -> set[str]:
    """The files that a document imports, all of them from the endpoint."""
    locations = [one.get("schemaLocation", "") for one in etree.fromstring(document).iterfind(".//xs:import", NAMES)]
    assert all(location.startswith(f"{ENDPOINT}?xsd=") for location in locations)
    return {parse_qs(urlsplit(location).query)["xsd"][0] for location in locations}


def test_a_client_is_sent_to_the_endpoint_it_asked(definitions: etree._Element) -> None:
    assert [one.get("location") for one in found(definitions, ".//soap:address")] == [ENDPOINT]


def test_every_operation_is_offered_and_bound(definitions: etree._Element) -> None:
    for path in ("wsdl:portType/wsdl:operation", "wsdl:binding/wsdl:operation"):
        assert {one.get("name") for one in found(definitions, path)} == OPERATIONS.keys()


@pytest.mark.parametrize("service", list(Service))
def test_the_soap_action_is_the_prefix_and_the_operation(description: ServiceDescription, service: Service) -> None:
    for prefix, wanted in ((None, service.action_prefix), ("urn:example:", "urn:example:")):
        wsdl = etree.fromstring(description.wsdl(service, endpoint=ENDPOINT, action_prefix=prefix))
        actions = [one.get("soapAction") for one in found(wsdl, "wsdl:binding/wsdl:operation/soap:operation")]
        assert sorted(actions, key=str) == sorted(f"{wanted}{operation}" for operation in OPERATIONS)


def test_the_binding_is_document_literal_over_http(definitions: etree._Element) -> None:
    [binding] = found(definitions, "wsdl:binding/soap:binding")
    assert dict(binding.items()) == {"style": "document", "transport": "http://schemas.xmlsoap.org/soap/http"}
    bodies = found(definitions, ".//soap:body")
    assert len(bodies) == 2 * len(OPERATIONS)
    assert all(dict(body.items()) == {"use": "literal"} for body in bodies)


def test_each_message_has_one_part_that_is_a_declared_element(
    definitions: etree._Element, description: ServiceDescription
) -> None:
    protocol = etree.fromstring(description.schema("protocol.xsd", endpoint=ENDPOINT) or b"")
    declared = {f"protocol:{one.get('name')}" for one in found(protocol, "xs:element")}
    messages = found(definitions, "wsdl:message")
    parts = [part.get("element") for message in messages for part in found(message, "wsdl:part")]
    assert len(parts) == len(messages)
    assert set(parts) == declared
    assert definitions.nsmap["protocol"] == PROTOCOL


def test_all_documents_use_the_same_prefixes(definitions: etree._Element, description: ServiceDescription) -> None:
    for name in description.schemas:
        schema = etree.fromstring(description.schema(name, endpoint=ENDPOINT) or b"")
        assert schema.nsmap.items() <= definitions.nsmap.items(), name


@pytest.mark.parametrize("service", list(Service))
def test_all_that_is_imported_is_served_by_the_same_endpoint(description: ServiceDescription, service: Service) -> None:
    seen: set[str] = set()
    to_read = imported_names(description.wsdl(service, endpoint=ENDPOINT))
    while to_read:
        name = to_read.pop()
        seen.add(name)
        schema = description.schema(name, endpoint=ENDPOINT)
        assert schema is not None, name
        to_read |= imported_names(schema) - seen
    assert seen == description.schemas.keys()


@pytest.mark.parametrize("name", ["", "unknown.xsd", "../pyproject.toml", "intrahub-v3.wsdl", "PROTOCOL.XSD"])
def test_other_names_are_not_served(description: ServiceDescription, name: str) -> None:
    assert description.schema(name, endpoint=ENDPOINT) is None


def test_serving_leaves_the_description_as_it_was(description: ServiceDescription) -> None:
    first = description.wsdl(Service.INTRAHUB, endpoint=ENDPOINT), description.schema("protocol.xsd", endpoint=ENDPOINT)
    description.wsdl(Service.INTRAHUB, endpoint="http://elsewhere.example/", action_prefix="urn:other:")
    description.schema("protocol.xsd", endpoint="http://elsewhere.example/")
    assert first == (
        description.wsdl(Service.INTRAHUB, endpoint=ENDPOINT),
        description.schema("protocol.xsd", endpoint=ENDPOINT),
    )


def test_a_folder_without_a_service_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"intrahub-v3\.wsdl"):
        ServiceDescription.load(tmp_path)


def test_clients_get_schemas_with_the_verdicts_of_the_hub(description: ServiceDescription, tmp_path: Path) -> None:
    """Except about a root that names its published type, which no client made from these schemas writes."""
    model = ContentModel.load()
    for name in description.schemas:
        schema = (description.schema(name, endpoint=ENDPOINT) or b"").replace(f"{ENDPOINT}?xsd=".encode(), b"")
        (tmp_path / name).write_bytes(schema)
    served = etree.XMLSchema(etree.parse(str(tmp_path / "protocol.xsd")))
    validating = SchemaSet.load(default_schema_folder()).hub_message
    chance = random.Random("served")
    generator, breaker = DocumentGenerator(model, chance), Breaker(model, chance)
    for name in model.schemas["hubprotocol"]["elements"]:
        message = generator.global_element(f"hubprotocol:{name}")
        for candidate in [message, *(breaker.break_one(message) for _ in range(10))]:
            if candidate.get(f"{{{XSI}}}type") is None:
                assert served(candidate) == validating(candidate), etree.tostring(candidate).decode()
