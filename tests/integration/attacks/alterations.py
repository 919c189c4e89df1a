"""How messages are altered: by who has seen one, by who can sign, by who has another assertion, by who lies.

An attack is what it sends and what it must be answered with: the fault code, the eHealth code, the cause in the log.
"""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography.x509.oid import NameOID
from lxml import etree

from hub.domain.parties import Code, HcParty, Id
from hub.sandbox.authority import Authority
from hub.wire.namespaces import EXCLUSIVE_C14N
from hub.wire.security.algorithms import ENVELOPED
from hub.wire.security.assertion_writing import Attribute
from hub.wire.security.credential import Credential, PrivateKey
from hub.wire.security.signature_writing import method_for
from tests.integration.attacks.forging import (
    DS,
    ID,
    SAML,
    Alteration,
    Message,
    altered,
    named,
)
from tests.signed import SignedCaller, World, list_message

CERTIFIED = "urn:be:fgov:certified-namespace:ehealth"
STATED = "urn:be:fgov:identification-namespace"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"


class Answer(NamedTuple):
    """What an attack must be answered with."""

    fault: str
    soa_code: str
    cause: str


class Attack(NamedTuple):
    """A message, and its answer."""

    name: str
    send: Callable[[World, datetime], bytes]
    answer: Answer


def invalid(cause: str) -> Answer:
    return Answer("InvalidSecurity", "SOA-01001", cause)


def expired(cause: str) -> Answer:
    return Answer("MessageExpired", "SOA-01001", cause)


def failed(cause: str) -> Answer:
    return Answer("FailedCheck", "SOA-01001", cause)


def bad_token(cause: str) -> Answer:
    return Answer("InvalidSecurityToken", "SOA-01001", cause)


def unsupported(cause: str) -> Answer:
    return Answer("UnsupportedAlgorithm", "SOA-01001", cause)


def not_recognised(cause: str) -> Answer:
    return Answer("FailedAuthentication", "SOA-01002", cause)


def doctor(world: World) -> SignedCaller:
    """A family doctor with an RSA key."""
    return world.caller("gp_fr")


def altering(alteration: Alteration) -> Callable[[World, datetime], bytes]:
    """An attacker who has seen a message, and cannot sign."""
    return lambda world, now: altered(doctor(world).sign(now=now), alteration)


def signing(alteration: Callable[[Message, Credential], object]) -> Callable[[World, datetime], bytes]:
    """A caller who can sign, and does it badly: who owns the key may try everything."""

    def send(world: World, now: datetime) -> bytes:
        caller = doctor(world)
        return altered(caller.sign(now=now), lambda message: alteration(message, caller.credential))

    return send


def saying(change: Callable[[SignedCaller, datetime], SignedCaller]) -> Callable[[World, datetime], bytes]:
    """A caller with another assertion."""
    return lambda world, now: change(doctor(world), now).sign(now=now)


def at(shift: timedelta, lifetime: timedelta = timedelta(seconds=60)) -> Callable[[World, datetime], bytes]:
    return lambda world, now: doctor(world).sign(now=now + shift, lifetime=lifetime)


def text(path: str, value: str) -> Alteration:
    def alter(message: Message) -> None:
        message.find(path).text = value

    return alter


def remove(path: str) -> Alteration:
    def alter(message: Message) -> None:
        found = message.find(path)
        parent = found.getparent()
        assert parent is not None
        parent.remove(found)

    return alter


def copy_beside(path: str) -> Alteration:
    def alter(message: Message) -> None:
        found = message.find(path)
        copy = etree.fromstring(etree.tostring(found, with_tail=False))
        for element in copy.iter():
            for name in {ID, "Id"} & set(element.attrib):
                element.attrib.pop(name)
        found.addnext(copy)

    return alter


