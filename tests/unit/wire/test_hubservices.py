"""Answers are valid against the schema, and what is written is read back the same."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from hub.domain.declarations import Declaration
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import LocalId
from hub.domain.parties import Address, Code, FreeText, HcParty, Id, Telecom
from hub.wire.hubservices.operations import OPERATIONS, check_action, operation_named
from hub.wire.hubservices.requests import RequestPart, read_request_part, read_summary
from hub.wire.hubservices.responses import (
    ErrorEntry,
    HubIdentity,
    LatestUpdate,
    write_acknowledge,
    write_latest_updates,
    write_list,
    write_party,
    write_patient,
    write_response_part,
    write_transaction_ids,
)
from hub.wire.hubservices.summaries import SummaryWriter
from hub.wire.namespaces import ANSWER_DECLARATIONS, CORE, KMEHR, PROTOCOL, SECURITY_UTILITY, SOAP
from hub.wire.schemas import SchemaSet, default_schema_folder
from hub.wire.soap import answer_end, answer_start, open_envelope
from hub.wire.xml import parse
from tests.builders import JAN, a_declaration, a_hospital, a_patient, a_person

XSI = "http://www.w3.org/2001/XMLSchema-instance"
HUB = HubIdentity("1990000728", "RSB", "RSBID")
NOW = datetime(2026, 3, 2, 10, 20, 1)  # noqa: DTZ001 - written without a zone
REQUEST = f"""<p:GetTransactionListRequest xmlns="{CORE}" xmlns:p="{PROTOCOL}"
 xmlns:k="http://www.ehealth.fgov.be/standards/kmehr/schema/v1"><request>
 <id S="ID-KMEHR" SV="1.0">19990116004.17</id><author><k:hcparty><k:id S="ID-HCPARTY" SV="1.0">19990116004</k:id>
 <k:cd S="CD-HCPARTY" SV="1.1">persphysician</k:cd><k:name>&lt;Ana&gt; &amp; "co"</k:name></k:hcparty></author>
 <date>2026-03-02</date><time>10:20:00.123</time><maxrows>7</maxrows><breaktheglass>reason</breaktheglass>
 <paginationinfo><index>3</index></paginationinfo></request>
 <select><patient><id S="INSS" SV="1.0">45123199772</id></patient></select></p:GetTransactionListRequest>"""


@pytest.fixture(scope="module")
def schemas() -> SchemaSet:
    """The shipped schemas."""
    return SchemaSet.load(default_schema_folder())


@pytest.fixture
def request_part() -> RequestPart:
    """The request part of REQUEST."""
    return read_request_part(parse(REQUEST.encode()))


@pytest.fixture
def plain_part() -> RequestPart:
    """A request part of an operation that has no pages."""
    return read_request_part(parse(REQUEST.replace("<paginationinfo><index>3</index></paginationinfo>", "").encode()))


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_tail=False)


def assert_valid(schemas: SchemaSet, name: str, *parts: bytes) -> etree._Element:
    """An answer made of these parts is a valid message."""
    answer = answer_start(f"{name}Response") + b"".join(parts) + answer_end(f"{name}Response")
    message = open_envelope(parse(answer)).message
    schemas.hub_message.assertValid(message)
    return message


def test_a_request_part_is_read(request_part: RequestPart) -> None:
    assert request_part.id == Id("ID-KMEHR", "1.0", "19990116004.17")
    assert request_part.author[0].name == '<Ana> & "co"'
    assert (request_part.maxrows, request_part.first_row) == (7, 3)
    assert request_part.break_the_glass == "reason"


def test_an_answer_repeats_the_request_part_unchanged(schemas: SchemaSet, request_part: RequestPart) -> None:
    response = write_response_part(HUB, "ABC", NOW, request_part, page=(7, 12))
    message = assert_valid(schemas, "GetTransactionList", response, write_acknowledge())
    repeated = message.find(f"{{{CORE}}}response/{{{CORE}}}request")
    asked = parse(REQUEST.encode()).find(f"{{{CORE}}}request")
    assert repeated is not None
    assert asked is not None
    assert _canonical(repeated) == _canonical(asked)


def in_an_envelope(request: str) -> RequestPart:
    """The request part of a message in the envelope of a caller who signs."""
    declared = f'xmlns:S="{SOAP}" xmlns:xsi="{XSI}"'
    body = f'<S:Body xmlns:wsu="{SECURITY_UTILITY}" wsu:Id="id-1">{request}</S:Body>'
    return read_request_part(open_envelope(parse(f"<S:Envelope {declared}>{body}</S:Envelope>".encode())).message)


def test_an_answer_has_nothing_of_the_callers_envelope(schemas: SchemaSet) -> None:
    part = in_an_envelope(REQUEST)
    assert part.copy.count(b"xmlns") == 2
    assert f'<request xmlns="{CORE}" xmlns:k="{KMEHR}">'.encode() in part.copy
    assert_valid(schemas, "GetTransactionList", write_response_part(HUB, "ABC", NOW, part), write_acknowledge())


def test_a_namespace_that_only_names_a_type_stays(schemas: SchemaSet) -> None:
    """A client of the field sends the request part of a list with every operation."""
    typed = REQUEST.replace("<request>", f'<request xmlns:c="{CORE}" xsi:type="c:RequestListType">')
    part = in_an_envelope(typed.replace("GetTransactionList", "PutAccessRight"))
    assert f'xmlns:c="{CORE}"'.encode() in part.copy
    assert_valid(schemas, "PutAccessRight", write_response_part(HUB, "ABC", NOW, part), write_acknowledge())


def test_a_list_is_valid(schemas: SchemaSet, request_part: RequestPart) -> None:
    writer = SummaryWriter(HUB)
    rows = [a_declaration(str(n), author=(a_hospital(), a_person())) for n in (1, 2)]
    message = assert_valid(
        schemas,
        "GetTransactionList",
        write_response_part(HUB, "ABC", NOW, request_part, page=(100, 2)),
        write_acknowledge(),
        write_list(a_patient(), writer.write([(row, LocalId("RSBID", "X")) for row in rows])),
    )
    parties = message.findall(f".//{{{CORE}}}transaction[1]/{{{CORE}}}author/*")
    assert [read[1].text for read in parties[:1]] == ["hub"], "the owning hub stands first"


def test_a_refusal_is_valid(schemas: SchemaSet, plain_part: RequestPart) -> None:
    entries = [ErrorEntry(Code("CD-ERROR", "1.0", "400"), "Non <connu>", "fr", "select/patient")]
    response = write_response_part(HUB, "ABC", NOW, plain_part)
    assert_valid(schemas, "PutTransaction", response, write_acknowledge(entries))


def test_other_results_are_valid(schemas: SchemaSet, plain_part: RequestPart) -> None:
    response, done = write_response_part(HUB, "ABC", NOW, plain_part), write_acknowledge()
    ids = write_transaction_ids(HUB, [LocalId("RSBID", "A")])
    update = LatestUpdate(JAN, "medicationscheme", 3, "2026-03-02T10:05:00")
    assert_valid(schemas, "DeclareTransaction", response, done, ids)
    assert_valid(schemas, "PutTransactionSet", response, done, ids, ids)
    assert_valid(schemas, "GetPatient", response, done, write_patient(a_patient()))
    assert_valid(schemas, "GetHCParty", response, done, write_party(a_person(), "2026-03-02T10:05:00"))
    assert_valid(schemas, "GetLatestUpdate", response, done, write_latest_updates([update]))
    assert_valid(schemas, "GetLatestUpdate", response, done, write_latest_updates([]))


_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from("\t\n\r<>&\"'"), max_size=12)
_IDS = st.lists(st.builds(Id, _TEXT, _TEXT, _TEXT, st.none() | _TEXT), max_size=2).map(tuple)
_CODES = st.lists(
    st.builds(Code, _TEXT, _TEXT, _TEXT, st.none() | _TEXT, st.none() | _TEXT, st.none() | _TEXT), max_size=2
).map(tuple)
_LINE = st.none() | _TEXT
_CODE = st.builds(Code, _TEXT, _TEXT, _TEXT)
_ADDRESSES = st.builds(
    Address,
    _IDS,
    _CODES,
    st.none() | _CODE,
    *[_LINE] * 7,
    st.lists(st.builds(FreeText, _TEXT, _TEXT), max_size=2).map(tuple),
)
_PARTIES = st.builds(
    HcParty,
    _IDS,
    _CODES,
    _LINE,
    _LINE,
    _LINE,
    st.lists(_ADDRESSES, max_size=2).map(tuple),
    st.lists(st.builds(Telecom, _IDS, _CODES, _TEXT), max_size=2).map(tuple),
)


@given(ids=_IDS, cds=_CODES, author=st.lists(_PARTIES, min_size=1, max_size=3).map(tuple), complete=st.booleans())
def test_a_summary_is_read_back_as_it_was_written(
    ids: tuple[Id, ...], cds: tuple[Code, ...], author: tuple[HcParty, ...], complete: bool
) -> None:
    declaration = Declaration.of(
        ids=ids,
        cds=cds,
        date="2026-03-02",
        time="10:00:00",
        author=author,
        iscomplete=complete,
        isvalidated=not complete,
        recorddatetime="2026-03-02T10:05:00",
    )
    written = SummaryWriter(HUB).write([(declaration, LocalId("RSBID", "X"))])
    standalone = written.replace("<transaction>", f"<transaction {ANSWER_DECLARATIONS}>", 1)
    read = read_summary(parse(standalone.encode()))
    assert read.ids == (*ids, Id("LOCAL", "1.0", "X", "RSBID"))
    assert read.cds == cds
    assert read.author[0] == HUB.party
    assert read.author[1:] == author
    assert (read.iscomplete, read.isvalidated) == (complete, not complete)


@pytest.mark.parametrize("header", [None, "", '""', '"urn:x:GetPatient"', "urn:x:GetPatient"])
def test_a_missing_or_unquoted_action_passes(header: str | None) -> None:
    check_action(header, "urn:x:", OPERATIONS["GetPatient"])


def test_the_action_of_another_operation_is_refused() -> None:
    with pytest.raises(HubError) as refusal:
        check_action('"urn:x:PutPatient"', "urn:x:", OPERATIONS["GetPatient"])
    assert refusal.value.reason is Reason.SOAP_ACTION
    assert refusal.value.details["wanted"] == "urn:x:GetPatient"


def test_there_are_26_operations() -> None:
    assert len(OPERATIONS) == 26
    with pytest.raises(HubError):
        operation_named("GetEverything")
