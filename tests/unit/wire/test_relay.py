"""A document from a source leaves as the `kmehrmessage` of a hub's answer (style guide, 3.3)."""

import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from hub.domain.identifiers import Ssin
from hub.domain.parties import Code, HcParty, Id
from hub.ports.documents import Shape
from hub.wire.kmehr.relay.additions import Additions
from hub.wire.kmehr.relay.document import DocumentRelay
from tests.fakes.documents import (
    CORE,
    HUB,
    HUB_PARTY,
    KMEHR,
    PATIENT,
    a_document,
    a_folder,
    a_header,
    a_hub_answer,
    a_message,
    a_transaction,
)

HUB_AS_PARTY = HcParty((Id("ID-HCPARTY", "1.0", HUB),), (Code("CD-HCPARTY", "1.16", "hub"),), name="RSB")
CALLER = HcParty((Id("ID-HCPARTY", "1.0", "19980119004"),), (Code("CD-HCPARTY", "1.16", "persphysician"),))
ADDITIONS = Additions.of(
    HUB_AS_PARTY, (CALLER,), [Id("LOCAL", "1.0", "H-1", "RSBID"), Id("LOCAL", "1.0", "H-2", "RSBID")]
)
NAMES = frozenset({("LOCAL", "deproef", "D-1")})
K = f"{{{KMEHR}}}"


def a_relay(
    shape: Shape = Shape.KMEHR_MESSAGE,
    *,
    names: frozenset[tuple[str, str, str]] = NAMES,
    additions: Additions | None = None,
    only_transaction: int | None = None,
) -> DocumentRelay:
    return DocumentRelay(
        shape=shape, patient=Ssin(PATIENT), names=names, additions=additions, only_transaction=only_transaction
    )


def relayed(relay: DocumentRelay, document: bytes, *, chunk: int = 1 << 20) -> bytes:
    """What leaves when the document comes in chunks of this size."""
    parts = [relay.feed(document[start : start + chunk]) for start in range(0, len(document), chunk)]
    return b"".join((*parts, relay.finish()))


def parsed(message: bytes) -> etree._Element:
    """The message as it stands in an answer of ours, where other prefixes are in scope."""
    answer = b'<p:R xmlns:p="urn:p" xmlns="' + CORE.encode() + b'" xmlns:k="urn:not-kmehr">' + message + b"</p:R>"
    return etree.fromstring(answer, etree.XMLParser(huge_tree=True))[0]


def content(message: etree._Element) -> list[bytes]:
    """The canonical form of everything in a message."""
    return [etree.tostring(child, method="c14n", exclusive=True, with_tail=False) for child in message]


