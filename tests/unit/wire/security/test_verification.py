"""Verification as a whole: what it finds, in which order it asks, and what it remembers."""

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.wire.namespaces import EXCLUSIVE_C14N
from hub.wire.security.accepted import AcceptedAssertions
from hub.wire.security.assertions import EHEALTH_ISSUER, AssertionPolicy
from hub.wire.security.refusal import Cause, SecurityRefusal
from hub.wire.security.signing import WSS4J, MessageIds, Style, sign_envelope_x509
from hub.wire.security.trust import Revocation, TokenSigner, Trust, read_withdrawn
from hub.wire.security.verification import MOST_ELEMENTS, MessagePolicy, MessageVerification, Token, Verified
from hub.wire.soap import MOST_NAMESPACES, read_envelope
from tests.credentials import ec_credential, rsa_credential
from tests.fuzz.signing_again import sign_again
from tests.integration.attacks.forging import DS, ID, Alteration, Message, altered, sha1_digest, sha1_method
from tests.signed import SignedCaller, list_message, world
from tests.unit.wire.security.refusing import refused
from tests.unit.wire.security.revocation import list_of

WORLD, NOW = world(), world().now
SKEW, SECOND = timedelta(minutes=5), timedelta(seconds=1)
IDS = MessageIds.of_java("1")
ANCHOR = WORLD.authority.credential.certificate
SIGNER = TokenSigner.of(WORLD.token_service.certificate)
DOCTOR, HOSPITAL = WORLD.caller("gp_nl"), WORLD.caller("modele")


def verification(
    *, trust: Trust | None = None, most: int = 0, sha1_allowed: Callable[[Token], bool] = lambda _: False
) -> MessageVerification:
    believed = trust or Trust([SIGNER], [ANCHOR])
    assertions = AssertionPolicy(EHEALTH_ISSUER, frozenset(), longest=timedelta(days=1), skew=SKEW)
    policy = MessagePolicy(assertions, longest=timedelta(minutes=10), skew=SKEW, sha1_allowed=sha1_allowed)
    return MessageVerification(policy=policy, trust=lambda: believed, accepted=AcceptedAssertions(most=most))


def verify(message: bytes, **options: Any) -> Verified:
    return verification(**options).verify(read_envelope(message), NOW)


def signed(caller: SignedCaller = DOCTOR, **options: Any) -> bytes:
    return caller.sign(now=NOW, ids=IDS, **options)


def certified(caller: SignedCaller = HOSPITAL) -> bytes:
    """X.509 profile."""
    return sign_envelope_x509(list_message(caller.author), caller.credential, now=NOW, ids=IDS)


def assertion_signed_again(change: Alteration) -> bytes:
    """The token service signs what an alteration leaves of the assertion, and the doctor the message."""

    def alter(message: Message) -> None:
        change(message)
        sign_again(message.assertion.findall(f"{DS}Signature")[0], WORLD.token_service)
        sign_again(message.signature, DOCTOR.credential)

    return altered(signed(), alter)


def test_a_message_says_who_its_holder_is_and_when_it_is_to_be_forgotten() -> None:
    verified = verify(signed())
    assert verified.token.holder.certificate == DOCTOR.credential.certificate
    assert verified.token.assertion is not None
    assert verified.token.assertion.id == DOCTOR.statement.id
    assert timedelta(0) <= NOW + timedelta(seconds=60) + SKEW - verified.forget_at < timedelta(milliseconds=1)


def test_with_a_certificate_alone_there_is_no_assertion() -> None:
    token = verify(certified()).token
    assert (token.holder.certificate, token.assertion) == (HOSPITAL.credential.certificate, None)


def test_a_message_written_in_another_way_is_the_same_one_and_another_message_is_not() -> None:
    message = signed()
    rewritten = message.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>\n").replace(b"?>\n", b"?>\n<!-- -->\n")
    # Of an EC key there are many signatures of one message, and all of them are good.
    resigned = altered(message, lambda one: sign_again(one.signature, DOCTOR.credential))
    assert resigned != message
    assert verify(message).signed == verify(rewritten).signed == verify(resigned).signed
    assert verify(message).signed != verify(signed()).signed


def test_what_was_verified_leaves_the_message_as_it_was() -> None:
    envelope = read_envelope(signed())
    before = etree.tostring(envelope.root)
    verification().verify(envelope, NOW)
    assert etree.tostring(envelope.root) == before


