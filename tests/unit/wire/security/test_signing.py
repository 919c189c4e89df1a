"""What we sign is what others verify: every signature is checked by xmlsec, which is not ours."""

from datetime import UTC, datetime, timedelta

import pytest
import xmlsec
from lxml import etree

from hub.wire.namespaces import ASSERTION, SECURITY, SECURITY_UTILITY, SIGNATURE, SOAP
from hub.wire.security.assertion_writing import Attribute, Statement, write_assertion
from hub.wire.security.credential import Credential
from hub.wire.security.signing import MessageIds, Style, sign_envelope, sign_envelope_x509
from tests.credentials import ec_credential, rsa_credential
from tests.signatures import verified_references

NOW = datetime(2025, 3, 14, 9, 30, tzinfo=UTC)
MESSAGE = '<p:Ask xmlns:p="urn:x" a="1"><b xmlns="urn:y">é &lt; \r\n</b></p:Ask>'.encode()
TOKEN_SERVICE = rsa_credential("token service")
BOTH_KINDS = pytest.mark.parametrize("credential", [rsa_credential(), ec_credential()], ids=["rsa", "ec"])
IDS = MessageIds.of_java("1")


def assertion_for(credential: Credential, *, signer: Credential = TOKEN_SERVICE, bare_key: bool = False) -> bytes:
    statement = Statement(
        id="_a1",
        subject="CN=Élise & fils",
        subject_issuer="CN=Nobody",
        holder=credential.key.public_key() if bare_key else credential.certificate,
        attributes=[Attribute("urn:be:fgov:person:ssin", "urn:be:fgov:identification-namespace", "70031499873")],
        issued=NOW,
        not_before=NOW,
        not_on_or_after=NOW + timedelta(hours=1),
    )
    return write_assertion(statement, signer)


def message_signature(envelope: bytes) -> etree._Element:
    found = etree.fromstring(envelope).find(f"{{{SOAP}}}Header/{{{SECURITY}}}Security/{{{SIGNATURE}}}Signature")
    assert found is not None
    return found


@BOTH_KINDS
def test_the_holder_of_a_key_signs_body_and_timestamp(credential: Credential) -> None:
    envelope = sign_envelope(MESSAGE, credential, assertion_for(credential), now=NOW, ids=IDS)
    assert verified_references(message_signature(envelope), credential.key.public_key()) == ["#id-1", "#TS-1"]


@BOTH_KINDS
def test_a_certificate_is_signed_with_body_and_timestamp(credential: Credential) -> None:
    envelope = sign_envelope_x509(MESSAGE, credential, now=NOW, ids=IDS)
    assert verified_references(message_signature(envelope), credential.key.public_key()) == [
        "#id-1",
        "#TS-1",
        "#X509-1",
    ]


@BOTH_KINDS
@pytest.mark.parametrize("hash_name", ["sha256", "sha384", "sha512"])
def test_every_algorithm_is_verified_by_others(credential: Credential, hash_name: str) -> None:
    style = Style(hash_name=hash_name)  # type: ignore[arg-type]  # its values stand above
    envelope = sign_envelope_x509(MESSAGE, credential, now=NOW, ids=IDS, style=style)
    verified_references(message_signature(envelope), credential.key.public_key())


@pytest.mark.parametrize(
    "style",
    [
        Style(order=("signature", "token", "timestamp")),
        Style(order=("token", "timestamp", "signature")),
        Style(signed=("timestamp", "token", "body")),
        Style(by_reference=True),
    ],
)
@pytest.mark.parametrize("ids", [IDS, MessageIds.of_dotnet("b7")], ids=["java", "dotnet"])
def test_what_stacks_vary_does_not_break_the_signature(style: Style, ids: MessageIds) -> None:
    credential = rsa_credential()
    envelope = sign_envelope(MESSAGE, credential, assertion_for(credential), now=NOW, ids=ids, style=style)
    verified_references(message_signature(envelope), credential.key.public_key())


def test_another_key_does_not_verify_it() -> None:
    envelope = sign_envelope(MESSAGE, rsa_credential(), assertion_for(rsa_credential()), now=NOW, ids=IDS)
    with pytest.raises(xmlsec.Error):
        verified_references(message_signature(envelope), rsa_credential("somebody else").key.public_key())


def test_a_changed_message_is_noticed() -> None:
    envelope = sign_envelope(MESSAGE, rsa_credential(), assertion_for(rsa_credential()), now=NOW, ids=IDS)
    with pytest.raises(xmlsec.Error):
        verified_references(message_signature(envelope.replace(b'a="1"', b'a="2"')), rsa_credential().key.public_key())


def test_the_assertion_and_the_message_are_copied_byte_for_byte() -> None:
    assertion = assertion_for(rsa_credential())
    envelope = sign_envelope(MESSAGE, rsa_credential(), assertion, now=NOW, ids=IDS)
    assert assertion in envelope
    assert MESSAGE in envelope


def test_the_header_is_the_one_of_real_clients() -> None:
    envelope = sign_envelope(MESSAGE, rsa_credential(), assertion_for(rsa_credential()), now=NOW, ids=IDS)
    security = message_signature(envelope).getparent()
    assert security is not None
    assert [etree.QName(entry).localname for entry in security] == ["Timestamp", "Assertion", "Signature"]
    assert [entry.text for entry in security[0]] == ["2025-03-14T09:30:00.000Z", "2025-03-14T09:31:00.000Z"]
    reference = security.find(f"{{{SIGNATURE}}}Signature/{{{SIGNATURE}}}KeyInfo/{{{SECURITY}}}SecurityTokenReference")
    assert reference is not None
    assert reference.get(f"{{{SECURITY_UTILITY}}}Id") == "STR-1"
    assert reference[0].text == "_a1"


@BOTH_KINDS
@pytest.mark.parametrize("bare_key", [False, True], ids=["certificate", "bare key"])
def test_an_assertion_carries_the_signature_of_the_token_service(credential: Credential, *, bare_key: bool) -> None:
    assertion = etree.fromstring(assertion_for(credential, signer=credential, bare_key=bare_key))
    assert verified_references(assertion[-1], credential.key.public_key()) == ["#_a1"]
    assert assertion.findtext(f".//{{{ASSERTION}}}AttributeValue") == "70031499873"
    assert assertion.findtext(f".//{{{ASSERTION}}}NameIdentifier") == "CN=Élise & fils"


def test_the_signature_of_an_assertion_holds_inside_a_message() -> None:
    assertion = assertion_for(ec_credential(), signer=TOKEN_SERVICE)
    envelope = etree.fromstring(sign_envelope(MESSAGE, ec_credential(), assertion, now=NOW, ids=IDS))
    inside = envelope.find(f".//{{{ASSERTION}}}Assertion/{{{SIGNATURE}}}Signature")
    assert inside is not None
    verified_references(inside, TOKEN_SERVICE.key.public_key())


@pytest.mark.parametrize(("credential", "kind"), [(rsa_credential(), "RSAKeyValue"), (ec_credential(), "ECKeyValue")])
def test_a_bare_key_stands_in_the_assertion_as_a_number(credential: Credential, kind: str) -> None:
    assertion = etree.fromstring(assertion_for(credential, bare_key=True))
    values = {etree.QName(element).localname for element in assertion.iter() if "KeyValue" in str(element.tag)}
    assert values == {"KeyValue", kind}
    assert assertion.find(f".//{{{ASSERTION}}}SubjectConfirmation//{{{SIGNATURE}}}X509Certificate") is None
