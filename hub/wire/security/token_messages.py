"""Asking a token service for an assertion, and its answer: WS-Trust 1.3, Issue (security facts, 1.1)."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from cryptography import x509
from lxml import etree

from hub.wire.namespaces import ASSERTION, SECURITY, SECURITY_UTILITY, SIGNATURE, SOAP, TRUST
from hub.wire.security.holders import Holder, read_holder
from hub.wire.security.moments import read_moment, write_moment
from hub.wire.security.signature_writing import write_x509_data
from hub.wire.security.signing import SAML_TOKEN
from hub.wire.security.verification import SAML_ID
from hub.wire.soap import ANSWER_END, ANSWER_START
from hub.wire.xml import escape, local_name, text

AUTHORIZATION: Final = "http://docs.oasis-open.org/wsfed/authorization/200706"
DIALECT: Final = f"{AUTHORIZATION}/authclaims"
ISSUE: Final = f"{TRUST}/Issue"
_PUBLIC_KEY = "/PublicKey"
"""Clients in the field write the namespace before it in more than one way."""
_WST, _WSU = f"{{{TRUST}}}", f"{{{SECURITY_UTILITY}}}"


class TokenRefused(Exception):
    """There is no assertion; the text says why."""


class Claim(NamedTuple):
    """An attribute that is asked for; one with a value is asserted by whoever asks, and to be certified."""

    name: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What is asked for. `holder` is whose key the assertion is for; None for the key that signs the request."""

    claims: Sequence[Claim]
    created: datetime
    expires: datetime
    holder: Holder | None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """An assertion as it was issued, and when it counts."""

    assertion: bytes
    not_before: datetime
    not_on_or_after: datetime


def write_token_request(
    claims: Sequence[Claim], holder: x509.Certificate, created: datetime, expires: datetime
) -> bytes:
    """The message that asks for an assertion for the holder of this certificate."""
    return (
        f'<wst:RequestSecurityToken xmlns:wst="{TRUST}" xmlns:auth="{AUTHORIZATION}" xmlns:wsu="{SECURITY_UTILITY}">'
        f"<wst:TokenType>{SAML_TOKEN}</wst:TokenType><wst:RequestType>{ISSUE}</wst:RequestType>"
        f'<wst:Claims Dialect="{DIALECT}">{"".join(map(_write_claim, claims))}</wst:Claims>'
        f"{_write_lifetime(created, expires)}<wst:KeyType>{TRUST}{_PUBLIC_KEY}</wst:KeyType>"
        f'<wst:UseKey><wsse:SecurityTokenReference xmlns:wsse="{SECURITY}" xmlns:ds="{SIGNATURE}">'
        f"{write_x509_data(holder)}</wsse:SecurityTokenReference></wst:UseKey></wst:RequestSecurityToken>"
    ).encode()


def read_token_request(message: etree._Element) -> TokenRequest:
    """What a message asks for. Raises TokenRefused, and SecurityRefusal for a UseKey that holds no key."""
    if message.tag != f"{_WST}RequestSecurityToken":
        raise TokenRefused(f"The body holds {local_name(message)}, not RequestSecurityToken of {TRUST}.")
    _require(message, "RequestType", ISSUE)
    _require(message, "TokenType", SAML_TOKEN)
    claims = message.find(f"{_WST}Claims")
    if claims is None or claims.get("Dialect") != DIALECT:
        raise TokenRefused(f"One Claims with the dialect {DIALECT} is wanted.")
    if not text(message.find(f"{_WST}KeyType")).endswith(_PUBLIC_KEY):
        raise TokenRefused(f"KeyType has to be {TRUST}{_PUBLIC_KEY}: assertions are for the holder of a public key.")
    return TokenRequest(
        claims=[_read_claim(claim) for claim in claims],
        created=_read_moment(message, "Created"),
        expires=_read_moment(message, "Expires"),
        holder=_read_use_key(message.find(f"{_WST}UseKey")),
    )


