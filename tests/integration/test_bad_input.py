"""Bad input gets a clear answer with the request id, and nothing is lost."""

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree

from hub.services.routing import Source
from hub.wire.hubservices.operations import INTRAHUB_ACTION
from hub.wire.namespaces import ANSWER_DECLARATIONS, KMEHR, SOAP, SOAP_12
from hub.wire.xml import parse
from tests.builders import HOSPITAL_NIHII, JAN, MILA, a_patient
from tests.fakes.kmehr import a_kmehr_message
from tests.fakes.sources import ScriptedSource
from tests.integration.served_hub import ServedHub, fault_of, served_hub

AUTHOR = (
    '<author><k:hcparty><k:id S="ID-HCPARTY" SV="1.0">19990116004</k:id>'
    '<k:cd S="CD-HCPARTY" SV="1.1">persphysician</k:cd></k:hcparty></author>'
)
REQUEST_PART = (
    f'<request><id S="ID-KMEHR" SV="1.0">1</id>{AUTHOR}<date>2026-03-02</date><time>10:00:00</time></request>'
)
SELECT = f'<select><patient><id S="INSS" SV="1.0">{JAN.digits}</id></patient></select>'
GOOD = f"<p:GetPatientRequest {ANSWER_DECLARATIONS}>{REQUEST_PART}{SELECT}</p:GetPatientRequest>"


def envelope(body: str, *, namespace: str = SOAP, header: str = "") -> bytes:
    """A SOAP envelope."""
    return f'<S:Envelope xmlns:S="{namespace}">{header}<S:Body>{body}</S:Body></S:Envelope>'.encode()


def declaring_namespaces(many: int) -> bytes:
    """A good message whose Body declares namespaces that nobody uses."""
    declared = " ".join(f'xmlns:n{number}="urn:{number}"' for number in range(many))
    return envelope(GOOD).replace(b"<S:Body>", f"<S:Body {declared}>".encode())


@pytest.fixture
async def hub(redis_url: str, tmp_path: Path) -> AsyncIterator[ServedHub]:
    """A hub that knows Jan and Mila."""
    sources = [Source("chu", HOSPITAL_NIHII, ScriptedSource("chu"))]
    async with served_hub(redis_url, tmp_path, sources, body_timeout=1.0) as hub:
        for patient in (JAN, MILA):
            (await hub.doctor.put_patient(a_patient(patient).as_put.decode())).accepted()
        yield hub


