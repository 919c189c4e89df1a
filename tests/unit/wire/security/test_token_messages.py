"""Asking a token service, and its answer: what is written is read, and what is missing is said."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from hub.wire.namespaces import SIGNATURE, SOAP, TRUST
from hub.wire.security.refusal import Cause
from hub.wire.security.signature_writing import write_key_value
from hub.wire.security.token_messages import (
    Claim,
    IssuedToken,
    TokenRefused,
    TokenRequest,
    read_token_answer,
    read_token_request,
    write_token_answer,
    write_token_request,
)
from hub.wire.xml import parse
from tests.credentials import ec_credential
from tests.signed import world
from tests.unit.wire.security.refusing import refused

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
CLAIMS = [Claim("urn:asserted", "<1>"), Claim('urn:"asked"')]
REQUEST = write_token_request(CLAIMS, ec_credential().certificate, NOW, LATER).decode()
KEY = write_key_value(ec_credential().key.public_key()).replace(
    "<ds:KeyValue", f'<ds:KeyValue xmlns:ds="{SIGNATURE}"', 1
)


def read(written: str = REQUEST) -> TokenRequest:
    return read_token_request(etree.fromstring(written))


def with_use_key(use_key: str) -> str:
    return REQUEST[: REQUEST.index("<wst:UseKey>")] + use_key + "</wst:RequestSecurityToken>"


def test_what_is_asked_is_read() -> None:
    request = read()
    assert list(request.claims) == CLAIMS
    assert (request.created, request.expires) == (NOW, LATER)
    assert request.holder is not None
    assert request.holder.certificate == ec_credential().certificate


@pytest.mark.parametrize(
    ("start", "end"),
    [("", ""), ("<KeyInfo>", "</KeyInfo>"), ("<SecurityTokenReference>", "</SecurityTokenReference>")],
)
def test_a_key_may_stand_alone_or_in_what_stacks_wrap_it_in(start: str, end: str) -> None:
    holder = read(with_use_key(f"<wst:UseKey>{start}{KEY}{end}</wst:UseKey>")).holder
    assert holder is not None
    assert (holder.key, holder.certificate) == (ec_credential().key.public_key(), None)


def test_without_a_key_it_is_for_the_one_that_signs() -> None:
    assert read(with_use_key("")).holder is None


def test_a_use_key_without_a_key_is_refused() -> None:
    for written in ("<wst:UseKey/>", "<wst:UseKey><b/></wst:UseKey>"):
        with refused(Cause.CERTIFICATE_MALFORMED, "UseKey"):
            read(with_use_key(written))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda written: written.replace("RequestSecurityToken", "Renew"), "holds Renew, not RequestSecurityToken"),
        (lambda written: written.replace("/Issue<", "/Renew<"), "RequestType has to be .*/Issue, not .*/Renew"),
        (lambda written: written.replace("wst:TokenType", "wst:Type"), "TokenType has to be .*, not left out"),
        (lambda written: written.replace("wst:Claims", "wst:Asked"), "One Claims with the dialect"),
        (lambda written: written.replace("authclaims", "claims"), "One Claims with the dialect"),
        (lambda written: written.replace("/PublicKey", "/Bearer"), "KeyType has to be .*/PublicKey"),
        (lambda written: written.replace("wsu:Created", "wsu:Begun"), "Lifetime/Created has to be a dateTime"),
        (lambda written: written.replace("11:00:00.000Z", "11:00"), "Lifetime/Expires has to be a dateTime"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(change: Callable[[str], str], says: str) -> None:
    with pytest.raises(TokenRefused, match=says):
        read(change(REQUEST))


def test_an_answer_holds_the_assertion_byte_for_byte() -> None:
    caller = world().caller("gp_fr")
    statement = caller.statement
    # Which nothing uses, and a list of prefixes in its signature may name.
    assertion = caller.assertion.replace(b"<saml:Assertion ", b'<saml:Assertion xmlns:xs="urn:x" ', 1)
    token = IssuedToken(assertion, statement.not_before, statement.not_on_or_after)
    read_again = read_token_answer(parse(write_token_answer(token, statement.id)))
    assert etree.tostring(etree.fromstring(read_again.assertion), method="c14n") == etree.tostring(
        etree.fromstring(assertion), method="c14n"
    )
    assert abs(read_again.not_before - statement.not_before) < timedelta(milliseconds=1)
    assert abs(read_again.not_on_or_after - statement.not_on_or_after) < timedelta(milliseconds=1)


def answering(assertion: str) -> str:
    return f'<x:RequestedSecurityToken xmlns:x="{TRUST}">{assertion}</x:RequestedSecurityToken>'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("<S:Fault><faultstring> Not you. </faultstring></S:Fault>", "^Not you.$"),
        ("<a/>", "no assertion with conditions"),
        (answering("<s:Assertion/>"), "no assertion with conditions"),
        (answering("<s:Assertion><s:Conditions/></s:Assertion>"), "from when until when"),
    ],
)
def test_an_answer_without_an_assertion_says_why(content: str, says: str) -> None:
    envelope = (
        f'<S:Envelope xmlns:S="{SOAP}" xmlns:s="urn:oasis:names:tc:SAML:1.0:assertion"><S:Body>{content}</S:Body>'
        "</S:Envelope>"
    )
    with pytest.raises(TokenRefused, match=says):
        read_token_answer(etree.fromstring(envelope))