def test_prefixes_of_an_assertion_count_that_nothing_uses() -> None:
    def include(message: Message) -> None:
        signature = message.assertion.findall(f"{DS}Signature")[0]
        for method in (signature[0][0], *signature.iter(f"{DS}Transform")):
            if method.get("Algorithm") == EXCLUSIVE_C14N:
                etree.SubElement(method, f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces", PrefixList="S wsu")

    assert verify(assertion_signed_again(include)).token.assertion is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda message: message.assertion.findall(f"{DS}Signature/{DS}KeyInfo")[0].clear(),
        lambda message: message.assertion.findall(f"{DS}Signature")[0].remove(
            message.assertion.findall(f"{DS}Signature/{DS}KeyInfo")[0]
        ),
    ],
)
def test_an_assertion_need_not_say_which_certificate_signed_it(change: Alteration) -> None:
    other = TokenSigner.of(rsa_credential().certificate)
    for signers in ([SIGNER, other], [other, SIGNER]):
        assert verify(altered(signed(), change), trust=Trust(signers, [ANCHOR])).token.assertion is not None
    with refused(Cause.VALUE_DIFFERS):
        verify(altered(signed(), change), trust=Trust([other], [ANCHOR]))


def test_a_token_service_counts_within_its_time() -> None:
    for signer in (
        TokenSigner(SIGNER.written, SIGNER.key, NOW + SECOND, SIGNER.not_after),
        TokenSigner(SIGNER.written, SIGNER.key, SIGNER.not_before, NOW - SECOND),
    ):
        with refused(Cause.ASSERTION_SIGNER_UNKNOWN, "KeyInfo"):
            verify(signed(), trust=Trust([signer], [ANCHOR]))


def test_a_certificate_that_is_no_base64_names_no_token_service() -> None:
    def change(message: Message) -> None:
        next(message.assertion.findall(f"{DS}Signature")[0].iter(f"{DS}X509Certificate")).text = "?"

    with refused(Cause.ASSERTION_SIGNER_UNKNOWN, "KeyInfo"):
        verify(altered(signed(), change))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda token: token.attrib.pop("ValueType"), "@ValueType"),
        (lambda token: token.set("ValueType", "urn:x"), "@ValueType"),
        (lambda token: setattr(token, "text", "?"), "BinarySecurityToken"),
        (lambda token: setattr(token, "text", b64encode(b"no certificate").decode()), "BinarySecurityToken"),
        (lambda token: token.append(etree.Element("b")), "BinarySecurityToken"),
    ],
)
def test_a_token_that_holds_no_certificate_is_malformed(change: Callable[[etree._Element], object], place: str) -> None:
    with refused(Cause.CERTIFICATE_MALFORMED, place):
        verify(altered(certified(), lambda message: change(message.find("s:Header/w:Security/w:BinarySecurityToken"))))


def test_without_authorities_the_token_service_vouches_alone_and_no_certificate_does() -> None:
    nobody = DOCTOR.with_key(ec_credential(), ec_credential().certificate)
    assert verify(signed(nobody), trust=Trust([SIGNER])).token.holder.certificate == ec_credential().certificate
    with refused(Cause.CERTIFICATE_UNTRUSTED):
        verify(signed(nobody))
    with refused(Cause.CERTIFICATE_UNTRUSTED):
        verify(certified(), trust=Trust([SIGNER]))


@pytest.mark.parametrize("message", [signed(HOSPITAL), certified()], ids=["assertion", "certificate"])
def test_a_withdrawn_certificate_proves_nothing_also_when_it_did_before(message: bytes) -> None:
    withdrawn = read_withdrawn([list_of(WORLD.authority.credential, [HOSPITAL.credential.certificate], NOW)], [ANCHOR])
    lists: dict[Any, Any] = {}
    verifying = verification(trust=Trust([SIGNER], [ANCHOR], Revocation.WARN, lists), most=10)
    verifying.verify(read_envelope(message), NOW)
    lists |= withdrawn
    with refused(Cause.CERTIFICATE_REVOKED):
        verifying.verify(read_envelope(message), NOW)


def test_sha1_counts_for_those_for_whom_it_is_allowed_in_messages_only() -> None:
    caller = WORLD.caller("gp_fr")

    def alter(message: Message) -> bytes:
        return message.sign_again(caller.credential, method=sha1_method(caller.credential), digest=sha1_digest())

    message = altered(signed(caller), alter)
    own = caller.credential.certificate
    assert verify(message, sha1_allowed=lambda token: token.holder.certificate == own).token.assertion is not None
    with refused(Cause.ALGORITHM_NOT_ALLOWED):
        verify(message)


def test_a_remembered_assertion_needs_no_token_service_but_a_holder() -> None:
    verifying = verification(most=10)
    first = verifying.verify(read_envelope(signed()), NOW).token.assertion
    assert verifying.verify(read_envelope(signed()), NOW).token.assertion is first
    with refused(Cause.NOT_THE_HOLDER):
        verifying.verify(read_envelope(signed(DOCTOR.with_key(ec_credential()))), NOW)


def test_a_remembered_assertion_is_forgotten_when_it_ends() -> None:
    verifying = verification(most=10)
    verifying.verify(read_envelope(signed()), NOW)
    later = DOCTOR.statement.not_on_or_after + SKEW
    with refused(Cause.ASSERTION_EXPIRED):
        verifying.verify(read_envelope(DOCTOR.sign(now=later)), later)


