"""A signature has the shape of the profile, or it is none; what it is over is checked part by part."""

from collections.abc import Callable

import pytest
from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.wire.namespaces import EXCLUSIVE_C14N, SIGNATURE
from hub.wire.security.algorithms import ENVELOPED
from hub.wire.security.refusal import Cause, SecurityRefusal
from hub.wire.security.signature_writing import Reference, digest_named, method_for, write_signature
from hub.wire.security.signatures import (
    MOST_REFERENCES,
    Signature,
    canonical,
    check_digest,
    check_value,
    read_signature,
)
from hub.wire.soap import MOST_NAMESPACES
from tests.credentials import ec_credential, rsa_credential
from tests.unit.wire.security.refusing import refused

DS = f"{{{SIGNATURE}}}"
PART = etree.fromstring('<a Id="part">text</a>')
WRITTEN = write_signature(
    [Reference("part", PART)], method_for(ec_credential().key), digest_named("sha256"), key_info="<ds:KeyInfo/>"
)


def tree(change: Callable[[etree._Element], object] = lambda _: None) -> etree._Element:
    """A signature that holds, changed."""
    element = etree.fromstring(WRITTEN)
    change(element)
    return element


def read(change: Callable[[etree._Element], object] = lambda _: None) -> Signature:
    return read_signature(tree(change), "Signature")


def find(element: etree._Element, name: str) -> etree._Element:
    return next(element.iter(DS + name))


def remove(name: str) -> Callable[[etree._Element], object]:
    def change(element: etree._Element) -> None:
        found = find(element, name)
        parent = found.getparent()
        assert parent is not None
        parent.remove(found)

    return change


def repeat(name: str, times: int = 1) -> Callable[[etree._Element], object]:
    def change(element: etree._Element) -> None:
        found = find(element, name)
        for _ in range(times):
            found.addnext(etree.fromstring(etree.tostring(found)))

    return change


def rename(name: str, tag: str) -> Callable[[etree._Element], object]:
    return lambda element: setattr(find(element, name), "tag", tag)


def add(name: str, tag: str, **attributes: str) -> Callable[[etree._Element], object]:
    return lambda element: etree.SubElement(find(element, name), tag, attributes)


def with_uri(uri: str | None) -> Callable[[etree._Element], object]:
    def change(element: etree._Element) -> None:
        reference = find(element, "Reference")
        reference.attrib.pop("URI")
        if uri is not None:
            reference.set("URI", uri)

    return change


def with_algorithm(name: str, *algorithms: str) -> Callable[[etree._Element], object]:
    """As many of these as there are algorithms."""

    def change(element: etree._Element) -> None:
        found = find(element, name)
        parent = found.getparent()
        assert parent is not None
        parent.remove(found)
        for algorithm in algorithms:
            etree.SubElement(parent, DS + name, Algorithm=algorithm)

    return change


def test_a_signature_that_was_written_holds() -> None:
    signature = read()
    (reference,) = signature.references
    assert (reference.target, reference.is_enveloped, reference.prefixes) == ("part", False, ())
    assert check_value(signature, ec_credential().key.public_key(), differs=Cause.VALUE_DIFFERS).startswith(b"<ds:Sig")
    check_digest(reference, canonical(PART, (), "part"))


def test_without_a_key_info_it_is_a_signature_too() -> None:
    assert read(remove("KeyInfo")).key_info is None


@pytest.mark.parametrize(
    "change",
    [
        remove("SignedInfo"),
        remove("SignatureValue"),
        remove("CanonicalizationMethod"),
        remove("SignatureMethod"),
        remove("Reference"),
        remove("Transforms"),
        remove("DigestMethod"),
        remove("DigestValue"),
        repeat("SignedInfo"),
        repeat("SignatureValue"),
        repeat("KeyInfo"),
        repeat("SignatureMethod"),
        repeat("Transforms"),
        repeat("DigestMethod"),
        add("Reference", f"{DS}DigestValue"),
        rename("SignedInfo", "SignedInfo"),
        rename("Reference", f"{DS}Manifest"),
        rename("Transform", f"{DS}Transformed"),
        rename("KeyInfo", f"{DS}Object"),
        lambda element: etree.SubElement(element, f"{DS}Object"),
        lambda element: element.insert(0, find(element, "SignatureValue")),
        with_algorithm("Transform", EXCLUSIVE_C14N, EXCLUSIVE_C14N),
        with_algorithm("Transform", EXCLUSIVE_C14N, ENVELOPED),
        with_algorithm("Transform", ENVELOPED),
        with_algorithm("Transform"),
    ],
)
def test_any_other_shape_is_malformed(change: Callable[[etree._Element], object]) -> None:
    with refused(Cause.SIGNATURE_MALFORMED):
        read(change)