def flip(path: str) -> Alteration:
    """Change one bit of a base64 value."""

    def alter(message: Message) -> None:
        element = message.find(path)
        value = bytearray(base64.b64decode(element.text or ""))
        value[len(value) // 2] ^= 1
        element.text = base64.b64encode(value).decode()

    return alter


def set_to(path: str, name: str, value: str) -> Alteration:
    return lambda message: message.find(path).set(name, value)


SIGNATURE_PATH = "s:Header/w:Security/ds:Signature"
ASSERTION_PATH = "s:Header/w:Security/saml:Assertion"
REFERENCE = f"{SIGNATURE_PATH}/ds:SignedInfo/ds:Reference"
TRANSFORM = f"{REFERENCE}/ds:Transforms/ds:Transform"
KEY_IDENTIFIER = f"{SIGNATURE_PATH}/ds:KeyInfo/w:SecurityTokenReference/w:KeyIdentifier"


def first_attribute_value(message: Message) -> None:
    next(message.assertion.iter(f"{SAML}AttributeValue")).text = "81112699701"


def hmac(message: Message, credential: Credential) -> bytes:
    """The public key, which everybody has, as the secret of an HMAC."""
    method = named(method_for(credential.key), f"{MORE}hmac-sha256")
    return message.sign_again(credential, method=method)


def many_references(message: Message) -> None:
    for _ in range(50):
        message.signed_info.append(etree.fromstring(etree.tostring(message.references[0])))


def no_references(message: Message) -> None:
    for reference in message.references:
        message.signed_info.remove(reference)


def many_transforms(message: Message) -> None:
    transforms = message.find(f"{REFERENCE}/ds:Transforms")
    for _ in range(50):
        etree.SubElement(transforms, f"{DS}Transform", Algorithm=EXCLUSIVE_C14N)


def nested_object(message: Message) -> None:
    etree.SubElement(message.signature, f"{DS}Object").append(etree.Element("evil"))


def second_assertion(message: Message) -> None:
    copy = etree.fromstring(etree.tostring(message.assertion))
    copy.set("AssertionID", "_evil")
    next(copy.iter(f"{SAML}AttributeValue")).text = "70031499873"
    message.assertion.addprevious(copy)


def assertion_around_the_genuine_one(place: str) -> Alteration:
    """An assertion of one's own, which holds the genuine one where nobody looks for it."""

    def alter(message: Message) -> None:
        genuine = message.assertion
        evil = etree.fromstring(etree.tostring(genuine))
        evil.set("AssertionID", "_evil")
        next(evil.iter(f"{SAML}AttributeValue")).text = "70031499873"
        genuine.addprevious(evil)
        if place == "signature":
            etree.SubElement(evil.findall(f"{DS}Signature")[0], f"{DS}Object").append(genuine)
        else:
            etree.SubElement(evil, f"{SAML}{place}").append(genuine)
        message.find(KEY_IDENTIFIER).text = "_evil"

    return alter


def assertion_to(place: str) -> Alteration:
    """The genuine assertion elsewhere, one of one's own in its place."""

    def alter(message: Message) -> None:
        genuine = message.assertion
        evil = etree.fromstring(etree.tostring(genuine))
        evil.set("AssertionID", "_evil")
        genuine.getparent().replace(genuine, evil)  # type: ignore[union-attr]
        message.find(place).append(genuine)

    return alter


def id_in_body(name: str, value_of: Callable[[Message], str]) -> Callable[[Message, Credential], bytes]:
    def alter(message: Message, credential: Credential) -> bytes:
        message.body[0].set(name, value_of(message))
        return message.sign_again(credential)

    return alter


def assertion_id(message: Message) -> str:
    return message.assertion.get("AssertionID", "")


def reference_to(id_of: Callable[[Message], str]) -> Callable[[Message, Credential], bytes]:
    def alter(message: Message, credential: Credential) -> bytes:
        message.body[0].set(ID, "message")
        return message.sign_again(credential, [id_of(message), message.timestamp.get(ID, "")])

    return alter


def certificate(world: World, key: PrivateKey, *, now: datetime | None = None) -> Credential:
    authority = Authority(credential=world.authority.credential, now=now or world.now)
    return authority.issue(key, [(NameOID.COMMON_NAME, "SSIN=70031499873")])


def with_new_key(make: Callable[[], PrivateKey], *, bare: bool = False) -> Callable[[World, datetime], bytes]:
    def send(world: World, now: datetime) -> bytes:
        credential = certificate(world, make())
        holder = credential.key.public_key() if bare else credential.certificate
        return doctor(world).with_key(credential, holder).sign(now=now)

    return send


def with_certificate(credential_of: Callable[[World], Credential]) -> Callable[[World, datetime], bytes]:
    def send(world: World, now: datetime) -> bytes:
        credential = credential_of(world)
        return doctor(world).with_key(credential, credential.certificate).sign(now=now)

    return send


def signing_the_header_around_the_signature(message: Message, credential: Credential) -> bytes:
    message.security.set(ID, "security")
    parts = [message.body.get(ID, ""), message.timestamp.get(ID, ""), "security"]
    return message.sign_again(credential, parts, transforms=(ENVELOPED, EXCLUSIVE_C14N))


def stolen(world: World, now: datetime) -> bytes:
    """Somebody else's assertion, signed with a good key of one's own."""
    return doctor(world).with_key(world.caller("pharmacist").credential).sign(now=now)


def attributes(change: Callable[[Attribute], Attribute | None]) -> Callable[[World, datetime], bytes]:
    def send(world: World, now: datetime) -> bytes:
        caller = doctor(world)
        changed = [change(attribute) for attribute in caller.statement.attributes]
        return caller.saying(attributes=tuple(attribute for attribute in changed if attribute)).sign(now=now)

    return send


def extra(*attributes: Attribute) -> Callable[[World, datetime], bytes]:
    def send(world: World, now: datetime) -> bytes:
        caller = doctor(world)
        return caller.saying(attributes=(*caller.statement.attributes, *attributes)).sign(now=now)

    return send


def without_professions(attribute: Attribute) -> Attribute | None:
    return None if ":doctor" in attribute.name else attribute


def with_authors(*parties: HcParty) -> Callable[[World, datetime], bytes]:
    """Somebody who signs for himself and writes another author."""
    return lambda world, now: doctor(world).sign(list_message(parties), now=now)


def beside(*parties: HcParty) -> Callable[[World, datetime], bytes]:
    """Himself, and somebody whom he has not proved to be."""

    def send(world: World, now: datetime) -> bytes:
        caller = doctor(world)
        return caller.sign(list_message((*caller.author, *parties)), now=now)

    return send


def party(profession: str, number: str, inss: str = "") -> HcParty:
    inss_ids = (Id("INSS", "1.0", inss),) if inss else ()
    return HcParty(
        ids=(Id("ID-HCPARTY", "1.0", number), *inss_ids), cds=(Code("CD-HCPARTY", "1.16", profession),), name="Evil"
    )


def commented(path: str, *, instruction: bool = False) -> Alteration:
    def alter(message: Message) -> None:
        element = message.find(path)
        whole = element.text or ""
        node = etree.ProcessingInstruction("x", "y") if instruction else etree.Comment(" ")
        element.text, node.tail = whole[:3], whole[3:]
        element.append(node)

    return alter


def with_prologue(prologue: bytes) -> Callable[[World, datetime], bytes]:
    return lambda world, now: prologue + doctor(world).sign(now=now).partition(b"?>\n")[2]