class TestWhatLeaves:
    @pytest.mark.parametrize("chunk", [1, 7, 4096])
    def test_a_standalone_document_keeps_its_content_under_a_root_of_the_hub(self, chunk: int) -> None:
        document = b'<?xml version="1.0" encoding="UTF-8"?>\n' + a_document().encode()

        message = parsed(relayed(a_relay(), document, chunk=chunk))

        assert message.tag == f"{{{CORE}}}kmehrmessage"
        assert content(message) == content(etree.fromstring(document))

    @pytest.mark.parametrize("namespace", [CORE, KMEHR])
    def test_a_hub_answer_gives_its_message_and_nothing_around_it(self, namespace: str) -> None:
        inner = a_message(a_folder([a_transaction("D-1")]), namespace=namespace)

        message = parsed(relayed(a_relay(Shape.HUB_ANSWER), a_hub_answer(inner).encode()))

        assert message.tag == f"{{{CORE}}}kmehrmessage"
        assert content(message) == content(etree.fromstring(inner))

    def test_prefixes_declared_around_the_message_still_mean_the_same_inside(self) -> None:
        inner = a_message(a_folder([a_transaction("D-1", content='<text L="nl" x:type="d:textType">Ja</text>')]))
        answer = a_hub_answer(inner).replace(
            "<s:Envelope ",
            '<s:Envelope xmlns:hub="urn:h" xmlns:d="urn:dt" xmlns:x="http://www.w3.org/2001/XMLSchema-instance" ',
        )

        message = parsed(relayed(a_relay(Shape.HUB_ANSWER), answer.encode()))

        text = message.find(f".//{K}transaction/{K}text")
        assert text is not None
        assert text.get("{http://www.w3.org/2001/XMLSchema-instance}type") == "d:textType"
        assert text.nsmap["d"] == "urn:dt"
        assert text.nsmap["hub"] == "urn:h"

    def test_elements_without_namespace_do_not_fall_into_ours(self) -> None:
        document = a_document(content="<odd/>").replace("<kmehrmessage xmlns=", "<kmehrmessage xmlns:z=")
        for name in ("header", "folder"):
            document = document.replace(f"<{name}>", f'<{name} xmlns="{KMEHR}">')
        document = document.replace("<odd/>", '<odd xmlns=""/>').replace("</kmehrmessage>", "<bare/></kmehrmessage>")
        document = document.replace("kmehrmessage", "z:kmehrmessage")

        message = parsed(relayed(a_relay(), document.encode()))

        assert message[-1].tag == "bare"

    def test_attributes_of_the_root_stay(self) -> None:
        document = a_document().replace("<kmehrmessage ", "<kmehrmessage a='1 > 0'\n b=\"it's\" ")

        message = parsed(relayed(a_relay(), document.encode()))

        assert dict(message.attrib.items()) == {"a": "1 > 0", "b": "it's"}

    def test_character_data_sections_references_and_comments_stay_and_instructions_go(self) -> None:
        text = '<text L="nl"><![CDATA[1 < 2 & 3]]> &lt;&#233;&#x1F600;&amp; <!-- remark --><?print now?>]] einde</text>'

        out = relayed(a_relay(), a_document(content=text).encode(), chunk=5)

        assert text.replace("<?print now?>", "").encode() in out

    @pytest.mark.parametrize(
        ("encoding", "declared"),
        [
            ("utf-8", "UTF-8"),
            ("utf-8-sig", "utf-8"),
            ("latin-1", "ISO-8859-1"),
            ("iso-8859-15", "iso-8859-15"),
            ("cp1252", "windows-1252"),
            ("utf-16", "UTF-16"),
            ("utf-16-le", "UTF-16"),
            ("utf-16-be", "UTF-16"),
        ],
    )
    def test_every_encoding_leaves_as_utf_8(self, encoding: str, declared: str) -> None:
        document = a_document(content='<text L="fr">Été à l’hôpital</text>'.replace("’", "'"))

        out = relayed(a_relay(), f'<?xml version="1.0" encoding="{declared}"?>{document}'.encode(encoding), chunk=3)

        assert "Été à l'hôpital" in out.decode()
        assert content(parsed(out)) == content(etree.fromstring(document))

    def test_what_follows_the_message_does_not_leave(self) -> None:
        out = relayed(a_relay(), a_document().encode() + b"\n<!-- the end -->\n<?pi?>")

        assert out.endswith(b"kmehrmessage>")

    def test_sealed_content_passes_unseen(self) -> None:
        sealed = (
            '<Base64EncryptedData><cd S="CD-ENCRYPTION-METHOD" SV="1.0">CMS</cd>'
            "<Base64EncryptedValue>c2VhbGVk</Base64EncryptedValue></Base64EncryptedData>"
        )

        message = parsed(relayed(a_relay(additions=ADDITIONS), a_message(sealed).encode()))

        assert message[-1].tag == f"{K}Base64EncryptedData"
        assert len(message.findall(f"{K}header/{K}sender/{K}hcparty")) == 2


