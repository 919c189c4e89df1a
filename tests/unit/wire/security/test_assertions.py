"""What the token service says is read whole, and only where it stands."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from hub.wire.namespaces import ASSERTION, SIGNATURE
from hub.wire.security.assertion_writing import Attribute, Statement, write_assertion
from hub.wire.security.assertions import (
    EHEALTH_ISSUER,
    HOLDER_OF_KEY,
    MOST_ATTRIBUTES,
    Assertion,
    AssertionPolicy,
    AttributeName,
    check_validity,
    read_assertion,
    read_assertion_signature,
)
from hub.wire.security.holders import KnownCertificates
from hub.wire.security.refusal import Cause
from hub.wire.security.signature_writing import write_x509_data
from tests.credentials import ec_credential, rsa_credential
from tests.unit.wire.security.refusing import refused

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY, SKEW = timedelta(days=1), timedelta(minutes=5)
POLICY = AssertionPolicy(EHEALTH_ISSUER, frozenset({"urn:this-hub"}), longest=DAY, skew=SKEW)
SAML, DS = f"{{{ASSERTION}}}", f"{{{SIGNATURE}}}"
STATEMENT = Statement(
    id="_1",
    subject="CN=Nobody",
    subject_issuer="CN=Nobody else",
    holder=ec_credential().certificate,
    attributes=[Attribute("urn:a", "urn:n", " 1 "), Attribute("urn:a", "urn:m", "2"), Attribute("urn:a", "urn:n", "")],
    issued=NOW,
    not_before=NOW,
    not_on_or_after=NOW + DAY,
)
WRITTEN = write_assertion(STATEMENT, rsa_credential())
Change = Callable[[etree._Element], object]


def tree(change: Change = lambda _: None) -> etree._Element:
    element = etree.fromstring(WRITTEN)
    change(element)
    return element


def read(change: Change = lambda _: None) -> Assertion:
    return read_assertion(tree(change), KnownCertificates(most=1))


def find(element: etree._Element, name: str) -> etree._Element:
    found = element.find(name)
    assert found is not None
    return found


def remove(path: str) -> Change:
    def change(element: etree._Element) -> None:
        for found in element.findall(path):
            parent = found.getparent()
            assert parent is not None
            parent.remove(found)

    return change


def repeat(path: str) -> Change:
    return lambda element: find(element, path).addnext(etree.fromstring(etree.tostring(find(element, path))))


def put(path: str, content: str) -> Change:
    return lambda element: find(element, path).append(etree.fromstring(content))


def set_text(path: str, text: str) -> Change:
    return lambda element: setattr(find(element, path), "text", text)


def set_attribute(path: str, name: str, value: str) -> Change:
    return lambda element: find(element, path).set(name, value)


CONFIRMATION = f"{SAML}AttributeStatement/{SAML}Subject/{SAML}SubjectConfirmation"


def test_an_assertion_says_who_for_how_long_and_what() -> None:
    assertion = read()
    assert (assertion.id, assertion.not_before, assertion.not_on_or_after) == ("_1", NOW, NOW + DAY)
    assert assertion.holder.certificate == ec_credential().certificate
    assert assertion.audiences == ()
    # Everything that is said of a name stands together, and a name is nothing without its namespace.
    assert assertion.attributes == {AttributeName("urn:n", "urn:a"): ("1", ""), AttributeName("urn:m", "urn:a"): ("2",)}


def test_a_holder_may_be_a_bare_key() -> None:
    bare = replace(STATEMENT, holder=rsa_credential().key.public_key())
    assertion = read_assertion(etree.fromstring(write_assertion(bare, rsa_credential())), KnownCertificates(most=1))
    assert assertion.holder.certificate is None
    assert assertion.holder.key == rsa_credential().key.public_key()


@pytest.mark.parametrize(
    "change",
    [
        remove(f"{SAML}Conditions"),
        repeat(f"{SAML}Conditions"),
        lambda element: find(element, f"{SAML}Conditions").attrib.pop("NotBefore"),
        set_attribute(f"{SAML}Conditions", "NotOnOrAfter", "tomorrow"),
        set_attribute(f"{SAML}Conditions", "NotOnOrAfter", "2026-03-02T10:00:00+0200"),
        put(f"{SAML}Conditions", f'<DoNotCacheCondition xmlns="{ASSERTION}"/>'),
        remove(f"{SAML}AttributeStatement/{SAML}Subject"),
        repeat(f"{SAML}AuthenticationStatement/{SAML}Subject"),
        remove(f"{CONFIRMATION}/{DS}KeyInfo"),
        repeat(f"{CONFIRMATION}/{DS}KeyInfo"),
        put(f"{SAML}AttributeStatement/{SAML}Attribute/{SAML}AttributeValue", "<b/>"),
    ],
)
def test_one_that_is_not_whole_is_malformed(change: Change) -> None:
    with refused(Cause.ASSERTION_MALFORMED):
        read(change)


@pytest.mark.parametrize(
    "change",
    [
        remove(f".//{SAML}SubjectConfirmation"),
        remove(f".//{SAML}ConfirmationMethod"),
        remove(f"{SAML}AuthenticationStatement//{SAML}ConfirmationMethod"),
        set_text(f"{CONFIRMATION}/{SAML}ConfirmationMethod", HOLDER_OF_KEY.replace("holder-of-key", "bearer")),
        set_text(f"{CONFIRMATION}/{SAML}ConfirmationMethod", ""),
        put(CONFIRMATION, f'<ConfirmationMethod xmlns="{ASSERTION}">{HOLDER_OF_KEY}</ConfirmationMethod>'),
        put(CONFIRMATION, f'<ConfirmationMethod xmlns="{ASSERTION}">urn:bearer</ConfirmationMethod>'),
    ],
)
def test_every_confirmation_is_by_holding_a_key(change: Change) -> None:
    with refused(Cause.NOT_HOLDER_OF_KEY):
        read(change)


def test_a_statement_may_do_without_a_confirmation_when_another_has_one() -> None:
    assert read(remove(CONFIRMATION)).holder.certificate == ec_credential().certificate
    assert read(remove(f"{SAML}AuthenticationStatement")).holder.certificate == ec_credential().certificate


@pytest.mark.parametrize(
    "other", [write_x509_data(rsa_credential().certificate), write_x509_data(ec_credential("another").certificate)]
)
def test_all_confirmations_are_of_one_holder(other: str) -> None:
    written = f'<ds:KeyInfo xmlns:ds="{SIGNATURE}">{other}</ds:KeyInfo>'

    def change(element: etree._Element) -> None:
        confirmation = find(element, CONFIRMATION)
        confirmation.replace(find(confirmation, f"{DS}KeyInfo"), etree.fromstring(written))

    with refused(Cause.ASSERTION_MALFORMED, "SubjectConfirmation"):
        read(change)


def test_one_holder_may_be_written_in_two_ways() -> None:
    def change(element: etree._Element) -> None:
        certificate = next(element.iter(f"{DS}X509Certificate"))
        certificate.text = f"\n{certificate.text}\n"

    assert read(change).holder.certificate == ec_credential().certificate


def test_what_is_nested_deeper_is_never_read() -> None:
    inner = f'<Advice xmlns="{ASSERTION}">{etree.tostring(tree()).decode()}</Advice>'
    assert read(put(f"{SAML}AttributeStatement", inner)).attributes == read().attributes


def test_there_is_an_end_to_attributes() -> None:
    def change(many: int) -> Change:
        def add(element: etree._Element) -> None:
            for number in range(many):
                name = {"AttributeName": str(number), "AttributeNamespace": "urn:x"}
                etree.SubElement(find(element, f"{SAML}AttributeStatement"), f"{SAML}Attribute", name)

        return add

    assert len(read(change(MOST_ATTRIBUTES - 2)).attributes) == MOST_ATTRIBUTES
    with refused(Cause.ASSERTION_MALFORMED, "Attribute"):
        read(change(MOST_ATTRIBUTES - 1))


def test_an_attribute_without_a_name_has_an_empty_one() -> None:
    attributes = read(put(f"{SAML}AttributeStatement", f'<Attribute xmlns="{ASSERTION}"/>')).attributes
    assert attributes[AttributeName("", "")] == ()


def audience(*audiences: str) -> Change:
    written = "".join(f"<Audience> {one} </Audience>" for one in audiences)
    content = f'<AudienceRestrictionCondition xmlns="{ASSERTION}">{written}</AudienceRestrictionCondition>'
    return put(f"{SAML}Conditions", content)


def test_it_is_for_anybody_or_for_one_of_our_names() -> None:
    check_validity(read(), POLICY, NOW)
    check_validity(read(audience("urn:another", "urn:this-hub")), POLICY, NOW)
    with refused(Cause.ASSERTION_AUDIENCE, "AudienceRestrictionCondition"):
        check_validity(read(audience("urn:another")), POLICY, NOW)


def test_one_restriction_of_audience_is_enough() -> None:
    def twice(element: etree._Element) -> None:
        audience("urn:this-hub")(element)
        audience("urn:another")(element)

    with refused(Cause.ASSERTION_MALFORMED, "Conditions"):
        read(twice)


@pytest.mark.parametrize("now", [NOW - SKEW, NOW, NOW + DAY + SKEW - timedelta(seconds=1)])
def test_it_counts_within_its_time_and_the_skew(now: datetime) -> None:
    check_validity(read(), POLICY, now)


def test_it_does_not_count_before_or_after() -> None:
    with refused(Cause.ASSERTION_NOT_YET_VALID, "Conditions"):
        check_validity(read(), POLICY, NOW - SKEW - timedelta(seconds=1))
    with refused(Cause.ASSERTION_EXPIRED, "Conditions"):
        check_validity(read(), POLICY, NOW + DAY + SKEW)


def test_one_for_too_long_does_not_count_at_all() -> None:
    check_validity(replace(read(), not_on_or_after=NOW + DAY + SKEW), POLICY, NOW)
    with refused(Cause.ASSERTION_TOO_LONG, "Conditions"):
        check_validity(replace(read(), not_on_or_after=NOW + DAY + SKEW + timedelta(seconds=1)), POLICY, NOW)
    for_ever = replace(read(), not_before=datetime.min.replace(tzinfo=UTC), not_on_or_after=NOW + DAY)
    with refused(Cause.ASSERTION_TOO_LONG):
        check_validity(for_ever, POLICY, NOW)
    with refused(Cause.ASSERTION_TOO_LONG):
        check_validity(replace(read(), not_on_or_after=datetime.max.replace(tzinfo=UTC)), POLICY, NOW)


def test_an_end_before_its_beginning_is_no_time() -> None:
    backwards = replace(read(), not_before=NOW + DAY, not_on_or_after=NOW)
    with refused(Cause.ASSERTION_NOT_YET_VALID):
        check_validity(backwards, POLICY, NOW)


def read_signature_of(change: Change = lambda _: None) -> object:
    element = tree(change)
    return read_assertion_signature(element, POLICY)


def test_its_signature_is_over_the_whole_of_it() -> None:
    assert read_signature_of() is not None


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (remove(f"{DS}Signature"), Cause.ASSERTION_MALFORMED),
        (repeat(f"{DS}Signature"), Cause.ASSERTION_MALFORMED),
        (lambda element: element.set("MajorVersion", "2"), Cause.ASSERTION_MALFORMED),
        (lambda element: element.attrib.pop("MinorVersion"), Cause.ASSERTION_MALFORMED),
        (lambda element: etree.SubElement(element, f"{SAML}Advice"), Cause.ASSERTION_MALFORMED),
        (
            lambda element: etree.SubElement(element, f"{SAML}AuthorizationDecisionStatement"),
            Cause.ASSERTION_MALFORMED,
        ),
        (lambda element: element.set("Issuer", f"{EHEALTH_ISSUER} "), Cause.ASSERTION_ISSUER),
        (lambda element: element.attrib.pop("Issuer"), Cause.ASSERTION_ISSUER),
        (lambda element: element.set("AssertionID", "_2"), Cause.ASSERTION_REFERENCE),
        (lambda element: element.attrib.pop("AssertionID"), Cause.ASSERTION_REFERENCE),
        (repeat(f"{DS}Signature/{DS}SignedInfo/{DS}Reference"), Cause.ASSERTION_REFERENCE),
        (remove(f".//{DS}Transform[1]"), Cause.ASSERTION_REFERENCE),
    ],
)
def test_another_signature_or_another_assertion_will_not_do(change: Change, cause: Cause) -> None:
    with refused(cause):
        read_signature_of(change)
