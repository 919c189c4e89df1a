"""What real stacks do differently is accepted (security facts, parts 1.2 to 1.4)."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from lxml import etree

from hub.sandbox.authority import Authority
from hub.wire.namespaces import EXCLUSIVE_C14N
from hub.wire.security.algorithms import ENVELOPED
from hub.wire.security.credential import Credential
from hub.wire.security.signing import MessageIds, Style, sign_envelope_x509
from tests.credentials import rsa_credential
from tests.integration.attacks.alterations import SIGNATURE_PATH, doctor
from tests.integration.attacks.forging import DS, Message, altered, sha1_digest, sha1_method
from tests.integration.attacks.hubs import settings_of
from tests.integration.served_hub import ServedHub, fault_of, served_hub
from tests.signatures import sign_elsewhere
from tests.signed import SignedCaller, World, list_message, world

Sending = Callable[[World, datetime], bytes]


@pytest.fixture
async def hub(redis_url: str, tmp_path: Path) -> AsyncIterator[ServedHub]:
    """A hub that believes two token services, as during a change from one to the other."""
    settings = settings_of(world(), tmp_path, peer_hubs=("1990999927",), audiences=("urn:this-hub",))
    (tmp_path / "sts.pem").write_bytes(
        world().pem(rsa_credential("next token service").certificate, world().token_service.certificate)
    )
    async with served_hub(redis_url, tmp_path, security=settings) as hub:
        yield hub


async def is_taken(hub: ServedHub, body: bytes) -> bool:
    """Whether a message is understood; what it asks may be unknown."""
    _, message, _ = await hub.post(body, url=hub.signed_url)
    return message.tag.endswith("GetTransactionListResponse")


def styled(**style: object) -> Sending:
    return lambda world, now: doctor(world).sign(now=now, style=Style(**style))  # type: ignore[arg-type]


def saying(change: Callable[[SignedCaller, datetime], SignedCaller]) -> Sending:
    return lambda world, now: change(doctor(world), now).sign(now=now)


def with_certificate(key: str) -> Sending:
    """X.509 profile."""

    def send(world: World, now: datetime) -> bytes:
        caller = world.caller(key)
        ids = MessageIds.of_java(uuid4().hex)
        return sign_envelope_x509(list_message(caller.author), caller.credential, now=now, ids=ids)

    return send


def with_a_bare_key(key: str) -> Sending:
    def send(world: World, now: datetime) -> bytes:
        caller = world.caller(key)
        return caller.saying(holder=caller.credential.key.public_key()).sign(now=now)

    return send


def with_white_space(world: World, now: datetime) -> bytes:
    def alter(message: Message) -> None:
        value = message.find(f"{SIGNATURE_PATH}/ds:SignatureValue")
        value.text = "\n".join((value.text or "")[at : at + 76] for at in range(0, 400, 76))
        message.signature.tail = "\n    "

    return altered(doctor(world).sign(now=now), alter)


def with_inclusive_prefixes(world: World, now: datetime) -> bytes:
    """As WSS4J lists them by itself, in an envelope that declares namespaces for its body."""
    caller = doctor(world)

    def alter(message: Message) -> None:
        for method in message.signed_info.iter(f"{DS}CanonicalizationMethod", f"{DS}Transform"):
            etree.SubElement(method, f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces", PrefixList="#default S k unknown")
        sign_elsewhere(message.signature, caller.credential.key)

    envelope = caller.sign(now=now).replace(b"<S:Envelope ", b'<S:Envelope xmlns="urn:default" xmlns:k="urn:k" ')
    return altered(envelope, alter)


def signed_for_by_a_service_to_come(world: World, now: datetime) -> bytes:
    return doctor(world).of_token_service(rsa_credential("next token service")).sign(now=now)


SENDINGS: dict[str, Sending] = {
    "signature first": styled(order=("signature", "token", "timestamp")),
    "token first": styled(order=("token", "timestamp", "signature")),
    "token signed too": styled(signed=("body", "timestamp", "token")),
    "timestamp before body": styled(signed=("timestamp", "body")),
    "SHA-512": styled(hash_name="sha512"),
    "SHA-384": styled(hash_name="sha384"),
    "PSS": styled(pss=True),
    "token named by reference": styled(by_reference=True),
    ".NET ids": lambda world, now: doctor(world).sign(now=now, ids=MessageIds.of_dotnet(uuid4().hex)),
    "ten minutes": lambda world, now: doctor(world).sign(now=now, lifetime=timedelta(minutes=10)),
    "a clock four minutes ahead": lambda world, now: doctor(world).sign(now=now + timedelta(minutes=4)),
    "a clock four minutes behind": lambda world, now: doctor(world).sign(now=now - timedelta(minutes=4)),
    "inclusive prefixes": with_inclusive_prefixes,
    "lines in the value": with_white_space,
    "token for this hub": saying(lambda caller, _: caller.saying(audience="urn:this-hub")),
    "the next token service": signed_for_by_a_service_to_come,
    "enveloped transform, of no effect": lambda world, now: altered(
        doctor(world).sign(now=now),
        lambda message: message.sign_again(doctor(world).credential, transforms=(ENVELOPED, EXCLUSIVE_C14N)),
    ),
    "bare RSA key": with_a_bare_key("gp_fr"),
    "bare EC key": with_a_bare_key("gp_nl"),
    "organisation's certificate": with_certificate("modele"),
    "peer hub's certificate": with_certificate("peer_hub"),
}


@pytest.mark.parametrize("name", SENDINGS)
async def test_what_stacks_do_differently_is_taken(hub: ServedHub, name: str) -> None:
    assert await is_taken(hub, SENDINGS[name](world(), datetime.now(UTC)))


@pytest.mark.parametrize("key", list(world().people.signatories))
async def test_everybody_of_the_table_can_call(hub: ServedHub, key: str) -> None:
    assert await is_taken(hub, world().caller(key).sign(now=datetime.now(UTC)))


async def test_an_assertion_serves_for_many_messages(hub: ServedHub) -> None:
    caller = doctor(world())
    assert [await is_taken(hub, caller.sign(now=datetime.now(UTC))) for _ in range(3)] == [True, True, True]


async def test_a_person_needs_the_token_service(hub: ServedHub) -> None:
    """A certificate says who somebody is, not what he may be called."""
    _, message, _ = await hub.post(with_certificate("gp_fr")(world(), datetime.now(UTC)), url=hub.signed_url)
    assert fault_of(message)[:2] == ("FailedAuthentication", "SOA-01002")


async def test_sha1_is_taken_from_those_for_whom_it_is_allowed(redis_url: str, tmp_path: Path) -> None:
    caller = doctor(world())

    def alter(message: Message) -> bytes:
        return message.sign_again(caller.credential, method=sha1_method(caller.credential), digest=sha1_digest())

    settings = settings_of(world(), tmp_path, sha1_allowed_for=(caller.author[0].number,))
    async with served_hub(redis_url, tmp_path, security=settings) as hub:
        assert await is_taken(hub, altered(caller.sign(now=datetime.now(UTC)), alter))
        other = world().caller("pharmacist")

        def alter_other(message: Message) -> bytes:
            return message.sign_again(other.credential, method=sha1_method(other.credential))

        _, message, _ = await hub.post(altered(other.sign(now=datetime.now(UTC)), alter_other), url=hub.signed_url)
        assert fault_of(message)[0] == "UnsupportedAlgorithm"


async def test_without_authorities_the_token_service_vouches_alone(redis_url: str, tmp_path: Path) -> None:
    stranger = Authority.make(world().now).issue_to(world().people.signatories["gp_fr"])
    settings = settings_of(world(), tmp_path, authorities=())
    async with served_hub(redis_url, tmp_path, security=settings) as hub:
        caller = with_other_certificate(doctor(world()), stranger)
        assert await is_taken(hub, caller.sign(now=datetime.now(UTC)))
        body = with_certificate("modele")(world(), datetime.now(UTC))
        assert fault_of((await hub.post(body, url=hub.signed_url))[1])[0] == "InvalidSecurityToken"


def with_other_certificate(caller: SignedCaller, credential: Credential) -> SignedCaller:
    return caller.with_key(credential, credential.certificate)
