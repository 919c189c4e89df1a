"""Writing a SAML 1.1 assertion as the eHealth token service issues it (security facts, 1.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from cryptography import x509

from hub.wire.namespaces import ASSERTION, EXCLUSIVE_C14N, SIGNATURE
from hub.wire.security.algorithms import ENVELOPED, PublicKey
from hub.wire.security.assertions import EHEALTH_ISSUER, HOLDER_OF_KEY
from hub.wire.security.credential import Credential
from hub.wire.security.moments import write_moment
from hub.wire.security.signature_writing import (
    HashName,
    Reference,
    digest_named,
    method_for,
    write_key_value,
    write_signature,
    write_x509_data,
)
from hub.wire.xml import escape, parse

_BY_CERTIFICATE = "urn:oasis:names:tc:SAML:1.0:am:X509-PKI"
_SUBJECT_NAME = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
_END = "</saml:Assertion>"


class Attribute(NamedTuple):
    """One thing that an assertion says of its subject."""

    name: str
    namespace: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What an assertion says: all of it given, so that a test can say what no token service would.

    `holder` is the certificate, or the bare key, that proves to be the subject. `subject` and `subject_issuer` are
    names as RFC 4514 writes them. Without an `audience` there is no condition of that kind.
    """

    id: str
    subject: str
    subject_issuer: str
    holder: x509.Certificate | PublicKey
    attributes: Sequence[Attribute]
    issued: datetime
    not_before: datetime
    not_on_or_after: datetime
    issuer: str = EHEALTH_ISSUER
    confirmation: str = HOLDER_OF_KEY
    audience: str = ""


def write_assertion(statement: Statement, signer: Credential, *, hash_name: HashName = "sha256") -> bytes:
    """The assertion with the signature of the token service in it, without an XML declaration."""
    start = _write_start(statement)
    references = [Reference(statement.id, parse((start + _END).encode()), (ENVELOPED, EXCLUSIVE_C14N))]
    signature = write_signature(
        references,
        method_for(signer.key, hash_name),
        digest_named(hash_name),
        key_info=f"<ds:KeyInfo>{write_x509_data(signer.certificate)}</ds:KeyInfo>",
    )
    return f"{start}{signature}{_END}".encode()


def _write_start(statement: Statement) -> str:
    """Everything but the signature and the end."""
    subject, issued = _write_subject(statement), write_moment(statement.issued)
    audience = (
        f"<saml:AudienceRestrictionCondition><saml:Audience>{escape(statement.audience)}</saml:Audience>"
        "</saml:AudienceRestrictionCondition>"
        if statement.audience
        else ""
    )
    return (
        f'<saml:Assertion xmlns:saml="{ASSERTION}" MajorVersion="1" MinorVersion="1" AssertionID="{statement.id}"'
        f' Issuer="{escape(statement.issuer)}" IssueInstant="{issued}">'
        f'<saml:Conditions NotBefore="{write_moment(statement.not_before)}"'
        f' NotOnOrAfter="{write_moment(statement.not_on_or_after)}">{audience}</saml:Conditions>'
        f'<saml:AuthenticationStatement AuthenticationInstant="{issued}" AuthenticationMethod="{_BY_CERTIFICATE}">'
        f"{subject}</saml:AuthenticationStatement>"
        f"<saml:AttributeStatement>{subject}{''.join(map(_write_attribute, statement.attributes))}"
        "</saml:AttributeStatement>"
    )


def _write_subject(statement: Statement) -> str:
    holder = statement.holder
    proof = write_x509_data(holder) if isinstance(holder, x509.Certificate) else write_key_value(holder)
    return (
        f'<saml:Subject><saml:NameIdentifier Format="{_SUBJECT_NAME}"'
        f' NameQualifier="{escape(statement.subject_issuer)}">{escape(statement.subject)}</saml:NameIdentifier>'
        "<saml:SubjectConfirmation>"
        f"<saml:ConfirmationMethod>{escape(statement.confirmation)}</saml:ConfirmationMethod>"
        f'<ds:KeyInfo xmlns:ds="{SIGNATURE}">{proof}</ds:KeyInfo></saml:SubjectConfirmation></saml:Subject>'
    )


def _write_attribute(attribute: Attribute) -> str:
    return (
        f'<saml:Attribute AttributeName="{escape(attribute.name)}"'
        f' AttributeNamespace="{escape(attribute.namespace)}">'
        f"<saml:AttributeValue>{escape(attribute.value)}</saml:AttributeValue></saml:Attribute>"
    )