@pytest.mark.parametrize(
    ("body", "code", "soa_code", "says"),
    [
        (b"hello", "Client", "SOA-03001", "line 1, column 1"),
        (b"", "Client", "SOA-03001", "not readable XML"),
        (b"<a><b></a>", "Client", "SOA-03001", "line 1"),
        (b"<a/>", "Client", "SOA-03002", "SOAP 1.1 envelope"),
        (envelope(GOOD, namespace=SOAP_12), "VersionMismatch", "SOA-03002", "not SOAP 1.2"),
        (envelope(GOOD + GOOD), "Client", "SOA-03003", "2 elements in Body"),
        (envelope(""), "Client", "SOA-03003", "0 elements in Body"),
        (envelope(GOOD).replace(b"</S:Body>", b"</S:Body><S:Body/>"), "Client", "SOA-03003", "2 Body"),
        (envelope(GOOD.replace("GetPatientR", "GetEverythingR")), "Client", "SOA-03005", "?wsdl"),
        (envelope("<GetPatientRequest/>"), "Client", "SOA-03005", "?wsdl"),
        (
            envelope(GOOD, header=f'<S:Header><x:y xmlns:x="urn:x" xmlns:S="{SOAP}" S:mustUnderstand="1"/></S:Header>'),
            "MustUnderstand",
            "SOA-03001",
            "Envelope/Header/y",
        ),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + envelope(GOOD), "Client", "SOA-03001", "type declaration"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + envelope("&b;"), "Client", "SOA-03001", "type declaration"),
        pytest.param(b"<a>" * 100_000, "Client", "SOA-03001", "200 nested elements", id="deep"),
        pytest.param(b"<a>" + b"<b/>" * 1_000_000 + b"</a>", "Client", "SOA-03001", "1000000 tags", id="many tags"),
        (envelope(f'<a b="{"c" * 65_536}"/>'), "Client", "SOA-03001", "16384 characters in an attribute"),
        pytest.param(b"<" + b"n" * 65_536, "Client", "SOA-03001", "50000 characters in a name", id="long name"),
        pytest.param(declaring_namespaces(2_000), "Client", "SOA-03001", "1000 namespaces", id="many namespaces"),
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "Client", "SOA-03001", "line 1"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "Client", "SOA-03001", "line 1"),
        (b"<a>\x00</a>", "Client", "SOA-03001", "line 1"),
        (b"<a>\xff\xfe</a>", "Client", "SOA-03001", "line 1"),
    ],
)
async def test_what_is_no_message_of_ours_is_a_fault_that_says_why(
    hub: ServedHub, body: bytes, code: str, soa_code: str, says: str
) -> None:
    status, message, headers = await hub.post(body, X_Request_Id="quote-me.1", Content_Type="text/xml")
    assert status == (413 if {"nested", "attribute", "tags", "name", "namespaces"} & set(says.split()) else 500)
    fault = fault_of(message)
    assert fault[:2] == (code, soa_code)
    assert says in fault[2]
    assert headers["X-Request-Id"] == "quote-me.1"


async def test_entities_do_not_grow(hub: ServedHub) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE a [<!ENTITY l0 "ha">{laughs}]><a b="&l11;">&l11;</a>'
    status, message, _ = await hub.post(bomb.encode())
    assert status == 500
    assert fault_of(message)[1] == "SOA-03001"


async def test_an_inclusion_is_not_followed(hub: ServedHub) -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    status, message, _ = await hub.post(envelope(GOOD.replace("<select>", f"{include}<select>")))
    assert status == 500
    assert fault_of(message)[1] == "SOA-03006"


async def test_the_action_of_another_operation_is_refused(hub: ServedHub) -> None:
    status, message, _ = await hub.post(envelope(GOOD), SOAPAction=f'"{INTRAHUB_ACTION}PutPatient"')
    assert status == 500
    assert f"{INTRAHUB_ACTION}GetPatient" in fault_of(message)[2]
    name = f"{INTRAHUB_ACTION}GetPatient"
    for action in ("", '""', name, f'"{name}"', f"'{name}'"):
        status, _, _ = await hub.post(envelope(GOOD), SOAPAction=action)
        assert status == 200


async def test_other_content_types_are_told_what_is_wanted(hub: ServedHub) -> None:
    for content_type, code in (("application/json", "Client"), ("application/soap+xml", "VersionMismatch")):
        _, message, _ = await hub.post(envelope(GOOD), Content_Type=content_type)
        assert fault_of(message)[0] == code


async def test_latin_1_is_understood_by_declaration_and_by_charset(hub: ServedHub) -> None:
    written = GOOD.replace("</k:hcparty>", "<k:name>Hélène</k:name></k:hcparty>")
    body = envelope(written).decode().encode("iso-8859-1")
    declared = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + body
    for content_type, sent in (("text/xml", declared), ("text/xml; charset=iso-8859-1", body)):
        status, message, _ = await hub.post(sent, Content_Type=content_type)
        assert status == 200
        assert "Hélène" in etree.tostring(message, encoding="unicode")


async def test_a_compressed_body_is_refused_before_it_grows(hub: ServedHub) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    for encoding in ("gzip", "br", "zstd"):
        _, message, _ = await hub.post(bomb, Content_Encoding=encoding)
        assert fault_of(message)[1] == "SOA-03002"


