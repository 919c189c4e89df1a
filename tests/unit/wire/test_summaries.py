"""Rows written as fragments are the rows a tree would give, whatever stands in them."""

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from hub.domain.declarations import Declaration
from hub.domain.identifiers import LocalId
from hub.domain.parties import Address, Code, FreeText, HcParty, Id, Telecom
from hub.wire.hubservices.responses import HubIdentity
from hub.wire.hubservices.summaries import SummaryWriter
from hub.wire.namespaces import ANSWER_DECLARATIONS, CORE, KMEHR

HUB = HubIdentity("1990000728", "Hub <test> & Co", "RSBID")

_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from("\t\n\r<>&\"'"), max_size=12)
_PLAIN = st.from_regex(r"[0-9A-Za-z:.-]{1,12}", fullmatch=True)
_IDS = st.lists(st.builds(Id, _TEXT, _TEXT, _TEXT | _PLAIN, st.none() | _TEXT), max_size=3).map(tuple)
_CODES = st.lists(
    st.builds(Code, _TEXT, _TEXT, _TEXT, st.none() | _TEXT, st.none() | _TEXT, st.none() | _TEXT), max_size=2
).map(tuple)
_OPTIONAL = st.none() | _TEXT
_ADDRESSES = st.builds(
    Address,
    ids=_IDS,
    cds=_CODES,
    country=st.none() | st.builds(Code, _TEXT, _TEXT, _TEXT),
    zip=_OPTIONAL,
    city=_OPTIONAL,
    texts=st.lists(st.builds(FreeText, _TEXT, _TEXT), max_size=1).map(tuple),
)
_PARTIES = st.builds(
    HcParty,
    ids=_IDS,
    cds=_CODES,
    name=_OPTIONAL,
    firstname=_OPTIONAL,
    familyname=_OPTIONAL,
    addresses=st.lists(_ADDRESSES, max_size=1).map(tuple),
    telecoms=st.lists(st.builds(Telecom, _IDS, _CODES, _TEXT), max_size=1).map(tuple),
)
_DECLARATIONS = st.builds(
    Declaration.of,
    ids=_IDS,
    cds=_CODES,
    date=_TEXT | _PLAIN,
    time=_TEXT | _PLAIN,
    author=st.lists(_PARTIES, max_size=2).map(tuple),
    iscomplete=st.booleans(),
    isvalidated=st.booleans(),
    recorddatetime=_TEXT | _PLAIN,
)


@given(st.lists(st.tuples(_DECLARATIONS, st.builds(LocalId, st.just("RSBID"), _TEXT | _PLAIN)), max_size=4))
def test_fragments_and_a_tree_give_the_same(rows: list[tuple[Declaration, LocalId]]) -> None:
    written = SummaryWriter(HUB).write(rows)
    read = etree.fromstring(f"<all {ANSWER_DECLARATIONS}>{written}</all>".encode())
    assert [_canonical(row) for row in read] == [_canonical(_tree(*row)) for row in rows]


@given(_DECLARATIONS)
def test_what_is_remembered_is_written_the_same_again(declaration: Declaration) -> None:
    writer, row = SummaryWriter(HUB), (declaration, LocalId("RSBID", "1"))
    assert writer.write([row, row]) == writer.write([row]) * 2 == SummaryWriter(HUB).write([row]) * 2


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True)


def _tree(declaration: Declaration, local_id: LocalId) -> etree._Element:
    """The same row, the slow and obvious way."""
    root = etree.Element(f"{{{CORE}}}transaction", nsmap={None: CORE, "k": KMEHR})  # type: ignore[dict-item]  # None is the default namespace
    for id_ in (*declaration.ids, HUB.id_of(local_id)):
        _add_id(root, CORE, id_)
    for cd in declaration.cds:
        _add_code(root, CORE, cd)
    _add(root, CORE, "date", declaration.date)
    _add(root, CORE, "time", declaration.time)
    author = _add(root, CORE, "author", None)
    for party in (HUB.party, *declaration.author):
        _add_party(author, party)
    _add(root, CORE, "iscomplete", str(declaration.iscomplete).lower())
    _add(root, CORE, "isvalidated", str(declaration.isvalidated).lower())
    _add(root, CORE, "recorddatetime", declaration.recorddatetime)
    return root


def _add(parent: etree._Element, namespace: str, name: str, text: str | None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    element.text = text
    return element


def _add_id(parent: etree._Element, namespace: str, id_: Id) -> None:
    element = _add(parent, namespace, "id", id_.value)
    _set(element, S=id_.scheme, SV=id_.version, SL=id_.local_scheme)


def _add_code(parent: etree._Element, namespace: str, cd: Code) -> None:
    element = _add(parent, namespace, "cd", cd.value)
    _set(element, S=cd.scheme, SV=cd.version, SL=cd.local_scheme, DN=cd.display, L=cd.language)


def _set(element: etree._Element, **attributes: str | None) -> None:
    for name, value in attributes.items():
        if value is not None:
            element.set(name, value)


def _add_party(parent: etree._Element, party: HcParty) -> None:
    element = _add(parent, KMEHR, "hcparty", None)
    _add_names(element, party.ids, party.cds)
    _add_lines(element, party, ("name", "firstname", "familyname"))
    for address in party.addresses:
        _add_address(element, address)
    for telecom in party.telecoms:
        written = _add(element, KMEHR, "telecom", None)
        _add_names(written, telecom.ids, telecom.cds)
        _add(written, KMEHR, "telecomnumber", telecom.number)


def _add_address(parent: etree._Element, address: Address) -> None:
    element = _add(parent, KMEHR, "address", None)
    _add_names(element, address.ids, address.cds)
    if address.country:
        _add_code(_add(element, KMEHR, "country", None), KMEHR, address.country)
    _add_lines(element, address, ("zip", "city"))
    for text in address.texts:
        _set(_add(element, KMEHR, "text", text.value), L=text.language)


def _add_names(element: etree._Element, ids: tuple[Id, ...], cds: tuple[Code, ...]) -> None:
    for id_ in ids:
        _add_id(element, KMEHR, id_)
    for cd in cds:
        _add_code(element, KMEHR, cd)


def _add_lines(element: etree._Element, part: HcParty | Address, names: tuple[str, ...]) -> None:
    for name in names:
        if (value := getattr(part, name)) is not None:
            _add(element, KMEHR, name, value)
