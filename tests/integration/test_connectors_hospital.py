"""What a hospital sees of the hub, and what the hub trusts."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.hospital_rest.settings import HospitalRestSettings
from connectors.hospital_rest.source import HospitalRestSource
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.search import Criteria, PublicationWish
from hub.ports.documents import Shape
from hub.wire.schemas import SchemaSet, default_schema_folder
from hub.wire.soap import open_envelope
from hub.wire.xml import parse
from tests.fakes.certificates import Authority, Pair
from tests.fakes.document_requests import a_request, soon
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
        await source.request_publication(PublicationWish(Ssin(PATIENT), Criteria(), "Graag"), soon())
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
    """Trust and identity stand in files, which may be replaced."""

    @pytest.fixture
    def authority(self, tmp_path: Path) -> Authority:
        return Authority(tmp_path)

    async def test_a_hospital_is_trusted_by_the_configured_authority_only(self, authority: Authority) -> None:
        async with tls_hospital(authority.issue("deproef")) as url:
            assert await asked(url, ca_file=authority.certificate) is None
            assert await asked(url) is Reason.SOURCE_UNAVAILABLE

    async def test_the_hub_shows_its_certificate_to_a_hospital_that_wants_one(
        self, authority: Authority, tmp_path: Path
    ) -> None:
        hub, stranger = authority.issue("hub"), Authority(tmp_path, "other").issue("stranger")
        async with tls_hospital(authority.issue("deproef"), callers=authority) as url:
            trust = authority.certificate
            assert await asked(url, ca_file=trust, certificate_file=hub.certificate, key_file=hub.key) is None
            assert await asked(url, ca_file=trust) is Reason.SOURCE_UNAVAILABLE
            wrong = {"certificate_file": stranger.certificate, "key_file": stranger.key}
            assert await asked(url, ca_file=trust, **wrong) is Reason.SOURCE_UNAVAILABLE

    async def test_its_key_may_stand_in_the_file_of_the_certificate(self, authority: Authority) -> None:
        hub = authority.issue("hub")
        with hub.certificate.open("ab") as file:
            file.write(hub.key.read_bytes())
        async with tls_hospital(authority.issue("deproef"), callers=authority) as url:
            assert await asked(url, ca_file=authority.certificate, certificate_file=hub.certificate) is None

    async def test_new_files_are_used_without_a_restart_and_bad_ones_are_not(
        self, authority: Authority, tmp_path: Path
    ) -> None:
        former, hospital = Authority(tmp_path, "former"), authority.issue("deproef")
        hub = former.issue("hub")
        async with tls_hospital(hospital, callers=authority) as url:
            settings = HospitalRestSettings(
                url=url, ca_file=authority.certificate, certificate_file=hub.certificate, key_file=hub.key
            )
            source = HospitalRestSource(name="deproef", settings=settings)
            certificates = source.certificates
            assert certificates is not None
            assert set(certificates.expiries) == {"source deproef", "source deproef authorities"}
            with pytest.raises(HubError):
                await fetch(source, a_request("D-1"))

            hub.replace(authority.issue("new"))
            await certificates.reload()
            assert await fetch(source, a_request("D-1"))

            hub.key.write_bytes(former.issue("third").key.read_bytes())
            with pytest.raises(ValueError, match="the private key of"):
                await certificates.reload()
            assert await fetch(source, a_request("D-1"))
            await source.close()


async def asked(url: str, **files: Path) -> Reason | None:
    """Why a hospital gave no document; None when it did."""
    settings = HospitalRestSettings(url=url, **files)  # type: ignore[arg-type]  # files by the names of their settings
    source = HospitalRestSource(name="deproef", settings=settings)
    try:
        assert await fetch(source, a_request("D-1"))
    except HubError as error:
        return error.reason
    finally:
        await source.close()
    return None


@asynccontextmanager
async def tls_hospital(pair: Pair, *, callers: Authority | None = None) -> AsyncIterator[str]:
    """The fake hospital behind TLS, which may want certificates of callers; the URL of its documents."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    if callers is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(callers.certificate)
    server = await asyncio.start_server(Hospital().serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/documents/{{id}}"
