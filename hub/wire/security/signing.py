"""A SOAP message as a real client signs it: the holder-of-key and the X.509 profile (security facts, 1.3).

Pure: the caller says what time it is and which ids to use. Messages and tokens are copied into the envelope byte for
byte.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Self

from lxml import etree

from hub.wire.namespaces import SECURITY, SECURITY_11, SECURITY_UTILITY, SOAP
from hub.wire.security.credential import Credential
from hub.wire.security.moments import write_moment
from hub.wire.security.signature_writing import HashName, Reference, digest_named, method_for, write_signature
from hub.wire.security.verification import SAML_ID, X509_VALUE_TYPE
from hub.wire.xml import parse

LIFETIME: Final = timedelta(seconds=60)
"""Of a message, as clients have it."""

SAML_TOKEN: Final = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1"  # noqa: S105 - a name
BASE64: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"

Entry = Literal["timestamp", "token", "signature"]
Part = Literal["body", "timestamp", "token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageIds:
    """The ids of the parts of one message; no part may have that of another."""

    timestamp: str
    body: str
    token: str
    signature: str
    key_info: str
    reference: str

    @classmethod
    def of_java(cls, unique: str) -> Self:
        """As WSS4J names them."""
        return cls(
            timestamp=f"TS-{unique}",
            body=f"id-{unique}",
            token=f"X509-{unique}",
            signature=f"SIG-{unique}",
            key_info=f"KI-{unique}",
            reference=f"STR-{unique}",
        )

    @classmethod
    def of_dotnet(cls, unique: str) -> Self:
        """As .NET names them."""
        return cls(
            timestamp="_0",
            body="_1",
            token=f"uuid-{unique}-1",
            signature="_2",
            key_info=f"uuid-{unique}-2",
            reference=f"uuid-{unique}-3",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What stacks do differently: the order in the header, what is signed, the algorithms, how a token is named.

    `signed` of None is what the profile asks for: the body and the timestamp, and the token when it is a certificate.
    `by_reference` names an assertion by a plain reference to its id, instead of by a key identifier.
    """

    order: tuple[Entry, ...] = ("timestamp", "token", "signature")
    signed: tuple[Part, ...] | None = None
    hash_name: HashName = "sha256"
    pss: bool = False
    by_reference: bool = False


WSS4J: Final = Style()
"""What the known clients send."""


@dataclass(frozen=True, slots=True)
class _Token:
    """A token as text, its id, and how the signature names it."""

    text: str
    id: str
    reference: str


def sign_envelope(
    message: bytes,
    credential: Credential,
    assertion: bytes,
    *,
    now: datetime,
    ids: MessageIds,
    lifetime: timedelta = LIFETIME,
    style: Style = WSS4J,
) -> bytes:
    """An envelope with this message, signed by the holder of an assertion.

    `message` and `assertion` are UTF-8 without an XML declaration. Raises HubError (message-malformed) when they are
    no XML.
    """
    token_id = parse(assertion).get("AssertionID", "")
    token = _Token(assertion.decode(), token_id, _write_assertion_reference(token_id, ids, style))
    draft = _Draft(message=message.decode(), token=token, now=now, lifetime=lifetime, ids=ids, style=style)
    return draft.signed(credential, style.signed or ("body", "timestamp"))


def sign_envelope_x509(
    message: bytes,
    credential: Credential,
    *,
    now: datetime,
    ids: MessageIds,
    lifetime: timedelta = LIFETIME,
    style: Style = WSS4J,
) -> bytes:
    """An envelope with this message, signed with a certificate that it carries; the certificate is signed too.

    `message` is UTF-8 without an XML declaration. Raises HubError (message-malformed) when it is no XML.
    """
    token = _Token(
        f'<wsse:BinarySecurityToken EncodingType="{BASE64}" ValueType="{X509_VALUE_TYPE}" wsu:Id="{ids.token}">'
        f"{b64encode(credential.der).decode()}</wsse:BinarySecurityToken>",
        ids.token,
        f'<wsse:SecurityTokenReference wsu:Id="{ids.reference}">'
        f'<wsse:Reference URI="#{ids.token}" ValueType="{X509_VALUE_TYPE}"/></wsse:SecurityTokenReference>',
    )
    draft = _Draft(message=message.decode(), token=token, now=now, lifetime=lifetime, ids=ids, style=style)
    return draft.signed(credential, style.signed or ("body", "timestamp", "token"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """An envelope as text, up to its signature."""

    message: str
    token: _Token
    now: datetime
    lifetime: timedelta
    ids: MessageIds
    style: Style

    def signed(self, credential: Credential, parts: Sequence[Part]) -> bytes:
        references = self._references(parse(self._write("")), parts)
        signature = write_signature(
            references,
            method_for(credential.key, self.style.hash_name, pss=self.style.pss),
            digest_named(self.style.hash_name),
            key_info=f'<ds:KeyInfo Id="{self.ids.key_info}">{self.token.reference}</ds:KeyInfo>',
            signature_id=self.ids.signature,
        )
        return self._write(signature)

    def _write(self, signature: str) -> bytes:
        entries = {"timestamp": self._write_timestamp(), "token": self.token.text, "signature": signature}
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<S:Envelope xmlns:S="{SOAP}"><S:Header>'
            f'<wsse:Security xmlns:wsse="{SECURITY}" xmlns:wsu="{SECURITY_UTILITY}" S:mustUnderstand="1">'
            f"{''.join(entries[entry] for entry in self.style.order)}</wsse:Security></S:Header>"
            f'<S:Body xmlns:wsu="{SECURITY_UTILITY}" wsu:Id="{self.ids.body}">{self.message}</S:Body></S:Envelope>'
        ).encode()

    def _write_timestamp(self) -> str:
        return (
            f'<wsu:Timestamp wsu:Id="{self.ids.timestamp}"><wsu:Created>{write_moment(self.now)}</wsu:Created>'
            f"<wsu:Expires>{write_moment(self.now + self.lifetime)}</wsu:Expires></wsu:Timestamp>"
        )

    def _references(self, envelope: etree._Element, parts: Sequence[Part]) -> list[Reference]:
        header, body = envelope
        entries = [entry for entry in self.style.order if entry != "signature"]
        places = dict(zip(entries, header[0], strict=True)) | {"body": body}
        ids = {"timestamp": self.ids.timestamp, "token": self.token.id, "body": self.ids.body}
        return [Reference(ids[part], places[part]) for part in parts]


def _write_assertion_reference(assertion_id: str, ids: MessageIds, style: Style) -> str:
    name = (
        f'<wsse:Reference URI="#{assertion_id}" ValueType="{SAML_TOKEN}"/>'
        if style.by_reference
        else f'<wsse:KeyIdentifier ValueType="{SAML_ID}">{assertion_id}</wsse:KeyIdentifier>'
    )
    return (
        f'<wsse:SecurityTokenReference xmlns:wsse11="{SECURITY_11}" wsse11:TokenType="{SAML_TOKEN}"'
        f' wsu:Id="{ids.reference}">{name}</wsse:SecurityTokenReference>'
    )