def write_token_answer(token: IssuedToken, assertion_id: str) -> bytes:
    """The whole answer, with the assertion byte for byte."""
    start = (
        f'<wst:RequestSecurityTokenResponseCollection xmlns:wst="{TRUST}" xmlns:wsu="{SECURITY_UTILITY}">'
        f"<wst:RequestSecurityTokenResponse><wst:TokenType>{SAML_TOKEN}</wst:TokenType><wst:RequestedSecurityToken>"
    )
    end = (
        "</wst:RequestedSecurityToken><wst:RequestedAttachedReference>"
        f'<wsse:SecurityTokenReference xmlns:wsse="{SECURITY}">'
        f'<wsse:KeyIdentifier ValueType="{SAML_ID}">{assertion_id}</wsse:KeyIdentifier></wsse:SecurityTokenReference>'
        f"</wst:RequestedAttachedReference>{_write_lifetime(token.not_before, token.not_on_or_after)}"
        "</wst:RequestSecurityTokenResponse></wst:RequestSecurityTokenResponseCollection>"
    )
    return ANSWER_START + start.encode() + token.assertion + end.encode() + ANSWER_END


def read_token_answer(envelope: etree._Element) -> IssuedToken:
    """The assertion of an answer. Raises TokenRefused, for a fault with what it says."""
    fault = envelope.find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault")
    if fault is not None:
        raise TokenRefused(text(fault.find("faultstring")))
    element = envelope.find(f".//{_WST}RequestedSecurityToken/{{{ASSERTION}}}Assertion")
    conditions = None if element is None else element.find(f"{{{ASSERTION}}}Conditions")
    if element is None or conditions is None:
        raise TokenRefused("The answer holds no assertion with conditions.")
    moments = [read_moment(conditions.get(name, "")) for name in ("NotBefore", "NotOnOrAfter")]
    if moments[0] is None or moments[1] is None:
        raise TokenRefused("The assertion does not say from when until when it counts.")
    # A copy leaves the namespaces of the answer, and keeps the assertion's own: its signature may count unused ones.
    alone = deepcopy(element)
    return IssuedToken(etree.tostring(alone, encoding="utf-8", with_tail=False), moments[0], moments[1])


def _write_claim(claim: Claim) -> str:
    name = escape(claim.name)
    if claim.value is None:
        return f'<auth:ClaimType Uri="{name}"/>'
    return f'<auth:ClaimType Uri="{name}"><auth:Value>{escape(claim.value)}</auth:Value></auth:ClaimType>'


def _write_lifetime(created: datetime, expires: datetime) -> str:
    return (
        f"<wst:Lifetime><wsu:Created>{write_moment(created)}</wsu:Created>"
        f"<wsu:Expires>{write_moment(expires)}</wsu:Expires></wst:Lifetime>"
    )


def _require(message: etree._Element, name: str, value: str) -> None:
    arrived = text(message.find(f"{_WST}{name}"))
    if arrived != value:
        raise TokenRefused(f"{name} has to be {value}, not {arrived or 'left out'}.")


def _read_claim(element: etree._Element) -> Claim:
    value = element.find(f"{{{AUTHORIZATION}}}Value")
    return Claim(element.get("Uri", ""), None if value is None else text(value))


def _read_moment(message: etree._Element, name: str) -> datetime:
    moment = read_moment(text(message.find(f"{_WST}Lifetime/{_WSU}{name}")))
    if moment is None:
        raise TokenRefused(f"Lifetime/{name} has to be a dateTime with a zone.")
    return moment


def _read_use_key(use_key: etree._Element | None) -> Holder | None:
    """A key, or a certificate, that stands in UseKey itself or in the one reference or KeyInfo there."""
    if use_key is None:
        return None
    is_wrapped = len(use_key) == 1 and local_name(use_key[0]) in ("SecurityTokenReference", "KeyInfo")
    return read_holder(use_key[0] if is_wrapped else use_key, "RequestSecurityToken/UseKey")
