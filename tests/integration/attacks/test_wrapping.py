"""Signature wrapping (row 5): what was signed is still in the message, and something else stands where it was.

The attacker has seen one good message and cannot sign. He leaves the signed body somewhere in the message, so that all
digests hold, and puts a body of his own in its place.
"""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from hub.wire.namespaces import SOAP
from tests.integration.attacks.alterations import doctor
from tests.integration.attacks.forging import DS, ID, Message, altered
from tests.integration.attacks.hubs import settings_of
from tests.integration.served_hub import ServedHub, fault_of, served_hub
from tests.signed import world

S = f"{{{SOAP}}}"


def wrapped(element: etree._Element) -> etree._Element:
    """The element in another one."""
    wrapper = etree.Element("{urn:x}Wrapper")
    wrapper.append(element)
    return wrapper


def in_a_header(message: Message) -> None:
    message.header.append(wrapped(message.evil_body("evil")))


def in_the_security_header(message: Message) -> None:
    message.security.append(wrapped(message.evil_body("evil")))


def bare_in_the_security_header(message: Message) -> None:
    message.security.append(message.evil_body("evil"))


def bare_in_the_header(message: Message) -> None:
    message.header.append(message.evil_body("evil"))


def in_the_timestamp(message: Message) -> None:
    message.timestamp[1].append(wrapped(message.evil_body("evil")))


def in_an_object_of_the_signature(message: Message) -> None:
    etree.SubElement(message.signature, f"{DS}Object").append(message.evil_body("evil"))


def in_the_key_info(message: Message) -> None:
    message.signature[2].append(wrapped(message.evil_body("evil")))


def in_the_evil_message(message: Message) -> None:
    genuine = message.evil_body("evil")
    message.body[0].append(wrapped(genuine))


def behind_the_body(message: Message) -> None:
    message.root.append(wrapped(message.evil_body("evil")))


def before_the_header(message: Message) -> None:
    message.root.insert(0, wrapped(message.evil_body("evil")))


def in_an_envelope_in_the_header(message: Message) -> None:
    inner = etree.SubElement(message.header, f"{S}Envelope")
    inner.append(message.evil_body("evil"))


def evil_body_without_an_id(message: Message) -> None:
    message.header.append(wrapped(message.evil_body()))


def evil_body_with_the_same_id(message: Message) -> None:
    message.header.append(wrapped(message.evil_body(message.body.get(ID))))


def evil_body_with_the_same_id_of_another_kind(message: Message) -> None:
    id_ = message.body.get(ID, "")
    message.header.append(wrapped(message.evil_body()))
    message.body.set("{http://www.w3.org/XML/1998/namespace}id", id_)


def evil_body_with_the_same_id_without_a_namespace(message: Message) -> None:
    id_ = message.body.get(ID, "")
    message.header.append(wrapped(message.evil_body()))
    message.body.set("Id", id_)


def id_of_the_genuine_body_as_another_kind(message: Message) -> None:
    genuine = message.evil_body("evil")
    genuine.set("Id", genuine.attrib.pop(ID))
    message.header.append(wrapped(genuine))


def timestamp_of_another_message(message: Message) -> None:
    """The signed timestamp aside, a fresh one in its place: an old message made young."""
    genuine = message.timestamp
    fresh = etree.fromstring(etree.tostring(genuine))
    fresh.set(ID, "fresh")
    genuine.getparent().replace(genuine, fresh)  # type: ignore[union-attr]
    message.header.append(wrapped(genuine))


def in_a_security_header_of_somebody_else(message: Message) -> None:
    other = etree.fromstring(etree.tostring(message.security))
    other.clear()
    other.set(f"{S}actor", "urn:somebody-else")
    other.append(wrapped(message.evil_body("evil")))
    message.header.append(other)


def second_body_behind(message: Message) -> None:
    genuine = message.evil_body("evil")
    message.body.addnext(genuine)


def second_body_before(message: Message) -> None:
    genuine = message.evil_body("evil")
    message.body.addprevious(genuine)


def second_message_in_the_body(message: Message) -> None:
    message.body.append(etree.fromstring(etree.tostring(message.body[0])))


FAILED_CHECK = ("FailedCheck", "SOA-01001")
WRAPPINGS: dict[Callable[[Message], None], tuple[tuple[str, str], str]] = {
    in_a_header: (FAILED_CHECK, "body-not-signed"),
    in_the_security_header: (FAILED_CHECK, "body-not-signed"),
    bare_in_the_security_header: (FAILED_CHECK, "body-not-signed"),
    bare_in_the_header: (FAILED_CHECK, "body-not-signed"),
    in_the_timestamp: (FAILED_CHECK, "digest-differs"),
    in_an_object_of_the_signature: (("InvalidSecurity", "SOA-01001"), "signature-malformed"),
    in_the_key_info: (("SecurityTokenUnavailable", "SOA-01001"), "no-key-reference"),
    in_the_evil_message: (FAILED_CHECK, "body-not-signed"),
    behind_the_body: (FAILED_CHECK, "body-not-signed"),
    before_the_header: (FAILED_CHECK, "body-not-signed"),
    in_an_envelope_in_the_header: (FAILED_CHECK, "body-not-signed"),
    evil_body_without_an_id: (FAILED_CHECK, "body-not-signed"),
    evil_body_with_the_same_id: (FAILED_CHECK, "duplicate-id"),
    evil_body_with_the_same_id_of_another_kind: (FAILED_CHECK, "duplicate-id"),
    evil_body_with_the_same_id_without_a_namespace: (FAILED_CHECK, "duplicate-id"),
    id_of_the_genuine_body_as_another_kind: (FAILED_CHECK, "digest-differs"),
    timestamp_of_another_message: (FAILED_CHECK, "timestamp-not-signed"),
    in_a_security_header_of_somebody_else: (FAILED_CHECK, "body-not-signed"),
    # These are no envelopes at all, before anybody looks at signatures.
    second_body_behind: (("Client", "SOA-03003"), ""),
    second_body_before: (("Client", "SOA-03003"), ""),
    second_message_in_the_body: (("Client", "SOA-03003"), ""),
}


@pytest.fixture
async def hub(redis_url: str, tmp_path: Path) -> AsyncIterator[ServedHub]:
    async with served_hub(redis_url, tmp_path, security=settings_of(world(), tmp_path)) as hub:
        yield hub


async def test_the_message_that_is_wrapped_would_be_taken(hub: ServedHub) -> None:
    _, message, _ = await hub.post(doctor(world()).sign(now=datetime.now(UTC)), url=hub.signed_url)
    assert message.tag.endswith("GetTransactionListResponse")


async def test_no_wrapping_gets_another_body_executed(hub: ServedHub) -> None:
    seen = {}
    for wrapping in WRAPPINGS:
        hub.log.seek(0)
        hub.log.truncate()
        body = altered(doctor(world()).sign(now=datetime.now(UTC)), wrapping)
        _, message, _ = await hub.post(body, url=hub.signed_url)
        events = [json.loads(line) for line in hub.log.getvalue().splitlines()]
        causes = [event["cause"] for event in events if event["event"] == "security.refused"]
        seen[wrapping.__name__] = (fault_of(message)[:2], causes[0] if causes else "")
    assert seen == {wrapping.__name__: answer for wrapping, answer in WRAPPINGS.items()}
