"""Of a document a part leaves: the permitted items as they were, and nothing else that says anything."""

import random
import tracemalloc
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Code, HcParty, Id
from hub.ports.documents import Shape
from hub.wire.kmehr.relay.additions import Additions
from hub.wire.kmehr.relay.document import DocumentRelay
from hub.wire.kmehr.relay.part import Part
from hub.wire.namespaces import KMEHR
from hub.wire.schemas import SchemaSet, default_schema_folder
from tests.fakes.documents import HUB, PATIENT, a_document, a_folder, a_header, a_hub_answer, a_message, a_transaction
from tests.unit.wire.content_model import ContentModel
from tests.unit.wire.kmehr_generator import DocumentGenerator

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "kmehr" / "samples"
DOCUMENTS = sorted(path for folder in ("valid", "invalid", "constructed/kmehr") for path in SAMPLES.glob(f"{folder}/*"))
K = f"{{{KMEHR}}}"
PERMITTED = frozenset({"medication", "allergy", "vaccine"})
PART = Part.of(PERMITTED, "Gedeeltelijk <document>.", "nl")
NOTICE = f'<k:text xmlns:k="{KMEHR}" L="nl">Gedeeltelijk &lt;document&gt;.</k:text>'
HUB_AS_PARTY = HcParty((Id("ID-HCPARTY", "1.0", HUB),), (Code("CD-HCPARTY", "1.16", "hub"),), name="RSB")
VERSION = Additions.of(HUB_AS_PARTY, (HUB_AS_PARTY,), version=7)
RELATION = '<lnk TYPE="isaconsequenceof" URL="//item[id=\'2\']"/>'


def a_relay(shape: Shape = Shape.KMEHR_MESSAGE, *, patient: str = PATIENT, **options: object) -> DocumentRelay:
    return DocumentRelay(shape=shape, patient=Ssin(patient), names=frozenset(), part=PART, **options)  # type: ignore[arg-type]


def relayed(relay: DocumentRelay, document: str | bytes, *, chunk: int = 1 << 20) -> bytes:
    """What leaves when the document comes in chunks of this size."""
    received = document.encode() if isinstance(document, str) else document
    parts = [relay.feed(received[start : start + chunk]) for start in range(0, len(received), chunk)]
    return b"".join((*parts, relay.finish()))


def an_item(*codes: str, content: str = "", scheme: str = "CD-ITEM", number: int = 1) -> str:
    cds = "".join(f'<cd S="{scheme}" SV="1.11">{code}</cd>' for code in codes)
    return f'<item><id S="ID-KMEHR" SV="1.0">{number}</id>{cds}{content or a_text("x")}</item>'


def a_text(text: str) -> str:
    return f'<text L="nl">{text}</text>'


def a_heading(*content: str) -> str:
    cd = '<cd S="CD-HEADING" SV="1.0">treatment</cd>'
    return f'<heading><id S="ID-KMEHR" SV="1.0">1</id>{cd}{"".join(content)}</heading>'


@pytest.fixture(scope="module")
def schemas() -> SchemaSet:
    return SchemaSet.load(default_schema_folder())


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_tail=False, with_comments=False)


def permitted_items(message: etree._Element) -> list[bytes]:
    """What of a document may leave, found in its tree: items of transactions, without relations."""
    found = []
    for item in message.iter(f"{K}item"):
        parents = [parent.tag for parent in item.iterancestors()]
        codes = {(cd.text or "").strip() for cd in item.findall(f"{K}cd") if cd.get("S") == "CD-ITEM"}
        if codes and codes <= PERMITTED and {*parents[:-3]} <= {f"{K}heading"} and parents[-3] == f"{K}transaction":
            copied = deepcopy(item)
            for link in copied.findall(f"{K}lnk"):
                if link.get("TYPE") not in ("multimedia", "thumbnail"):
                    copied.remove(link)
            found.append(canonical(copied))
    return found


def unindented(items: list[bytes]) -> list[bytes]:
    """White space where a relation was does not count."""
    return [b"".join(item.split()) for item in items]


def check_part(out: bytes, document: bytes, schemas: SchemaSet, *, is_valid: bool = True) -> etree._Element:
    """The message that left, after a look at everything that a part promises."""
    answer = etree.fromstring(a_hub_answer(out.decode()).encode(), etree.XMLParser(huge_tree=True))[0][0]
    message = answer[-1]
    source = etree.fromstring(document, etree.XMLParser(remove_pis=True, remove_comments=True, huge_tree=True))
    whole = source if etree.QName(source).localname == "kmehrmessage" else source[0][0][-1]
    left = [canonical(item) for item in message.iter(f"{K}item")]
    assert unindented(left) == unindented(permitted_items(whole))
    for transaction in message.iter(f"{K}transaction"):
        names = [etree.QName(child).localname for child in transaction]
        assert not {"lnk", "text-with-layout"} & {*names}
        assert [text.text for text in transaction.findall(f"{K}text")] == ["Gedeeltelijk <document>."]
        assert [cd.text for cd in transaction.findall(f"{K}cd[@SL='hub-part']")] == ["part"]
    for heading in message.iter(f"{K}heading"):
        assert heading.find(f".//{K}item") is not None
        assert heading.find(f"{K}text") is None
    assert not message.xpath("//comment()")
    if is_valid:
        assert schemas.hub_message.validate(answer), schemas.hub_message.error_log
    return message


