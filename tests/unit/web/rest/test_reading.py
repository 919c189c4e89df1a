"""Requests are read strictly: what is wrong is told by its place, with what was seen and what was wanted."""

import asyncio

import pytest
from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from yarl import URL

from hub.domain.errors import HubError, Reason
from hub.web.rest.links import LinkQuery, LinkStatement
from hub.web.rest.reading import check_accept, read_body, read_patient, read_query
from tests.builders import JAN

PARTY = '"party": {"nihii": "19990116004"}'


async def a_request(
    body: bytes = b"", *, query: str = "", content_type: str = "application/json", **headers: str
) -> web.Request:
    """A request with one body."""
    loop = asyncio.get_running_loop()
    content = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    content.feed_data(body)
    content.feed_eof()
    sent = {"Content-Type": content_type} | {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("POST", str(URL("/x").with_query(query)), headers=sent, payload=content)


async def of_body(body: bytes, **options: str) -> LinkStatement:
    read, size = await read_body(await a_request(body, **options), LinkStatement, most_bytes=1000, most_seconds=5)
    assert size == len(body)
    return read


@pytest.mark.parametrize(
    ("body", "where", "wanted", "seen"),
    [
        ('{"kind": "gmd"}', "party", "this field", "nothing"),
        (f'{{{PARTY}, "kind": 7}}', "kind", "a text", "7"),
        (f'{{{PARTY}, "kind": "gmd", "until": ""}}', "until", "no such field", "one"),
        (f'{{{PARTY}, "kind": "gmd", "{JAN.digits}": ""}}', "?", "no such field", "one"),
        (
            f'{{{PARTY}, "kind": "{JAN.digits}"}}',
            "kind",
            "^[A-Za-z][A-Za-z0-9-]{0,59}$",
            "a text of 11 characters",
        ),
        (f'{{{PARTY}, "kind": "gmd", "end": "soon"}}', "end", "a day, written YYYY-MM-DD", '"soon"'),
        ('{"party": [], "kind": "gmd"}', "party", "an object", "a list"),
        ('{"party": {"nihii": 19990116004}, "kind": "gmd"}', "party.nihii", "a text", "a number"),
        ('{"party": {"nihii": 1}, "party": 2, "kind": "gmd"}', "party.nihii", "a text", "null"),
        (
            f'{{{PARTY}, "kind": "gmd", "card": {{"kind": "EID", "number": "1"}}}}',
            "card.kind",
            "one of the values in the description",
            '"EID"',
        ),
        ("[]", "body", "an object", "a list"),
        ('{"kind": 7, "party', "body", "readable JSON in UTF-8", "something else"),
        ("", "body", "readable JSON in UTF-8", "something else"),
        ("[" * 900, "body", "readable JSON in UTF-8", "something else"),
    ],
)
async def test_what_is_wrong_with_a_body_is_told(body: str, where: str, wanted: str, seen: str) -> None:
    with pytest.raises(HubError) as refusal:
        await of_body(body.encode())
    error = refusal.value
    assert (error.reason, error.where) == (Reason.REQUEST_INVALID, where)
    assert error.details == {"wanted": wanted, "seen": seen}


async def test_a_body_is_read_and_what_is_absent_is_nothing() -> None:
    read = await of_body(f'{{{PARTY}, "kind": "gmd"}}'.encode(), content_type="application/json; charset=utf-8")
    assert (read.party.nihii, read.kind, read.start, read.comment, read.card) == ("19990116004", "gmd", None, "", None)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"content_type": "text/xml"}, Reason.MEDIA_TYPE),
        ({"content_type": "application/json; charset=latin-1"}, Reason.MEDIA_TYPE),
        ({"Content_Encoding": "gzip"}, Reason.MEDIA_TYPE),
    ],
)
async def test_other_media_types_are_refused(options: dict[str, str], reason: Reason) -> None:
    with pytest.raises(HubError) as refusal:
        await of_body(b"{}", **options)
    assert refusal.value.reason is reason


async def test_a_body_that_is_too_large_is_refused() -> None:
    with pytest.raises(HubError) as refusal:
        await of_body(b" " * 1001)
    assert refusal.value.reason is Reason.MESSAGE_TOO_LARGE


async def test_parameters_are_read_and_lists_may_be_repeated() -> None:
    read = read_query(await a_request(query="kind=gmd&kind=carepath&begin=2026-01-02&size=7"), LinkQuery)
    assert (read.kind, str(read.begin), read.end, read.first, read.size) == (
        ["gmd", "carepath"],
        "2026-01-02",
        None,
        1,
        7,
    )


@pytest.mark.parametrize(
    ("query", "where", "wanted"),
    [
        ("size=0", "size", "a whole number >= 1"),
        ("size=501", "size", "a whole number <= 500"),
        ("size=many", "size", "a whole number"),
        ("size=1&size=2", "size", "one at most"),
        ("begin=null", "begin", "a value"),
        ("begin=2026-02-30", "begin", "a day, written YYYY-MM-DD"),
        ("kind=a&kind=%20", "kind.1", "^[A-Za-z][A-Za-z0-9-]{0,59}$"),
        ("inss=45123199772", "inss", "no such field"),
    ],
)
async def test_what_is_wrong_with_a_parameter_is_told(query: str, where: str, wanted: str) -> None:
    with pytest.raises(HubError) as refusal:
        read_query(await a_request(query=query), LinkQuery)
    error = refusal.value
    assert (error.reason, error.where, error.details["wanted"]) == (Reason.REQUEST_INVALID, where, wanted)
    assert JAN.digits not in f"{error} {error.details}"


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/json", "text/html, application/*;q=0.1", "Application/JSON"]
)
async def test_json_is_accepted(accept: str) -> None:
    check_accept(await a_request(Accept=accept))


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "application/xml, */*; q=0.0"])
async def test_who_takes_no_json_is_told(accept: str) -> None:
    with pytest.raises(HubError) as refusal:
        check_accept(await a_request(Accept=accept))
    assert refusal.value.reason is Reason.NOT_ACCEPTABLE


@pytest.mark.parametrize("patient", ["", "45123199773", "Jan", "45123199772, 45123199772"])
async def test_a_patient_is_named_by_a_number_with_right_check_digits(patient: str) -> None:
    with pytest.raises(HubError) as refusal:
        read_patient(await a_request(Patient=patient))
    assert (refusal.value.reason, refusal.value.where) == (Reason.PATIENT_NUMBER, "Patient")
    assert read_patient(await a_request(Patient=JAN.digits)) == JAN
