"""Folders on their way in and out of what seals them."""

import pytest
from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.wire.kmehr.sealed_folders import put_back, sealable, take_sealed
from hub.wire.namespaces import CORE, KMEHR
from hub.wire.xml import parse
from tests.builders import JAN
from tests.fakes.kmehr import a_kmehr_message

MESSAGE = a_kmehr_message(JAN, "D-1")
FOLDER = MESSAGE[MESSAGE.index(b"<folder>") : MESSAGE.index(b"</kmehrmessage>")]
K = f"{{{KMEHR}}}"


def sealed(value: bytes = b"") -> etree._Element:
    parted = sealable(MESSAGE)
    assert parted is not None
    return parse(parted.with_sealed(value))


def put_into_message(clear: bytes) -> etree._Element:
    document = sealed()
    put_back(document, clear)
    return document


def refusal(clear: bytes) -> HubError:
    with pytest.raises(HubError) as raised:
        put_into_message(clear)
    return raised.value


@pytest.mark.parametrize(
    "clear",
    [
        FOLDER,
        b"  \n" + FOLDER + b"\n",
        b"\xef\xbb\xbf" + FOLDER,
        FOLDER.replace(b"<folder>", f'<folder xmlns="{KMEHR}">'.encode()),
        FOLDER.replace(b"<folder>", b'<folder xmlns="">'),
        MESSAGE.replace(b"<kmehrmessage", b'<?xml version="1.0"?><kmehrmessage'),
        b'<?xml version="1.0" encoding="ISO-8859-1"?>' + FOLDER,
        b'<?xml version="1.0"?><kmehrmessage>' + FOLDER + b"</kmehrmessage>",
        b'<?xml version="1.0"?>' + FOLDER.replace(b"<folder>", f'<folder xmlns="{KMEHR}">'.encode()),
        FOLDER.replace(b"<", b"<k:")
        .replace(b"<k:/", b"</k:")
        .replace(b"<k:folder>", f'<k:folder xmlns:k="{KMEHR}">'.encode()),
    ],
    ids=["bare", "spaced", "mark", "namespace", "none", "whole", "latin", "without", "alone", "prefix"],
)
def test_folders_bare_or_in_a_document_are_put_back(clear: bytes) -> None:
    document = put_into_message(clear)
    assert etree.canonicalize(document, rewrite_prefixes=True) == etree.canonicalize(
        parse(MESSAGE), rewrite_prefixes=True
    )


def test_folders_with_the_namespace_win_over_those_without() -> None:
    clear = f'<?xml version="1.0"?><kmehrmessage><folder/><folder xmlns="{KMEHR}"><id/></folder></kmehrmessage>'
    (folder,) = put_into_message(clear.encode()).findall(f"{K}folder")
    assert folder[0].tag == f"{K}id"


def test_a_signature_over_the_folders_goes_with_them() -> None:
    signature = b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'
    parted = sealable(MESSAGE.replace(b"</kmehrmessage>", f'<k:Signature xmlns:k="{KMEHR}"/></kmehrmessage>'.encode()))
    assert parted is not None
    assert [child.tag for child in parse(parted.with_sealed(b"x"))] == [f"{K}header", f"{K}Base64EncryptedData"]
    assert [child.tag for child in put_into_message(parted.clear)][1:] == [f"{K}folder", f"{K}Signature"]
    assert len(put_into_message(FOLDER + signature)) == 3


@pytest.mark.parametrize(
    "clear",
    [
        b"",
        b"<header/>",
        FOLDER + b"<header/>",
        b'<?xml version="1.0"?><header/>',
        b"</kmehrmessage><kmehrmessage>",
        b"<folder>",
        b"<!DOCTYPE folder>" + FOLDER,
        b'<?xml version="1.0"?><!DOCTYPE folder>' + FOLDER,
        b"<folder>&undeclared;</folder>",
        b"\xff\xfe<",
    ],
)
def test_anything_else_inside_is_malformed(clear: bytes) -> None:
    assert refusal(clear).reason is Reason.SEAL_MALFORMED


def test_too_many_tags_and_too_deep_nesting_are_too_large() -> None:
    assert refusal(b"<folder/>" * 1_000_001).reason is Reason.SEAL_TOO_LARGE
    assert refusal(b"<folder>" * 5000).reason is Reason.SEAL_TOO_LARGE


def test_what_is_sealed_is_taken_out_whatever_its_lines() -> None:
    document = sealed(b"sealed by nobody")
    value = document[-1][-1]
    assert value.text is not None
    value.text = f"\n {value.text[:8]}\r\n\t{value.text[8:]} "
    assert take_sealed(document) == b"sealed by nobody"


@pytest.mark.parametrize("value", ["A", "AAA", "AA=A", "????", "é"])
def test_what_is_no_base64_is_malformed(value: str) -> None:
    document = sealed()
    document[-1][-1].text = value
    with pytest.raises(HubError) as raised:
        take_sealed(document)
    assert raised.value.reason is Reason.SEAL_MALFORMED


def test_two_sealed_parts_are_malformed() -> None:
    document = sealed()
    document.append(parse(etree.tostring(document[-1])))
    with pytest.raises(HubError) as raised:
        take_sealed(document)
    assert raised.value.reason is Reason.SEAL_MALFORMED


@pytest.mark.parametrize("written", ["PGP", ""])
def test_another_method_than_cms_is_not_taken(written: str) -> None:
    document = sealed()
    document[-1][0].text = written
    with pytest.raises(HubError) as raised:
        take_sealed(document)
    assert raised.value.reason is Reason.SEALED_CONTENT


def test_encrypted_xml_is_not_taken() -> None:
    document = parse(f'<kmehrmessage xmlns="{KMEHR}"><header/><EncryptedData/></kmehrmessage>'.encode())
    with pytest.raises(HubError) as raised:
        take_sealed(document)
    assert raised.value.reason is Reason.SEALED_CONTENT


def test_a_message_without_folders_has_nothing_to_seal() -> None:
    assert sealable(etree.tostring(sealed())) is None


def test_a_message_of_an_answer_keeps_its_root() -> None:
    inner = MESSAGE[MESSAGE.index(b"<header>") : MESSAGE.index(b"</kmehrmessage>")]
    message = f'<c:kmehrmessage xmlns:c="{CORE}" xmlns="{KMEHR}">'.encode() + inner + b"</c:kmehrmessage>"
    parted = sealable(message)
    assert parted is not None
    assert parse(parted.with_sealed(b"x")).tag == f"{{{CORE}}}kmehrmessage"
    assert b"<folder xmlns=" in parted.clear


def test_a_document_that_cannot_be_read_whole_is_its_sources_fault() -> None:
    with pytest.raises(HubError) as raised:
        sealable(b"<folder/>" * 2)
    assert raised.value.reason is Reason.SOURCE_ANSWER