class TestWhatIsAdded:
    def test_the_hub_the_caller_and_the_hubs_ids_stand_where_the_schema_wants_them(self) -> None:
        transactions = [a_transaction("D-1"), a_transaction("D-2", number=2), a_transaction("D-3", number=3)]
        document = a_message(a_folder(transactions)).encode()

        message = parsed(relayed(a_relay(additions=ADDITIONS), document, chunk=11))

        senders = message.findall(f"{K}header/{K}sender/{K}hcparty")
        recipients = message.findall(f"{K}header/{K}recipient")
        assert [party.findtext(f"{K}id") for party in senders] == [HUB, "71099713"]
        assert [party.findtext(f"{K}hcparty/{K}id") for party in recipients] == ["19980119004", HUB]
        ids = [[id_.text for id_ in found.findall(f"{K}id")] for found in message.iter(f"{K}transaction")]
        assert ids == [["1", "D-1", "H-1"], ["2", "D-2", "H-2"], ["3", "D-3"]]
        for found in message.iter(f"{K}transaction"):
            names = [etree.QName(child).localname for child in found]
            assert names.index("cd") == names.count("id")

    def test_a_hub_that_is_a_sender_already_is_not_added_again(self) -> None:
        document = a_message(a_folder([a_transaction("D-1")]), header=a_header(sender=HUB_PARTY))

        message = parsed(relayed(a_relay(additions=ADDITIONS), document.encode()))

        assert len(message.findall(f"{K}header/{K}sender/{K}hcparty")) == 1

    def test_a_document_that_uses_the_prefix_of_the_additions_for_something_else_is_not_confused(self) -> None:
        document = a_document().replace("<kmehrmessage ", '<kmehrmessage xmlns:k="urn:other" xmlns:hub="urn:h" ')

        message = parsed(relayed(a_relay(additions=ADDITIONS), document.encode()))

        assert message.tag == f"{{{CORE}}}kmehrmessage"
        assert message.find(f"{K}header/{K}sender")[0].tag == f"{K}hcparty"  # type: ignore[index]

    def test_the_version_of_a_set_is_the_hubs(self) -> None:
        ours = replace(ADDITIONS, version=Additions.of(HUB_AS_PARTY, (), version=7).version)
        for written in ("", "<version>42</version>", "<recorddatetime>2026-03-02T10:00:00</recorddatetime><version/> "):
            content = f'<text L="nl">x</text>{written}'
            second = a_transaction("D-2", content='<text L="nl">y</text><version>42</version>', number=2)
            document = a_message(a_folder([a_transaction("D-1", content=content), second])).encode()

            message = parsed(relayed(a_relay(additions=ours), document, chunk=11))

            assert [version.text for version in message.iter(f"{K}version")] == ["7", "42"]

    def test_one_member_of_a_set_leaves_alone(self) -> None:
        transactions = [a_transaction(f"D-{number}", number=number) for number in (1, 2, 3)]
        document = a_message(a_folder(transactions) + "").encode()

        relay = a_relay(additions=ADDITIONS, only_transaction=2)
        message = parsed(relayed(relay, document, chunk=13))

        ids = [[id_.text for id_ in found.findall(f"{K}id")] for found in message.iter(f"{K}transaction")]
        assert ids == [["2", "D-2", "H-2"]]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11])
def test_small_pieces_do_not_change_the_end(size: int) -> None:
    """Newer parsers wait for more before they report a tag."""
    document = a_document().replace(f'xmlns="{KMEHR}"', f'xmlns:hub="{KMEHR}" xmlns="{KMEHR}"')
    answer = a_hub_answer(document).encode()
    whole = relayed(a_relay(Shape.HUB_ANSWER), answer)
    assert relayed(a_relay(Shape.HUB_ANSWER), answer, chunk=size) == whole


