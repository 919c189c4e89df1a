"""What a hospital sees of the hub, and what the hub trusts."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.hospital_rest.settings import HospitalRestSettings
from connectors.hospital_rest.source import HospitalRestSource
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.search import Criteria, PublicationWish
from hub.ports.documents import Shape
from hub.wire.schemas import SchemaSet, default_schema_folder
from hub.wire.soap import open_envelope
from hub.wire.xml import parse
from tests.fakes.document_requests import a_context, a_request
from tests.fakes.documents import HUB, PATIENT
from tests.fakes.hospital import Hospital, RunningHospital, running_hospital
from tests.fakes.hospital_sources import a_source, fetch


@pytest.fixture(scope="module")
def hospital() -> Iterator[RunningHospital]:
    with running_hospital() as running:
        yield running


async def last_request(hospital: RunningHospital) -> dict[str, Any]:
    """What the hospital saw last."""
    requests: Any = (await asyncio.to_thread(hospital.report))["requests"]
    last: dict[str, Any] = requests[-1]
    return last


class TestSoap:
    @pytest.mark.parametrize(("version", "operation"), [(0, "GetTransaction"), (3, "GetTransactionSet")])
    async def test_the_hospital_gets_a_valid_call_from_the_hub_for_the_caller(
        self, version: int, operation: str, hospital: RunningHospital
    ) -> None:
        source = a_source("soap", hospital.base)
        await fetch(source, a_request("D-7", version=version))
        await source.close()

        seen = await last_request(hospital)

        message = open_envelope(parse(seen["body"].encode())).message
        assert SchemaSet.load(default_schema_folder()).hub_message.validate(message)
        assert seen["headers"]["soapaction"] == f'"urn:be:fgov:ehealth:intrahub:protocol:v3:{operation}"'
        assert seen["headers"]["content-type"] == "text/xml; charset=utf-8"
        assert seen["headers"]["accept-encoding"] == "identity"
        assert seen["body"].index(f">{HUB}</k:id>") < seen["body"].index(">19980119004</k:id>")
        assert '<id S="LOCAL" SV="1.0" SL="deproef">D-7</id>' in seen["body"]

    async def test_a_wish_for_publication_reaches_the_hospital(self, hospital: RunningHospital) -> None:
        source = a_source("soap", hospital.base)
        await source.request_publication(PublicationWish(Ssin(PATIENT), Criteria(), "Graag"), a_context())
        await source.close()

        seen = await last_request(hospital)

        assert seen["headers"]["soapaction"].endswith(':RequestPublication"')
        assert "<comment>Graag</comment>" in seen["body"]


class TestRest:
    async def test_the_number_is_encoded_and_the_patient_stands_in_no_url(
        self, hospital: RunningHospital, tmp_path: Path
    ) -> None:
        token = tmp_path / "token"
        token.write_text("secret-token\n")
        settings = HospitalRestSettings(
            url=f"{hospital.base}/{{scheme}}/{{local_scheme}}/{{id}}?of=hub",
            patient_header="X-Patient",
            token_file=token,
            allow_http=True,
        )
        source = HospitalRestSource(name="deproef", settings=settings)
        async with source.open(a_request("a/b ?é%20")) as document:
            assert document.shape is Shape.KMEHR_MESSAGE
        await source.close()

        seen = await last_request(hospital)

        assert seen["path"] == "/LOCAL/deproef/a%2Fb%20%3F%C3%A9%2520?of=hub"
        assert seen["headers"]["authorization"] == "Bearer secret-token"
        assert seen["headers"]["x-patient"] == PATIENT

    async def test_without_a_header_for_it_the_patient_is_not_mentioned(self, hospital: RunningHospital) -> None:
        source = a_source("rest", hospital.base)
        await fetch(source, a_request("D-1"))
        await source.close()

        assert PATIENT not in repr(await last_request(hospital))

    async def test_an_identifier_with_the_patients_number_reaches_no_url(self, hospital: RunningHospital) -> None:
        source = a_source("rest", hospital.base)
        with pytest.raises(HubError) as refusal:
            await fetch(source, a_request(f"/subject/{PATIENT}/7"))
        await source.close()

        assert refusal.value.reason is Reason.SOURCE_ANSWER
        assert PATIENT not in repr(refusal.value.details)

    async def test_a_pdf_comes_as_pdf_and_leaves_as_kmehr(self, hospital: RunningHospital) -> None:
        source = a_source("rest", hospital.base)
        async with source.open(a_request("pdf-1")) as document:
            assert document.shape is Shape.PDF
            assert document.size

        assert b'MEDIATYPE="application/pdf">JVBERi' in await fetch(source, a_request("pdf-1"))
        await source.close()


class TestTls:
    async def test_a_hospital_is_trusted_by_the_configured_authority_only(self, tmp_path: Path) -> None:
        certificate, key = a_certificate(tmp_path)
        async with tls_hospital(certificate, key) as port:
            url = f"https://127.0.0.1:{port}/documents/{{id}}"
            trusting = HospitalRestSource(name="deproef", settings=HospitalRestSettings(url=url, ca_file=certificate))
            doubting = HospitalRestSource(name="deproef", settings=HospitalRestSettings(url=url))

            assert await fetch(trusting, a_request("D-1"))
            with pytest.raises(HubError) as caught:
                await fetch(doubting, a_request("D-1"))

            assert caught.value.reason is Reason.SOURCE_UNAVAILABLE
            await trusting.close()
            await doubting.close()


def a_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ziekenhuis De Proef")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate_file, key_file


@asynccontextmanager
async def tls_hospital(certificate: Path, key: Path) -> AsyncIterator[int]:
    """The fake hospital behind TLS; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(Hospital().serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
