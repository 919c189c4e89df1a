"""What `hub call` sends when it is told nothing: valid for every operation, by whoever asks."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from hub.domain.identifiers import Ssin
from hub.domain.parties import Id
from hub.sandbox.people import load_people
from hub.sandbox.sample_requests import NEED_DOCUMENT, NoContent, SampleRequests
from hub.wire.hubservices.operations import OPERATIONS
from hub.wire.kmehr.parties import write_author
from hub.wire.namespaces import ANSWER_DECLARATIONS
from hub.wire.schemas import SchemaSet, default_schema_folder
from hub.wire.xml import parse

PEOPLE = load_people()
NOW = datetime(2025, 3, 14, 9, 30, tzinfo=ZoneInfo("Europe/Brussels"))
DOCUMENT = Id("LOCAL", "1.0", "b26614d0392edd4c7f51dc8604e2ebea", "RSBID")


@pytest.fixture(scope="module")
def schemas() -> SchemaSet:
    return SchemaSet.load(default_schema_folder())


def requests(key: str, *, patient: Ssin, document: Id | None = DOCUMENT) -> SampleRequests:
    return SampleRequests(people=PEOPLE, signatory=PEOPLE.signatories[key], patient=patient, document=document, now=NOW)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
@pytest.mark.parametrize("key", ["gp_fr", "modele", "peer_hub", "everyday"])
def test_every_content_is_valid(operation: str, key: str, schemas: SchemaSet) -> None:
    request = (
        f'<request><id S="ID-KMEHR" SV="1.0">1</id><author>{write_author(PEOPLE.signatories[key].author)}</author>'
        "<date>2025-03-14</date><time>09:30:00</time></request>"
    )
    content = requests(key, patient=PEOPLE.patients["everyday"].ssin).content(operation)
    message = f"<p:{operation}Request {ANSWER_DECLARATIONS}>{request}{content}</p:{operation}Request>"
    schemas.hub_message.assertValid(etree.ElementTree(parse(message.encode())))


@pytest.mark.parametrize("operation", sorted(NEED_DOCUMENT))
def test_there_is_nothing_to_ask_about_a_document_that_is_not_there(operation: str) -> None:
    with pytest.raises(NoContent, match="empty"):
        requests("gp_fr", patient=PEOPLE.patients["no_documents"].ssin, document=None).content(operation)


def test_only_people_of_the_sandbox_are_registered() -> None:
    with pytest.raises(NoContent, match="whole person"):
        requests("gp_fr", patient=Ssin("45123199772")).content("PutPatient")