KEPT = an_item("medication", content=a_text("KEPT"))
LOST = an_item("problem", content=a_text("LOST"))
CASES = {
    "an item of another kind": KEPT + LOST,
    "an item of a kind nobody knows": KEPT + an_item("magic", content=a_text("LOST")),
    "an item without a kind": KEPT + an_item("medication", scheme="LOCAL", content=a_text("LOST")),
    "an item that has another kind too": KEPT + an_item("medication", "problem", content=a_text("LOST")),
    "an item of two permitted kinds": LOST + an_item("medication", "vaccine", content=a_text("KEPT")),
    "a kind with white space and a section": LOST + an_item("\n <![CDATA[medi]]>cat&#105;on ", content=a_text("KEPT")),
    "a kind in other letters": KEPT + an_item("Medication", "MEDICATION", content=a_text("LOST")),
    "an item without content": an_item("allergy", content=" ") + KEPT + an_item("LOST", content=" "),
    "nothing that is permitted": LOST + a_heading(LOST, a_heading(LOST)) + LOST,
    "headings": a_heading(LOST, KEPT, LOST) + a_heading(LOST, a_heading(a_text("LOST")), a_heading(a_heading(KEPT))),
    "a heading after one inside": a_heading(a_heading(LOST), KEPT, a_heading(LOST), a_heading(KEPT)),
    "text and files beside items": a_text("LOST")
    + KEPT
    + '<lnk TYPE="multimedia" MEDIATYPE="application/pdf">TE9TVA==</lnk>'
    + "<text-with-layout>LOST<b>LOST</b></text-with-layout>"
    + a_heading(a_text("LOST"), KEPT, '<lnk TYPE="multimedia" URL="LOST"/>'),
    "a file inside an item": LOST
    + an_item("vaccine", content='<lnk TYPE="multimedia" MEDIATYPE="application/pdf">S0VQVA==</lnk>'),
    "relations between items": an_item("vaccine", content=a_text("KEPT") + RELATION.replace("//item", "LOST")) + LOST,
    "comments": f"<!-- LOST -->{KEPT}<!-- LOST -->" + an_item("vaccine", content=f"{a_text('a<!-- LOST -->b')}"),
    "an item inside an item": an_item(
        "medication",
        content='<local><cd S="LOCAL" SV="1" SL="x" DN="x" L="nl">y</cd><content><lnk>a'
        '<item><id S="ID-KMEHR" SV="1.0">1</id>LOST</item></lnk></content></local>',
    ),
    "what stands behind the content": LOST + "<recorddatetime>2026-03-02T10:05:00</recorddatetime><version>3</version>",
}


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64, 4096])
@pytest.mark.parametrize("case", CASES)
def test_only_what_is_permitted_leaves(case: str, chunk: int, schemas: SchemaSet) -> None:
    document = a_document(content=CASES[case])
    # The nested item is in the place of the free content: it goes, while the tree of the source has it.
    expected = document.replace('<item><id S="ID-KMEHR" SV="1.0">1</id>LOST</item>', "")

    out = relayed(a_relay(), document, chunk=chunk)

    check_part(out, expected.encode(), schemas)
    assert b"LOST" not in out
    assert b"TE9TVA" not in out
    assert out.count(b"KEPT") == CASES[case].count("KEPT")
    assert out == relayed(a_relay(), document)


def test_what_says_so_stands_where_readers_expect_it() -> None:
    out = relayed(a_relay(), a_document(content=LOST + "<version>1</version>"))

    message = etree.fromstring(out)
    (transaction,) = message.iter(f"{K}transaction")
    names = [etree.QName(child).localname for child in transaction]
    assert names == ["id", "id", "cd", "cd", "date", "time", "author", "iscomplete", "isvalidated", "text", "version"]
    assert transaction.find(f"{K}cd").get("S") == "CD-TRANSACTION"  # type: ignore[union-attr]
    assert NOTICE.encode() in out


def test_every_transaction_says_so_and_the_version_of_the_hub_stays_last(schemas: SchemaSet) -> None:
    second = a_transaction("D-2", content=LOST, number=2)
    document = a_message(a_folder([a_transaction("D-1", content="<version>1</version>"), second]))

    for source in (document, document.replace("<version>1</version>", "")):
        message = check_part(relayed(a_relay(additions=VERSION), source), source.encode(), schemas)

        first, other = message.iter(f"{K}transaction")
        assert [etree.QName(child).localname for child in first][-2:] == ["text", "version"]
        assert first.findtext(f"{K}version") == "7"
        assert other.find(f"{K}version") is None