def test_an_assertion_is_another_when_a_namespace_that_counts_is_another() -> None:
    def with_default_that_counts(message: Message) -> None:
        """As a stack writes it that has no prefixes for signatures."""
        (signature,) = message.assertion.findall(f"{DS}Signature")
        written = etree.tostring(signature).replace(b"ds:", b"").replace(b":ds=", b"=")
        message.assertion.replace(signature, etree.fromstring(written))
        transform = message.assertion.findall(f".//{DS}Transform")[-1]
        etree.SubElement(transform, f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces", PrefixList="#default")

    verifying, message = verification(most=10), assertion_signed_again(with_default_that_counts)
    other = message.replace(b"<saml:Assertion ", b'<saml:Assertion xmlns="urn:other" ')
    verifying.verify(read_envelope(message), NOW)
    for new_or_not in (verification(), verifying):
        with refused(Cause.DIGEST_DIFFERS, "Assertion/Signature/SignedInfo/Reference[1]/DigestValue"):
            new_or_not.verify(read_envelope(other), NOW)


def test_a_signature_of_a_length_that_the_key_cannot_make_is_nobodys() -> None:
    def cut(message: Message) -> None:
        value = message.find("s:Header/w:Security/ds:Signature/ds:SignatureValue")
        value.text = (value.text or "")[:-4]

    with refused(Cause.VALUE_DIFFERS, "SignatureValue"):
        verify(altered(signed(), cut))


def test_other_parts_may_be_signed_besides_when_there_is_one_of_each() -> None:
    def with_address(message: Message) -> bytes:
        etree.SubElement(message.header, "{urn:x}To", {ID: "to"}).text = "hub"
        signed_parts = [reference.get("URI", "")[1:] for reference in message.references]
        return message.sign_again(DOCTOR.credential, [*signed_parts, "to"])

    message = altered(signed(), with_address)
    assert verify(message).token.assertion is not None
    with refused(Cause.REFERENCE_UNRESOLVED, "Reference[3]"):
        verify(message.replace(b'Id="to"', b'Id="from"'))


def test_a_body_may_have_an_id_without_a_namespace() -> None:
    def rename(message: Message) -> None:
        message.body.set("Id", message.body.attrib.pop(ID))
        sign_again(message.signature, DOCTOR.credential)

    assert verify(altered(signed(), rename)).token.assertion is not None


def test_the_token_may_be_signed_too() -> None:
    for style in (WSS4J, Style(signed=("body", "timestamp", "token")), Style(by_reference=True)):
        assert verify(signed(style=style)).token.assertion is not None


def test_a_header_may_be_as_large_as_the_limit_says() -> None:
    def fill(elements: int, attributes: int) -> Alteration:
        def alter(message: Message) -> None:
            for _ in range(elements - sum(1 for _ in message.security.iterdescendants())):
                etree.SubElement(message.security, "filling")
            for number in range(attributes):
                message.security[-1].set(f"a{number}", "")

        return alter

    verify(altered(signed(), fill(MOST_ELEMENTS, 64)))
    for alteration in (fill(MOST_ELEMENTS + 1, 0), fill(MOST_ELEMENTS, 65)):
        with refused(Cause.HEADER_TOO_LARGE):
            verify(altered(signed(), alteration))


def test_very_many_namespaces_around_a_part_are_too_many() -> None:
    """To take a part out of its message would take the square of their number."""
    declared = "".join(f' xmlns:n{number}="urn:{number}"' for number in range(MOST_NAMESPACES)).encode()
    for part in (b"<S:Header", b"<wsse:Security", b"<saml:Assertion"):
        with pytest.raises(HubError) as caught:
            verify(signed().replace(part, part + declared, 1))
        assert caught.value.reason is Reason.MESSAGE_TOO_LARGE


def test_an_id_that_repeats_is_told_unless_there_are_very_many() -> None:
    for many, told in ((1, "twice"), (MOST_ELEMENTS, "")):
        repeated = "".join(f'<a Id="{number}"/>' for number in range(many)) + '<b id="twice"/><b ID="twice"/>'
        with pytest.raises(SecurityRefusal) as caught:
            verify(signed().replace(b"</S:Header>", repeated.encode() + b"</S:Header>"))
        assert (caught.value.cause, caught.value.arrived) == (Cause.DUPLICATE_ID, told)


def test_comments_between_the_parts_of_a_header_are_nothing() -> None:
    message = signed()
    assert verify(message.replace(b"<saml:Assertion ", b"<!-- --><?a?><saml:Assertion ", 1)).token.assertion
    with refused(Cause.HEADER_COMMENTED):
        verify(message.replace(b"</wsu:Created>", b"<!-- --></wsu:Created>"))
