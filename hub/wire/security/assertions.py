"""SAML 1.1 assertions of the token service: what they say, read strictly (security facts, part 1.2).

Everything is read from the assertion that the token service signed, and only from direct children: what is nested
deeper, such as the second assertion of a sender-vouches token, is never looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

from lxml import etree

from hub.wire.namespaces import ASSERTION, SIGNATURE
from hub.wire.security.holders import Holder, KnownCertificates, read_holder
from hub.wire.security.moments import read_moment
from hub.wire.security.refusal import Cause, SecurityRefusal
from hub.wire.security.signatures import Signature, read_signature
from hub.wire.xml import only_text, text

EHEALTH_ISSUER: Final = "urn:be:fgov:ehealth:sts:1_0"
HOLDER_OF_KEY: Final = "urn:oasis:names:tc:SAML:1.0:cm:holder-of-key"
WHERE: Final = "Security/Assertion"
MOST_ATTRIBUTES: Final = 200

_SAML = f"{{{ASSERTION}}}"
_ATTRIBUTE_STATEMENT, _ATTRIBUTE = f"{_SAML}AttributeStatement", f"{_SAML}Attribute"
_ATTRIBUTE_VALUE = f"{_SAML}AttributeValue"
_STATEMENTS = (f"{_SAML}AuthenticationStatement", _ATTRIBUTE_STATEMENT)
_PARTS = frozenset({f"{_SAML}Conditions", *_STATEMENTS, f"{{{SIGNATURE}}}Signature"})


class AttributeName(NamedTuple):
    """The name of an attribute and its namespace, without which the name proves nothing."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Assertion:
    """What the token service says of a caller. `audiences` is empty when it says nothing of who may be told.

    One that was accepted before is the same object again.
    """

    id: str
    not_before: datetime
    not_on_or_after: datetime
    audiences: Sequence[str]
    holder: Holder
    attributes: Mapping[AttributeName, Sequence[str]]

    def __hash__(self) -> int:
        """By identity: what is known of one is looked up by the object."""
        return id(self)


@dataclass(frozen=True, slots=True)
class AssertionPolicy:
    """What an assertion has to be. `audiences` are names of this hub, any of which an assertion may be meant for."""

    issuer: str
    audiences: frozenset[str]
    longest: timedelta
    skew: timedelta


def read_assertion_signature(element: etree._Element, policy: AssertionPolicy) -> Signature:
    """The one signature of an assertion that is SAML 1.1, of the right issuer, and signed as a whole.

    Raises SecurityRefusal.
    """
    signatures = list(element.iterchildren(f"{{{SIGNATURE}}}Signature"))
    if len(signatures) != 1:
        raise _malformed("/Signature", "exactly one", str(len(signatures)))
    version = element.get("MajorVersion"), element.get("MinorVersion")
    if version != ("1", "1"):
        raise _malformed("", "MajorVersion 1, MinorVersion 1", f"{version[0]}, {version[1]}")
    if unknown := [child.tag for child in element if child.tag not in _PARTS]:
        raise _malformed("", "Conditions, statements and a Signature", str(unknown[0]))
    if element.get("Issuer") != policy.issuer:
        raise SecurityRefusal(
            Cause.ASSERTION_ISSUER, where=f"{WHERE}/@Issuer", expected=policy.issuer, arrived=element.get("Issuer", "")
        )
    read = read_signature(signatures[0], f"{WHERE}/Signature")
    references = read.references
    if len(references) != 1 or references[0].target != element.get("AssertionID") or not references[0].is_enveloped:
        raise SecurityRefusal(
            Cause.ASSERTION_REFERENCE,
            where=f"{WHERE}/Signature/SignedInfo",
            expected=f"one enveloped Reference to #{element.get('AssertionID')}",
            arrived=", ".join(f"#{reference.target}" for reference in references),
        )
    return read


def read_assertion(element: etree._Element, certificates: KnownCertificates) -> Assertion:
    """What a signed assertion says. Raises SecurityRefusal when it is not whole or not for a holder of a key."""
    conditions = _only_child(element, f"{_SAML}Conditions", WHERE)
    return Assertion(
        id=element.get("AssertionID", ""),
        not_before=_moment(conditions, "NotBefore"),
        not_on_or_after=_moment(conditions, "NotOnOrAfter"),
        audiences=_audiences(conditions),
        holder=_holder(element, certificates),
        attributes=_attributes(element),
    )