async def test_a_charset_that_is_none_of_xml_is_refused(hub: ServedHub) -> None:
    for charset in ("klingon", "rot13", "idna"):
        _, message, _ = await hub.post(envelope(GOOD), Content_Type=f"text/xml; charset={charset}")
        assert fault_of(message)[:2] == ("Client", "SOA-03001")


async def test_an_endless_body_is_cut_at_the_limit(hub: ServedHub) -> None:
    """300 MiB are announced, and then sent without being announced; neither is read to its end."""
    place = urlsplit(hub.url)
    for head in ("Content-Length: 314572800", "Transfer-Encoding: chunked"):
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(f"POST {place.path} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n{head}\r\n\r\n".encode())
        piece = b"x" * 1_048_576
        sent = 0
        while sent < 300 and not reader.at_eof() and not reader._buffer:  # type: ignore[attr-defined]
            writer.write(piece if "Length" in head else b"100000\r\n" + piece + b"\r\n")
            try:
                await writer.drain()
            except ConnectionError:
                break
            sent += 1
        answer = await reader.read(200)
        assert b" 413 " in answer
        assert sent < 120
        writer.close()


async def test_a_body_that_drips_is_given_up(hub: ServedHub) -> None:
    place = urlsplit(hub.url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(
        f"POST {place.path} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 99\r\n\r\n<".encode()
    )
    async with asyncio.timeout(5):
        answer = await reader.readuntil(b"</S:Envelope>")
    assert b" 500 " in answer
    assert b"1 bytes arrived within 1 seconds" in answer
    writer.close()


async def test_everything_that_the_schema_refuses_is_told_with_its_place(hub: ServedHub) -> None:
    bad = GOOD.replace("<date>2026-03-02</date>", "<date>2026-02-31</date>").replace('S="INSS"', 'S="NISS"')
    status, message, _ = await hub.post(envelope(bad))
    assert status == 500
    code, soa_code, said = fault_of(message)
    assert (code, soa_code) == ("Client", "SOA-03006")
    assert "2026-02-31" in said
    assert "/request/date" in said
    assert "INSS" in said
    assert "/select/patient/id" in said


async def test_wrong_check_digits_of_a_patient_are_refused_with_their_place(hub: ServedHub) -> None:
    reply = await hub.doctor.call("GetPatient", SELECT.replace(JAN.digits, "45123199773"))
    assert not reply.complete
    assert [error.where.endswith("/select/patient/id") for error in reply.errors] == [True]


async def test_two_numbers_for_one_patient_are_refused(hub: ServedHub) -> None:
    document = a_kmehr_message(JAN, "D-1").replace(
        f'S="ID-PATIENT" SV="1.0">{JAN.digits}'.encode(), f'S="ID-PATIENT" SV="1.0">{MILA.digits}'.encode()
    )
    reply = await hub.doctor.put(parse(document))
    assert not reply.complete
    assert "patient" in reply.errors[0].where


async def test_several_patients_and_sealed_content_are_refused(hub: ServedHub) -> None:
    one, two = a_kmehr_message(JAN, "D-1").decode(), a_kmehr_message(MILA, "D-2").decode()
    folder = two[two.index("<folder>") : two.index("</kmehrmessage>")]
    both = one.replace("</kmehrmessage>", f"{folder}</kmehrmessage>")
    assert [error.code for error in (await hub.doctor.put(parse(both.encode()))).errors] == ["several-patients"]
    sealed = one[: one.index("<folder>")] + (
        '<Base64EncryptedData><cd S="CD-ENCRYPTION-METHOD" SV="1.0">CMS</cd>'
        "<Base64EncryptedValue>AAAA</Base64EncryptedValue></Base64EncryptedData></kmehrmessage>"
    )
    assert [error.code for error in (await hub.doctor.put(parse(sealed.encode()))).errors] == ["sealed-content"]


def with_attachment(content: bytes) -> bytes:
    """A message with a PDF in it."""
    link = f'<lnk TYPE="multimedia" MEDIATYPE="application/pdf">{content.decode()}</lnk></transaction>'
    return a_kmehr_message(JAN, "PDF-1").replace(b"</transaction>", link.encode())


async def test_an_empty_attachment_is_refused(hub: ServedHub) -> None:
    reply = await hub.doctor.put(parse(with_attachment(b"")))
    assert not reply.complete
    assert reply.errors[0].where.endswith("/lnk")


async def test_a_pdf_of_20_mib_goes_in_and_comes_out(hub: ServedHub) -> None:
    content = base64.b64encode(b"%PDF-1.4\n" + bytes(range(256)) * (20 * 4096))
    (local_id,) = (await hub.doctor.put(parse(with_attachment(content)))).accepted().ids
    fetched = (await hub.doctor.get(JAN, local_id)).accepted().document
    assert fetched is not None
    assert fetched.findtext(f".//{{{KMEHR}}}lnk") == content.decode()


async def test_a_pdf_of_60_mib_is_refused_by_the_stated_limit(hub: ServedHub) -> None:
    content = base64.b64encode(b"%PDF-1.4\n" + bytes(60 * 1024 * 1024))
    status, message, _ = await hub.post(with_attachment(content))
    assert status == 413
    assert "48 MiB" in fault_of(message)[2]


async def test_a_callers_request_id_with_a_national_number_is_not_taken_over(hub: ServedHub) -> None:
    digits = JAN.digits
    written = f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}-{digits[6:9]}.{digits[9:]}"
    for given in (f"for-{digits}", f"1{digits}", written):
        _, _, headers = await hub.post(envelope(GOOD), X_Request_Id=given)
        assert given != headers["X-Request-Id"]
        assert len(headers["X-Request-Id"]) == 26


