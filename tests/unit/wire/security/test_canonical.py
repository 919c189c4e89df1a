"""Canonical forms: exclusive, without comments, with prefixes that count although nothing uses them."""

import pytest
from lxml import etree

from hub.wire.security.signatures import canonical, canonical_without
from hub.wire.xml import parse

DOCUMENT = (
    b'<S:a xmlns:S="urn:s" xmlns="urn:d" xmlns:k="urn:k"><S:b xmlns:q="urn:q"><q:c><d>\xc3\xa9&#13;&lt;</d></q:c>'
    b'<q:e xmlns=""><f/></q:e></S:b></S:a>'
)
FORMS = {
    "": (
        b'<S:b xmlns:S="urn:s"><q:c xmlns:q="urn:q"><d xmlns="urn:d">\xc3\xa9&#xD;&lt;</d></q:c>'
        b'<q:e xmlns:q="urn:q"><f></f></q:e></S:b>'
    ),
    "k unknown": (
        b'<S:b xmlns:S="urn:s" xmlns:k="urn:k"><q:c xmlns:q="urn:q"><d xmlns="urn:d">\xc3\xa9&#xD;&lt;</d></q:c>'
        b'<q:e xmlns:q="urn:q"><f></f></q:e></S:b>'
    ),
    "#default": (
        b'<S:b xmlns="urn:d" xmlns:S="urn:s"><q:c xmlns:q="urn:q"><d>\xc3\xa9&#xD;&lt;</d></q:c>'
        b'<q:e xmlns="" xmlns:q="urn:q"><f></f></q:e></S:b>'
    ),
    "#default q k": (
        b'<S:b xmlns="urn:d" xmlns:S="urn:s" xmlns:k="urn:k" xmlns:q="urn:q"><q:c><d>\xc3\xa9&#xD;&lt;</d></q:c>'
        b'<q:e xmlns=""><f></f></q:e></S:b>'
    ),
}


@pytest.mark.parametrize("prefixes", FORMS)
def test_prefixes_that_are_listed_count_where_they_are_in_scope(prefixes: str) -> None:
    assert canonical(parse(DOCUMENT)[0], prefixes.split(), "here") == FORMS[prefixes]


@pytest.mark.parametrize("prefixes", ["", "#default k"])
def test_a_child_is_left_out_and_the_tree_stays_as_it_was(prefixes: str) -> None:
    root = parse(b'<a xmlns:k="urn:k">before<b/>between<c/>after</a>')
    declared = b' xmlns:k="urn:k"' if prefixes else b""
    assert (
        canonical_without(root, root[0], prefixes.split(), "here") == b"<a%b>beforebetween<c></c>after</a>" % declared
    )
    assert etree.tostring(root) == b'<a xmlns:k="urn:k">before<b/>between<c/>after</a>'
