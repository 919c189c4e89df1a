"""The sandbox's token service as a process, asked by its client and by others."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from lxml import etree

from hub.runtime import BelgianClock, RandomIds
from hub.sandbox.authority import Authority
from hub.sandbox.certified import claims_of
from hub.sandbox.credentials import SandboxCredentials, keep_credentials
from hub.sandbox.people import load_people
from hub.sandbox.processes import listening, reserved_ports, running
from hub.sandbox.token_service import TOKEN_PATH
from hub.sandbox.tokens import TokenClient, TokenHolder
from hub.wire.namespaces import ASSERTION, SIGNATURE
from hub.wire.security.credential import Credential
from hub.wire.security.signature_writing import write_key_value
from hub.wire.security.signing import MessageIds, Style, sign_envelope, sign_envelope_x509
from hub.wire.security.token_messages import Claim, TokenRefused, write_token_request
from tests.credentials import ec_credential
from tests.signatures import verified_references

PEOPLE = load_people()
DOCTOR = PEOPLE.signatories["gp_fr"]
NURSE = PEOPLE.signatories["nurse"]
HOUR = timedelta(hours=1)


@dataclass
class Service:
    """A running token service and its client."""

    credentials: SandboxCredentials
    client: TokenClient
    log: Path

    def credential(self, key: str) -> Credential:
        return self.credentials.signatories[key].read()

    async def send(self, message: bytes, *, now: datetime | None = None, style: Style | None = None) -> bytes:
        """The assertion that a message signed by the doctor brings."""
        envelope = sign_envelope_x509(
            message,
            self.credential("gp_fr"),
            now=now or self.client.clock.now(),
            ids=MessageIds.of_java("1"),
            style=style or Style(),
        )
        return (await self.client.send(envelope)).assertion


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sandbox")
    keep_credentials(folder, PEOPLE, BelgianClock().now())
    return folder


@pytest.fixture
async def service(folder: Path, tmp_path: Path) -> AsyncIterator[Service]:
    with reserved_ports("127.0.0.1", 1) as (port,):
        where = ("--folder", str(folder), "--port", str(port))
        async with (
            running("sts", "hub.sandbox.token_service", *where, logs=tmp_path) as child,
            aiohttp.ClientSession() as session,
        ):
            await listening(child, "127.0.0.1", port)
            url = f"http://127.0.0.1:{port}{TOKEN_PATH}"
            client = TokenClient(session=session, url=url, clock=BelgianClock(), ids=RandomIds())
            yield Service(SandboxCredentials.places(folder, PEOPLE), client, child.log)


def request_of(service: Service, claims: Sequence[Claim], *, hours: float = 1) -> bytes:
    now = service.client.clock.now()
    return write_token_request(claims, service.credential("gp_fr").certificate, now, now + HOUR * hours)


async def test_everybody_gets_an_assertion_that_others_verify(service: Service) -> None:
    signer = service.credentials.token_service.read_certificate()
    for key, signatory in PEOPLE.signatories.items():
        credential = service.credential(key)
        issued = await service.client.ask(credential, claims_of(signatory))
        assertion = etree.fromstring(issued.assertion)
        assert verified_references(assertion[-1], signer.public_key()) == [f"#{assertion.get('AssertionID')}"]
        envelope = sign_envelope(
            b"<a/>", credential, issued.assertion, now=BelgianClock().now(), ids=MessageIds.of_java("1")
        )
        inside = etree.fromstring(envelope).find(f".//{{{ASSERTION}}}Assertion/{{{SIGNATURE}}}Signature")
        assert inside is not None
        verified_references(inside, signer.public_key())


async def test_it_says_what_the_holder_is_and_for_whose_key(service: Service) -> None:
    issued = await service.client.ask(service.credential("gp_fr"), claims_of(DOCTOR))
    assertion = etree.fromstring(issued.assertion)
    values = {
        attribute.get("AttributeName"): attribute.findtext(f"{{{ASSERTION}}}AttributeValue")
        for attribute in assertion.iter(f"{{{ASSERTION}}}Attribute")
    }
    assert values["urn:be:fgov:person:ssin"] == DOCTOR.inss
    assert values["urn:be:fgov:person:ssin:ehealth:1.0:doctor:nihii11"] == DOCTOR.number
    assert assertion.get("Issuer") == "urn:be:fgov:ehealth:sts:1_0"
    assert len(assertion.findall(f".//{{{ASSERTION}}}SubjectConfirmation//{{{SIGNATURE}}}X509Certificate")) == 2


async def test_a_bare_key_can_be_the_holders(service: Service) -> None:
    request = request_of(service, claims_of(DOCTOR))
    certificate = request[request.index(b"<ds:X509Data>") : request.index(b"</wsse:SecurityTokenReference>")]
    key = write_key_value(service.credential("gp_fr").certificate.public_key())  # type: ignore[arg-type]  # an RSA key
    assertion = await service.send(request.replace(certificate, key.encode()))
    assert b"<ds:RSAKeyValue>" in assertion


async def test_no_assertion_counts_for_longer_than_a_day(service: Service) -> None:
    long = await service.client.ask(
        service.credential("gp_nl"), claims_of(PEOPLE.signatories["gp_nl"]), lifetime=72 * HOUR
    )
    assert long.not_on_or_after - long.not_before <= 24 * HOUR
    short = await service.client.ask(service.credential("gp_nl"), claims_of(PEOPLE.signatories["gp_nl"]), lifetime=HOUR)
    assert short.not_on_or_after - short.not_before <= HOUR


async def test_a_changed_request_is_refused(service: Service) -> None:
    envelope = sign_envelope_x509(
        request_of(service, claims_of(DOCTOR)),
        service.credential("gp_fr"),
        now=service.client.clock.now(),
        ids=MessageIds.of_java("1"),
    )
    with pytest.raises(TokenRefused, match=r"not signed as it has to be \(digest-differs\)"):
        await service.client.send(envelope.replace(DOCTOR.inss.encode(), NURSE.inss.encode()))


async def test_an_old_request_is_refused(service: Service) -> None:
    with pytest.raises(TokenRefused, match="timestamp-expired"):
        await service.send(request_of(service, claims_of(DOCTOR)), now=service.client.clock.now() - HOUR)


async def test_a_request_whose_body_is_not_signed_is_refused(service: Service) -> None:
    with pytest.raises(TokenRefused, match="body-not-signed"):
        await service.send(request_of(service, claims_of(DOCTOR)), style=Style(signed=("timestamp", "token")))


async def test_a_claim_to_be_somebody_else_is_refused(service: Service) -> None:
    with pytest.raises(TokenRefused, match="is not that of the certificate"):
        await service.client.ask(service.credential("gp_fr"), claims_of(NURSE))


async def test_a_certificate_of_another_authority_is_refused(service: Service) -> None:
    foreign = Authority.make(BelgianClock().now()).issue_to(DOCTOR)
    with pytest.raises(TokenRefused, match="certificate-untrusted"):
        await service.client.ask(foreign, claims_of(DOCTOR))


async def test_a_certificate_of_nobody_is_refused(service: Service) -> None:
    with pytest.raises(TokenRefused, match="names nobody"):
        await service.client.ask(service.credentials.server.read(), claims_of(DOCTOR))


async def test_an_assertion_for_another_key_is_refused(service: Service) -> None:
    now = service.client.clock.now()
    request = write_token_request(claims_of(DOCTOR), ec_credential().certificate, now, now + HOUR)
    with pytest.raises(TokenRefused, match="the key that signed the request"):
        await service.send(request)


async def test_a_lifetime_that_is_over_is_refused(service: Service) -> None:
    with pytest.raises(TokenRefused, match="Lifetime has to end"):
        await service.send(request_of(service, claims_of(DOCTOR), hours=-1))


@pytest.mark.parametrize(
    ("wanted", "instead", "sentence"),
    [
        (b"200512/Issue<", b"200512/Renew<", "RequestType has to be .*/Issue, not .*/Renew"),
        (b"#SAMLV1.1<", b"#SAMLV2.0<", "TokenType has to be .*SAMLV1.1, not .*SAMLV2.0"),
        (b"200512/PublicKey<", b"200512/SymmetricKey<", "KeyType has to be"),
        (b"authclaims", b"otherclaims", "One Claims with the dialect"),
        (b"RequestSecurityToken", b"AskForSomething", "The body holds AskForSomething"),
        (b"<wsu:Created>", b"<wsu:Created>yesterday, ", "Lifetime/Created has to be a dateTime with a zone"),
    ],
)
async def test_what_is_not_supported_is_said(service: Service, wanted: bytes, instead: bytes, sentence: str) -> None:
    request = request_of(service, claims_of(DOCTOR))
    assert wanted in request
    with pytest.raises(TokenRefused, match=sentence):
        await service.send(request.replace(wanted, instead))


@pytest.mark.parametrize("body", [b"hello", b"<a/>", b"", b"\xff\xfe"])
async def test_what_is_no_request_gets_a_fault(service: Service, body: bytes) -> None:
    with pytest.raises(TokenRefused, match="no request for a token"):
        await service.client.send(body)


async def test_an_assertion_is_renewed_when_half_of_its_time_is_over(service: Service) -> None:
    credential = service.credential("nurse")
    holder = TokenHolder(
        client=service.client,
        credential=lambda: credential,
        claims=claims_of(NURSE),
        lifetime=timedelta(seconds=2),
    )
    first = await holder.token()
    assert await holder.token() == first
    async with asyncio.timeout(10):
        while await holder.token() == first:
            await asyncio.sleep(0.02)
    assert BelgianClock().now() < first.not_on_or_after


async def test_the_log_names_nobody_by_number(service: Service) -> None:
    await service.client.ask(service.credential("gp_fr"), claims_of(DOCTOR))
    assert service.log.read_text() == "Issue: issued to gp_fr\n"