class TestWhatIsHeldBack:
    def test_nothing_leaves_before_patient_and_identifiers_are_known(self) -> None:
        document = a_document().encode()
        relay = a_relay()
        decided = document.index(b'<cd S="CD-TRANSACTION"')

        before = [relay.feed(document[position : position + 1]) for position in range(decided)]

        assert not any(before)
        assert relay.feed(document[decided : decided + 60]).startswith(b"<hub:kmehrmessage")

    def test_a_second_folder_is_held_back_until_its_patient_is_known(self) -> None:
        own, other = a_folder([a_transaction("D-1")]), a_folder([a_transaction("D-2")], patient=PATIENT)
        document = a_message(own + other).encode()
        relay = a_relay()
        second = document.rindex(b"<folder>")

        relay.feed(document[:second])
        inside = relay.feed(document[second : document.rindex(b"</patient>")])
        rest = relay.feed(document[document.rindex(b"</patient>") :]) + relay.finish()

        assert inside == b""
        assert rest.startswith(b"<folder>")

    def test_a_text_of_100_mib_does_not_grow_memory(self) -> None:
        head, tail = a_document(content="<lnk TYPE='multimedia'>|</lnk>").encode().split(b"|")
        text = b"QUJD" * (16 * 1024)
        relay = a_relay()

        tracemalloc.start()
        passed = len(relay.feed(head))
        for _ in range(100 * 1024 * 1024 // len(text)):
            passed += len(relay.feed(text))
        passed += len(relay.feed(tail) + relay.finish())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

        assert passed > 100 * 1024 * 1024
        assert peak < 1024 * 1024


LETTERS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=40)
PIECES = st.one_of(
    LETTERS.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")),
    LETTERS.map(lambda text: f"<![CDATA[{text.replace(']]>', '')}]]>"),
    LETTERS.map(lambda text: f"<!--{text.replace('-', '')}-->"),
    st.sampled_from(
        ["&#13;", "&#xE9;", "\r\n", "]", "]]", " ", "<x/>", "<y a='>' b=\"'\">z</y>", "<?pi data?>", "Z" * 3000]
    ),
)


@given(
    pieces=st.lists(PIECES, max_size=8).map("".join),
    is_answer=st.booleans(),
    is_prefixed=st.booleans(),
    additions=st.sampled_from([None, ADDITIONS]),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
    cuts=st.lists(st.integers(1, 400), min_size=1, max_size=8),
)
def test_any_document_in_any_chunks_is_what_a_tree_would_give(
    *, pieces: str, is_answer: bool, is_prefixed: bool, additions: Additions | None, encoding: str, cuts: list[int]
) -> None:
    document = a_document(content=f'<text L="nl">{pieces}</text>')
    if is_prefixed:
        document = document.replace(f'xmlns="{KMEHR}"', f'xmlns:hub="{KMEHR}" xmlns="{KMEHR}"').replace(
            "<folder>", "<hub:folder>"
        )
        document = document.replace("</folder>", "</hub:folder>")
    received = (a_hub_answer(document) if is_answer else document).replace('encoding="UTF-8"', "").encode(encoding)
    relay = a_relay(Shape.HUB_ANSWER if is_answer else Shape.KMEHR_MESSAGE, additions=additions)

    out, position = b"", 0
    while position < len(received):
        size = cuts[position % len(cuts)]
        out += relay.feed(received[position : position + size])
        position += size
    out += relay.finish()

    message, expected = parsed(out), by_tree(document, additions)
    assert meaning(message)[2:] == meaning(expected)[2:]
    if additions is None:
        assert content(message) == content(expected)


def meaning(element: etree._Element) -> tuple[object, ...]:
    """An element as a value; prefixes, which libxml2 changes when a tree is edited, do not count."""
    children = tuple(meaning(child) for child in element)
    return element.tag, dict(element.attrib.items()), element.text or "", *children, ("tail", element.tail or "")


def by_tree(document: str, additions: Additions | None) -> etree._Element:
    """The same by building the whole document in memory."""
    message = etree.fromstring(document.encode(), etree.XMLParser(remove_pis=True))
    if additions is not None:
        sender = message.find(f"{K}header/{K}sender")
        id_ = message.findall(f".//{K}transaction/{K}id")[-1]
        assert sender is not None
        sender.insert(0, etree.fromstring(additions.sender))
        sender.addnext(etree.fromstring(additions.recipient))
        id_.addnext(etree.fromstring(additions.transaction_ids[0]))
    return message