def test_free_text_of_the_header_the_patient_and_the_folder_goes(schemas: SchemaSet) -> None:
    header = a_header().replace("</header>", a_text("LOST") + '<lnk TYPE="multimedia" URL="LOST"/></header>')
    folder = a_folder([a_transaction("D-1", content=KEPT)])
    folder = folder.replace("</patient>", a_text("LOST") + "</patient>")
    folder = folder.replace("</folder>", a_text("LOST") + '<lnk TYPE="multimedia" URL="LOST"/></folder>')
    document = a_message(folder, header=header)

    out = relayed(a_relay(), document, chunk=5)

    check_part(out, document.encode(), schemas)
    assert b"LOST" not in out


def test_one_member_of_a_set_leaves_in_part(schemas: SchemaSet) -> None:
    transactions = [a_transaction(f"D-{number}", content=LOST + KEPT, number=number) for number in (1, 2, 3)]

    out = relayed(a_relay(only_transaction=2), a_message(a_folder(transactions)), chunk=9)

    check_part(out, a_message(a_folder([transactions[1]])).encode(), schemas)
    assert b"LOST" not in out
    assert out.count(b"KEPT") == 1


REFUSED = {
    "sealed content": (
        a_message(
            "<Base64EncryptedData><cd>CMS</cd><Base64EncryptedValue>QQ==</Base64EncryptedValue></Base64EncryptedData>"
        ),
        Reason.ACCESS_DENIED,
    ),
    "text beside items": (a_document(content=KEPT + "LOST" + KEPT), Reason.SOURCE_ANSWER),
    "text inside an item": (
        a_document(content=KEPT.replace("<text", "<![CDATA[LOST]]><text")),
        Reason.SOURCE_ANSWER,
    ),
    "text before the header": (a_document().replace("<header>", "LOST<header>"), Reason.SOURCE_ANSWER),
    "text behind the folder": (a_document().replace("</folder>", "</folder>LOST"), Reason.SOURCE_ANSWER),
    "a kind behind the content": (
        a_document(content=KEPT.replace("</item>", '<cd S="CD-ITEM" SV="1.11">problem</cd></item>')),
        Reason.SOURCE_ANSWER,
    ),
    "a kind without an end": (a_document(content=an_item("medication" * 1000)), Reason.SOURCE_ANSWER),
    "headings without an end": (
        a_document(content="<heading>" + f"<id>{'9' * 999}</id>" * 2000),
        Reason.SOURCE_ANSWER,
    ),
}


@pytest.mark.parametrize("chunk", [1, 500, 1 << 22])
@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_told_apart_is_refused(case: str, chunk: int) -> None:
    document, reason = REFUSED[case]
    relay, left = a_relay(), b""

    with pytest.raises(HubError) as refusal:
        for start in range(0, len(document), chunk):
            left += relay.feed(document[start : start + chunk].encode())
        left += relay.finish()

    assert refusal.value.reason is reason
    assert b"LOST" not in left


def test_an_item_before_the_names_of_its_transaction_does_not_slip_through() -> None:
    """Such a transaction is not valid; letting it go must not let go what is not decided yet."""
    document = a_document(content="").replace("<cd S=", f"{LOST}<cd S=", 2)

    out = relayed(a_relay(), document)

    assert b"LOST" not in out


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
@pytest.mark.parametrize("chunk", [97, 1 << 20])
def test_a_part_of_a_sample(path: Path, chunk: int, schemas: SchemaSet) -> None:
    document = path.read_bytes()
    tree = etree.fromstring(document)
    if tree.find(f"{K}folder") is None:
        pytest.skip("the sample is sealed")
    # Some have numbers with wrong check digits, and one has two patients; neither matters here.
    for id_ in tree.iterfind(f"{K}folder/{K}patient/{K}id"):
        id_.text = PATIENT
    document = etree.tostring(tree, encoding="UTF-8", xml_declaration=True)

    out = relayed(a_relay(), document, chunk=chunk)

    check_part(out, document, schemas, is_valid=path.parent.name != "invalid")