async def test_errors_speak_the_callers_language(hub: ServedHub) -> None:
    for language, word in (
        ("fr-BE,fr;q=0.9", "lisible"),
        ("nl", "leesbare"),
        ("de", "lesbares"),
        ("es-FR", "readable"),
    ):
        _, message, _ = await hub.post(b"hello", Accept_Language=language)
        assert word in fault_of(message)[2]


async def test_a_full_vault_keeps_nothing_and_says_so(hub: ServedHub, tmp_path: Path) -> None:
    document = parse(a_kmehr_message(JAN, "D-1"))
    for folder in sorted(tmp_path.iterdir()):
        folder.rename(tmp_path / f"{folder.name}.away")
        folder.write_text("in the way")
    reply = await hub.doctor.put(document)
    assert [error.code for error in reply.errors] == ["vault-unavailable"]
    assert (await hub.doctor.list(JAN)).accepted().total == 0


async def test_when_redis_is_gone_nothing_is_acknowledged(tmp_path: Path) -> None:
    async with served_hub(f"unix://{tmp_path}/nobody", tmp_path / "vault", allowed=()) as hub:
        reply = await hub.doctor.list(JAN)
        assert [error.code for error in reply.errors] == ["index-unavailable"]
        status, message, _ = await hub.post(b"hello")
        assert status == 500
        assert fault_of(message)[1] == "SOA-03001"


async def test_a_request_is_given_up_at_its_deadline_also_before_it_is_understood(
    redis_url: str, tmp_path: Path
) -> None:
    async with served_hub(redis_url, tmp_path, request_timeout=0.2) as hub:
        address = urlsplit(hub.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(f"POST {address.path} HTTP/1.1\r\nHost: h\r\nContent-Type: text/xml\r\n".encode())
        writer.write(b"Content-Length: 100\r\n\r\n<a>")
        async with asyncio.timeout(5):
            answer = await reader.readuntil(b"</S:Envelope>")
        writer.close()
    assert b"SOA-02002" in answer
    assert '"outcome":"too-late"' in hub.log.getvalue()