@pytest.mark.parametrize(
    "change",
    [
        with_algorithm("Transform", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        with_algorithm("Transform", EXCLUSIVE_C14N, "http://www.w3.org/TR/1999/REC-xpath-19991116"),
        with_algorithm("Transform", f"{EXCLUSIVE_C14N}WithComments"),
        with_algorithm("Transform", ENVELOPED, ENVELOPED),
        lambda element: find(element, "CanonicalizationMethod").set("Algorithm", "urn:x"),
        lambda element: find(element, "CanonicalizationMethod").attrib.clear(),
        lambda element: find(element, "Transform").attrib.clear(),
    ],
)
def test_other_ways_to_a_canonical_form_are_not_gone(change: Callable[[etree._Element], object]) -> None:
    with refused(Cause.ALGORITHM_NOT_ALLOWED):
        read(change)


@pytest.mark.parametrize("uri", [None, "", "#", "part", "cid:part", "#xpointer(/)", "#xpointer(id('part'))"])
def test_a_reference_is_to_an_id_of_the_message(uri: str | None) -> None:
    with refused(Cause.REFERENCE_NOT_LOCAL, "Signature/SignedInfo/Reference[1]"):
        read(with_uri(uri))


def test_there_are_as_many_references_as_the_limit_says() -> None:
    assert len(read(repeat("Reference", MOST_REFERENCES - 1)).references) == MOST_REFERENCES
    with refused(Cause.TOO_MANY_REFERENCES, "Signature/SignedInfo"):
        read(repeat("Reference", MOST_REFERENCES))


@pytest.mark.parametrize("name", ["CanonicalizationMethod", "Transform"])
def test_prefixes_are_read_where_one_list_of_them_is(name: str) -> None:
    namespaces = f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces"
    signature = read(add(name, namespaces, PrefixList=" S  ds "))
    found = signature.prefixes if name == "CanonicalizationMethod" else signature.references[0].prefixes
    assert list(found) == ["S", "ds"]
    assert not read(add(name, namespaces)).prefixes
    for change in (
        add(name, namespaces, PrefixList=" ".join("abc"[number % 3] for number in range(33))),
        add(name, "{urn:x}InclusiveNamespaces", PrefixList="S"),
        lambda element: [etree.SubElement(find(element, name), namespaces, PrefixList="S") for _ in range(2)],
    ):
        with refused(Cause.SIGNATURE_MALFORMED):
            read(change)


@pytest.mark.parametrize(("name", "cause"), [("SignatureValue", "VALUE_DIFFERS"), ("DigestValue", "DIGEST_DIFFERS")])
def test_what_is_no_base64_is_a_wrong_value(name: str, cause: str) -> None:
    for written in ("?", "QUJ", "é", "QU-_"):
        with refused(Cause[cause], name):
            read(lambda element, written=written: setattr(find(element, name), "text", written))  # type: ignore[misc]
    with refused(Cause[cause], name):
        read(add(name, "b"))


def test_a_value_of_another_key_differs_as_the_caller_says() -> None:
    other = ec_credential("another").key.public_key()
    with refused(Cause.NOT_THE_HOLDER, "Signature/SignatureValue"):
        check_value(read(), other, differs=Cause.NOT_THE_HOLDER)


def test_a_key_of_another_kind_cannot_have_made_it() -> None:
    with refused(Cause.ALGORITHM_NOT_ALLOWED, "SignatureMethod"):
        check_value(read(), rsa_credential().key.public_key(), differs=Cause.VALUE_DIFFERS)


def test_another_text_has_another_digest_and_both_are_told() -> None:
    (reference,) = read().references
    with pytest.raises(SecurityRefusal) as caught:
        check_digest(reference, b"x" * 5_000)
    assert caught.value.cause is Cause.DIGEST_DIFFERS
    assert "5000 bytes: xxx" in caught.value.expected
    assert caught.value.expected.endswith("…")
    assert "xxx" not in str(caught.value)


def test_a_part_with_a_relative_namespace_has_no_canonical_form() -> None:
    with refused(Cause.NOT_CANONICAL, "here"):
        canonical(etree.fromstring('<a xmlns="relative/name"/>'), (), "here")


def test_a_part_in_very_many_namespaces_is_not_taken_out_of_its_message() -> None:
    """It would take the square of their number."""
    declared = " ".join(f'xmlns:n{number}="urn:{number}"' for number in range(MOST_NAMESPACES))
    assert canonical(etree.fromstring(f"<a {declared}><b/></a>")[0], (), "here") == b"<b></b>"
    with pytest.raises(HubError) as caught:
        canonical(etree.fromstring(f'<a xmlns:one="urn:more" {declared}><b/></a>')[0], (), "here")
    assert caught.value.reason is Reason.MESSAGE_TOO_LARGE