def test_any_valid_document_leaves_in_part(schemas: SchemaSet) -> None:
    model, chance = ContentModel.load(), random.Random("parts")
    generator = DocumentGenerator(model, chance)
    for _ in range(150):
        tree = generator.global_element("kmehr:kmehrmessage")
        for id_ in tree.iterfind(f"{K}folder/{K}patient/{K}id"):
            id_.set("S", "INSS")
            id_.text = PATIENT
        for cd in tree.iterfind(f".//{K}item/{K}cd"):
            cd.set("S", "CD-ITEM")
            cd.text = chance.choice(["medication", "allergy", "problem"])
        document = etree.tostring(tree, encoding="UTF-8")
        if tree.find(f"{K}folder") is None:
            with pytest.raises(HubError) as refusal:
                relayed(a_relay(), document)
            assert refusal.value.reason is Reason.ACCESS_DENIED
        else:
            check_part(relayed(a_relay(), document, chunk=chance.choice([11, 1000, 1 << 20])), document, schemas)


SECRET = st.integers(0, 999).map("SECRET{:03}".format)
CONTENTS = st.one_of(
    SECRET.map(a_text),
    SECRET.map(lambda secret: f'<content><text L="nl"><![CDATA[{secret}]]>&#233;</text></content>'),
    SECRET.map(lambda secret: f'<content><cd S="LOCAL" SV="1" SL="x" DN="{secret}">{secret}</cd></content>'),
)
ITEMS = st.builds(
    an_item,
    st.sampled_from(["medication", "allergy", "problem", "risk", "<!-- x -->vaccine", "magic", ""]),
    st.sampled_from(["medication", "allergy", "problem"]),
    content=CONTENTS,
    scheme=st.sampled_from(["CD-ITEM", "CD-ITEM", "CD-ITEM", "LOCAL"]),
)
BESIDE = st.one_of(
    SECRET.map(a_text),
    SECRET.map(lambda secret: f"\n <!-- {secret} -->\n"),
    SECRET.map(lambda secret: f"<?pi {secret}?>"),
    SECRET.map(lambda secret: f'<lnk TYPE="isachildof" URL="{secret}"/>'),
    SECRET.map(lambda secret: f'<unknown xmlns="urn:x" a="{secret}"><item>{secret}</item></unknown>'),
    st.sampled_from(["\n\t", "<text L='nl'/>", "<item/>"]),
)
INSIDE = st.recursive(
    st.lists(st.one_of(ITEMS, BESIDE), max_size=4),
    lambda inner: st.lists(
        st.one_of(ITEMS, BESIDE, inner.map(lambda content: a_heading(*content))), min_size=1, max_size=4
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(
    transactions=st.lists(INSIDE.map("".join), min_size=1, max_size=3),
    is_answer=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
    cuts=st.lists(st.integers(1, 400), min_size=1, max_size=8),
)
def test_whatever_the_document_nothing_else_leaves(
    *, transactions: list[str], is_answer: bool, encoding: str, cuts: list[int], schemas: SchemaSet
) -> None:
    folder = a_folder([a_transaction("D-1", content=content) for content in transactions])
    document = a_message(folder, namespace=KMEHR)
    received = (a_hub_answer(document) if is_answer else document).replace('encoding="UTF-8"', "").encode(encoding)
    relay = a_relay(Shape.HUB_ANSWER if is_answer else Shape.KMEHR_MESSAGE)

    out, position = b"", 0
    while position < len(received):
        size = cuts[position % len(cuts)]
        out += relay.feed(received[position : position + size])
        position += size
    out += relay.finish()

    message = check_part(out, document.encode(), schemas)
    may_leave = b"".join(permitted_items(etree.fromstring(document.encode(), etree.XMLParser(remove_comments=True))))
    assert out.count(b"SECRET") == may_leave.count(b"SECRET")
    assert len(list(message.iter(f"{K}transaction"))) == len(transactions)


@pytest.mark.parametrize("code", ["medication", "problem"])
def test_a_text_of_100_mib_in_an_item_does_not_grow_memory(code: str) -> None:
    content = a_heading(an_item(code, content='<lnk TYPE="multimedia" MEDIATYPE="application/pdf">|</lnk>'))
    head, tail = a_document(content=content).encode().split(b"|")
    text = b"QUJD" * (16 * 1024)
    relay = a_relay()

    tracemalloc.start()
    passed = len(relay.feed(head))
    for _ in range(100 * 1024 * 1024 // len(text)):
        passed += len(relay.feed(text))
    passed += len(relay.feed(tail) + relay.finish())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (passed > 100 * 1024 * 1024) is (code in PERMITTED)
    assert peak < 1024 * 1024


def test_10_mib_of_items_do_not_grow_memory_and_leave_in_part() -> None:
    content = "".join(a_heading(a_heading(LOST * 20), KEPT * 20) for _ in range(50))
    head, tail = a_document(content="|").encode().split(b"|")
    piece, relay = content.encode(), a_relay()
    times = 10 * 1024 * 1024 // len(piece)

    tracemalloc.start()
    parts = [relay.feed(head)]
    kept = sum(relay.feed(piece).count(b"KEPT") for _ in range(times))
    parts.append(relay.feed(tail) + relay.finish())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert kept == 1000 * times
    assert peak < 2 * 1024 * 1024
