"""The documents of the sandbox: valid, clean under the hub's rules, in the past, with PDFs that open."""

import base64
import io
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from hub.domain.references import VAULT
from hub.sandbox.documents import SampleDocument, long_record, sample_documents
from hub.sandbox.people import load_people
from hub.wire.kmehr.document_judge import DocumentJudge
from hub.wire.kmehr.judgement import Verdict
from hub.wire.kmehr.limits import ValidationLimits
from hub.wire.namespaces import KMEHR
from hub.wire.schemas import default_schema_folder
from hub.wire.xml import parse

PEOPLE = load_people()
DOCUMENTS = sample_documents(PEOPLE)
MESSAGES = [document for document in DOCUMENTS if not document.is_pdf]
THE_DAY_AFTER = datetime(2025, 3, 18, tzinfo=UTC)


@pytest.fixture(scope="module")
def judge() -> DocumentJudge:
    return DocumentJudge.load(default_schema_folder(), ValidationLimits())


@pytest.mark.parametrize("document", MESSAGES, ids=lambda document: document.id)
def test_a_message_is_valid_and_clean_under_every_rule(judge: DocumentJudge, document: SampleDocument) -> None:
    judgement = judge.judge(document.content, now=THE_DAY_AFTER)
    assert judgement.findings == ()
    assert judgement.verdict is Verdict.VALID


def test_there_are_at_least_forty_documents_of_twelve_types_in_two_languages() -> None:
    assert len(DOCUMENTS) >= 40
    assert len({document.declaration.transaction_type for document in DOCUMENTS}) >= 12
    languages = {text.get("L") for document in MESSAGES for text in parse(document.content).iter(f"{{{KMEHR}}}text")}
    assert {"fr", "nl"} <= languages


def test_every_source_has_documents_and_a_hospital_writes_its_own() -> None:
    for document in DOCUMENTS:
        organisations = [party.number for party in document.declaration.author if party.is_organisation]
        expected = [] if document.source == VAULT else [PEOPLE.hospitals[document.source].number]
        assert organisations == expected, document.id
    assert {document.source for document in DOCUMENTS} == {VAULT, *PEOPLE.hospitals}


def test_publishers_numbers_are_unique() -> None:
    everything = [*DOCUMENTS, *long_record(PEOPLE, 500)]
    assert len({document.declaration.ids[-1].key for document in everything}) == len(everything)


def test_one_patient_has_no_documents_and_the_dead_have_none_after_their_death() -> None:
    assert PEOPLE.patients["no_documents"] not in [document.patient for document in DOCUMENTS]
    for document in DOCUMENTS:
        if document.patient.deathdate:
            assert document.declaration.date <= document.patient.deathdate, document.id
        assert document.declaration.date >= document.patient.birthdate, document.id


def test_what_is_declared_is_what_the_message_says() -> None:
    for document in MESSAGES:
        transaction = parse(document.content).find(f"{{{KMEHR}}}folder/{{{KMEHR}}}transaction")
        assert transaction is not None
        assert transaction.findtext(f"{{{KMEHR}}}date") == document.declaration.date
        assert transaction.findtext(f"{{{KMEHR}}}cd") == document.declaration.transaction_type
        assert [id_.text for id_ in transaction.findall(f"{{{KMEHR}}}id")][-1] == document.id


def test_the_pdfs_open_and_say_what_the_document_is_about() -> None:
    files = [document.content for document in DOCUMENTS if document.is_pdf]
    files += [
        base64.b64decode(link.text or "", validate=True)
        for document in MESSAGES
        for link in parse(document.content).iter(f"{{{KMEHR}}}lnk")
        if link.get("MEDIATYPE") == "application/pdf"
    ]
    assert len(files) >= 8
    for file in files:
        reader = PdfReader(io.BytesIO(file), strict=True)
        text = reader.pages[0].extract_text()
        assert reader.metadata is not None
        assert str(reader.metadata.title) in text
        assert "fictif" in text.lower() or "verzonnen" in text.lower()


def test_a_long_record_has_as_many_valid_documents_as_wanted_newest_first(judge: DocumentJudge) -> None:
    record = list(long_record(PEOPLE, 50))
    days = [document.declaration.date for document in record]
    assert len(record) == 50
    assert days == sorted(days, reverse=True)
    assert judge.judge(record[-1].content, now=THE_DAY_AFTER).findings == ()