def check_validity(assertion: Assertion, policy: AssertionPolicy, now: datetime) -> None:
    """That an assertion is valid now, not for too long, and meant for us. Raises SecurityRefusal."""
    where = f"{WHERE}/Conditions"
    begin, end = assertion.not_before, assertion.not_on_or_after
    # Not sums with what is written there, which may lie beyond the first or the last of all years.
    if begin > now + policy.skew:
        raise SecurityRefusal(
            Cause.ASSERTION_NOT_YET_VALID, where=where, expected=f"NotBefore until {now}", arrived=f"{begin}"
        )
    if end <= now - policy.skew:
        raise SecurityRefusal(
            Cause.ASSERTION_EXPIRED, where=where, expected=f"NotOnOrAfter beyond {now}", arrived=f"{end}"
        )
    if end - begin > policy.longest + policy.skew:
        raise SecurityRefusal(
            Cause.ASSERTION_TOO_LONG, where=where, expected=f"{policy.longest} at most", arrived=f"{end - begin}"
        )
    if assertion.audiences and policy.audiences.isdisjoint(assertion.audiences):
        raise SecurityRefusal(
            Cause.ASSERTION_AUDIENCE,
            where=f"{where}/AudienceRestrictionCondition",
            expected=" or ".join(sorted(policy.audiences)) or "no restriction",
            arrived=", ".join(assertion.audiences),
        )


def _holder(element: etree._Element, certificates: KnownCertificates) -> Holder:
    """The holder whom every statement with a confirmation names, which are all the same and at least one."""
    confirmations = [
        confirmation
        for statement in element
        if statement.tag in _STATEMENTS
        for confirmation in _only_child(statement, f"{_SAML}Subject", WHERE).iterchildren(f"{_SAML}SubjectConfirmation")
    ]
    where = f"{WHERE}//SubjectConfirmation"
    methods = [text(method) for part in confirmations for method in part.iterchildren(f"{_SAML}ConfirmationMethod")]
    if not methods or set(methods) != {HOLDER_OF_KEY} or len(methods) != len(confirmations):
        raise SecurityRefusal(
            Cause.NOT_HOLDER_OF_KEY, where=where, expected=HOLDER_OF_KEY, arrived=", ".join(methods) or "no method"
        )
    descriptions = [_only_child(part, f"{{{SIGNATURE}}}KeyInfo", where) for part in confirmations]
    holder, *others = [read_holder(description, where, certificates=certificates) for description in descriptions]
    if any(not other.is_same(holder) for other in others):
        raise _malformed("//SubjectConfirmation", "one holder in all statements", "several")
    return holder


def _attributes(element: etree._Element) -> Mapping[AttributeName, Sequence[str]]:
    found: dict[AttributeName, Sequence[str]] = {}
    for attribute in _each(element, _ATTRIBUTE_STATEMENT, _ATTRIBUTE):
        name = AttributeName(attribute.get("AttributeNamespace", ""), attribute.get("AttributeName", ""))
        try:
            values = [only_text(value) for value in attribute if value.tag == _ATTRIBUTE_VALUE]
        except ValueError as error:
            raise _malformed("//AttributeValue", "text", "elements") from error
        # What is said twice has all the values of both: nobody may choose the one that suits.
        found[name] = (*found[name], *values) if name in found else tuple(values)
    if len(found) > MOST_ATTRIBUTES:
        raise _malformed("//Attribute", f"at most {MOST_ATTRIBUTES}", "more")
    return MappingProxyType(found)


def _audiences(conditions: etree._Element) -> Sequence[str]:
    condition = f"{_SAML}AudienceRestrictionCondition"
    if any(child.tag != condition for child in conditions):
        raise _malformed("/Conditions", "no other condition than an audience", "another")
    if len(conditions) > 1:
        raise _malformed("/Conditions", "at most one audience restriction", str(len(conditions)))
    return tuple(text(audience) for audience in _each(conditions, condition, f"{_SAML}Audience"))


def _each(element: etree._Element, child: str, grandchild: str) -> Iterator[etree._Element]:
    for part in element:
        if part.tag == child:
            for inner in part:
                if inner.tag == grandchild:
                    yield inner


def _only_child(element: etree._Element, tag: str, where: str) -> etree._Element:
    children = list(element.iterchildren(tag))
    if len(children) != 1:
        name = tag.rpartition("}")[2]
        raise SecurityRefusal(
            Cause.ASSERTION_MALFORMED, where=where, expected=f"one {name}", arrived=f"{len(children)} {name}"
        )
    return children[0]


def _moment(conditions: etree._Element, name: str) -> datetime:
    moment = read_moment(conditions.get(name, ""))
    if moment is None:
        raise _malformed(f"/Conditions/@{name}", "a dateTime with a zone", conditions.get(name, "nothing"))
    return moment


def _malformed(place: str, expected: str, arrived: str) -> SecurityRefusal:
    return SecurityRefusal(Cause.ASSERTION_MALFORMED, where=f"{WHERE}{place}", expected=expected, arrived=arrived)
