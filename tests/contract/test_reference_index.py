"""What every index promises, on each implementation."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.open_gate import OPEN_GATE, OpenGate
from hub.domain.access_rights import Right, RightsInForce
from hub.domain.declarations import Declaration
from hub.domain.errors import HubError, Reason
from hub.domain.parties import Code, Id
from hub.domain.references import (
    VAULT,
    Change,
    PatientReferences,
    Relevance,
    Status,
    TransactionReference,
    declare,
    put_set,
    revoke,
)
from hub.domain.search import Criteria, PageRequest
from hub.ports.reference_index import ReferenceIndex
from hub.storage.connection import connect, stored
from hub.storage.index_secrets import IndexSecrets
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.secrets import Pseudonyms
from tests.access_builders import a_right
from tests.builders import JAN, MILA, a_declaration, a_hospital, a_patient, a_person
from tests.contract.in_memory import memory_index

SECRET = bytes(range(32))
ALL = Criteria()
FIRST_PAGE = PageRequest()


@pytest.fixture(params=["memory", "redis", "cluster"])
async def index(request: pytest.FixtureRequest) -> AsyncIterator[ReferenceIndex]:
    """An empty index of each kind."""
    if request.param == "memory":
        yield memory_index()
        return
    client = connect(request.getfixturevalue(f"{request.param}_url"), timeout=5, connections=32)
    yield RedisReferenceIndex(client, secrets=IndexSecrets.of(SECRET, Pseudonyms(SECRET, key_id="t")))
    await client.aclose()


async def declare_in(index: ReferenceIndex, declaration: Declaration, source: str = "chu") -> int:
    """Declare for Jan; the serial of the reference."""
    rule = partial(_declare, declaration=declaration, source=source)
    change = await index.change(JAN, rule, Relevance.of(declaration), register=a_patient(), witness=None)
    return change.reference.serial


def _declare(before: PatientReferences, *, declaration: Declaration, source: str) -> Change:
    return declare(before, declaration, source)


async def test_an_unknown_patient_has_nothing_and_cannot_be_changed(index: ReferenceIndex) -> None:
    found = await index.find(JAN, ALL, FIRST_PAGE, OPEN_GATE)
    assert found.patient is None
    assert found.page.total == 0
    with pytest.raises(HubError) as refusal:
        await index.change(JAN, lambda before: declare(before, a_declaration(), "chu"), Relevance(), witness=None)
    assert refusal.value.reason is Reason.PATIENT_UNKNOWN


async def test_a_declaration_comes_back_exactly(index: ReferenceIndex) -> None:
    declaration = a_declaration(author=(a_hospital(), a_person()))
    await declare_in(index, declaration)
    found = await index.find(JAN, ALL, FIRST_PAGE, OPEN_GATE)
    assert found.patient == a_patient()
    assert [row.declaration for row in found.page.rows] == [declaration]
    assert found.page.rows[0].source == "chu"


async def test_patients_do_not_see_each_other(index: ReferenceIndex) -> None:
    serial = await declare_in(index, a_declaration())
    assert (await index.find(MILA, ALL, FIRST_PAGE, OPEN_GATE)).page.total == 0
    assert await index.get(MILA, serial) is None


async def test_the_newest_comes_first_and_pages_are_stable(index: ReferenceIndex) -> None:
    days = [5, 1, 9, 3, 7, 3]
    for number, day in enumerate(days):
        await declare_in(index, a_declaration(f"D{number}", date=f"2026-01-{day:02d}"))
    pages = [await index.find(JAN, ALL, PageRequest(first, 4), OPEN_GATE) for first in (1, 5, 9)]
    assert [page.page.total for page in pages] == [6, 6, 6]
    dates = [row.declaration.date for page in pages for row in page.page.rows]
    assert dates == sorted((f"2026-01-{day:02d}" for day in days), reverse=True)
    serials = [row.serial for page in pages for row in page.page.rows]
    assert serials.index(6) < serials.index(4), "of the same moment the one registered last comes first"


async def test_a_filter_by_type_author_and_period(index: ReferenceIndex) -> None:
    await declare_in(index, a_declaration("A", kind="labresult", date="2026-01-01"))
    await declare_in(index, a_declaration("B", kind="note", date="2026-01-02", author=(a_hospital(),)))
    await declare_in(index, a_declaration("C", kind="sumehr", date="2026-01-03"))

    async def names(criteria: Criteria) -> list[str]:
        rows = (await index.find(JAN, criteria, FIRST_PAGE, OPEN_GATE)).page.rows
        return [row.declaration.ids[1].value for row in rows]

    assert await names(Criteria(types=frozenset({"labresult", "sumehr"}))) == ["C", "A"]
    assert await names(Criteria(author=(a_hospital(),))) == ["B"]
    assert await names(Criteria(begin=date(2026, 1, 2))) == ["C", "B"]
    assert await names(Criteria(end=date(2026, 1, 1))) == ["A"]
    assert await names(Criteria(types=frozenset({"admission"}))) == []


async def test_a_new_version_of_a_hidden_document_is_in_no_list(index: ReferenceIndex) -> None:
    first = await declare_in(index, a_declaration())
    other = await declare_in(index, a_declaration("OTHER"))
    gate = OpenGate(RightsInForce.of([a_right(Right.DISALLOW, first)]))
    for day in range(1, 4):
        latest = await declare_in(index, a_declaration(recorded=f"2026-04-0{day}T00:00:00"))
        for criteria in (ALL, Criteria(types=frozenset({"note"}))):
            page = (await index.find(JAN, criteria, FIRST_PAGE, gate)).page
            assert ([row.serial for row in page.rows], page.total) == ([other], 1)
        row = await index.get(JAN, latest)
        assert row is not None
        assert row.lineage == (first,)


async def test_a_superseded_reference_leaves_the_list_and_stays_readable(index: ReferenceIndex) -> None:
    first = await declare_in(index, a_declaration())
    second = await declare_in(index, a_declaration(recorded="2026-04-01T00:00:00"))
    found = await index.find(JAN, ALL, FIRST_PAGE, OPEN_GATE)
    assert [row.serial for row in found.page.rows] == [second]
    old = await index.get(JAN, first)
    assert old is not None
    assert old.status is Status.SUPERSEDED


async def test_a_revoked_reference_leaves_the_list_and_keeps_its_serial(index: ReferenceIndex) -> None:
    serial = await declare_in(index, a_declaration())
    await index.change(
        JAN,
        lambda before: revoke(before, serial, custodian_of=frozenset({"chu"}), by=()),
        Relevance(serials=frozenset((serial,))),
        witness=None,
    )
    assert (await index.find(JAN, ALL, FIRST_PAGE, OPEN_GATE)).page.total == 0
    assert await declare_in(index, a_declaration("OTHER")) == serial + 1


async def test_a_reference_is_found_by_the_publishers_own_identifier(index: ReferenceIndex) -> None:
    await declare_in(index, a_declaration("A"))
    newest = await declare_in(index, a_declaration("A", recorded="2026-04-01T00:00:00"))
    found = await index.named(JAN, Id("LOCAL", "9.9", "A", "testemr"))
    assert found is not None
    assert found.serial == newest
    assert await index.named(JAN, Id("LOCAL", "1.0", "A", "otheremr")) is None
    assert await index.named(JAN, Id("ID-KMEHR", "1.0", "1")) is None


async def test_the_latest_of_each_type(index: ReferenceIndex) -> None:
    await declare_in(index, a_declaration("A", kind="note"))
    await declare_in(index, a_declaration("B", kind="note", date="2020-01-01"))
    scheme = a_declaration("C", kind="medicationscheme")
    await index.change(
        JAN,
        lambda before: put_set(before, scheme, bytes(16), members=4, based_on=None),
        Relevance.of(scheme, whole_type=True),
        witness=None,
    )
    latest = await index.latest(JAN, frozenset({"note", "medicationscheme", "admission"}))
    assert {(row.declaration.ids[1].value, row.version, row.members) for row in latest} == {("B", 0, 1), ("C", 1, 4)}


async def test_a_rule_is_shown_what_is_relevant_to_it(index: ReferenceIndex) -> None:
    uuid = "0b5c3c1e-8c6f-4e0e-9d5e-6a1f0c9d7e21"
    for name in ("A", "12345678901", uuid, uuid.upper(), "a longer name with é", "x" * 300, " B "):
        await declare_in(index, a_declaration(name))
    await declare_in(index, a_declaration("C", kind="sumehr"), VAULT)
    await declare_in(index, a_declaration("D", kind="note"), VAULT)

    async def shown(relevance: Relevance) -> set[str]:
        seen: list[TransactionReference] = []

        def rule(before: PatientReferences) -> Change:
            seen.extend(row for row in before.rows if relevance.covers(row))
            return declare(before, a_declaration("NEW"), "chu")

        await index.preview(JAN, rule, relevance)
        return {row.declaration.ids[1].value for row in seen}

    for name in ("12345678901", uuid, uuid.upper(), "a longer name with é", "x" * 300):
        assert await shown(Relevance(values=frozenset({name}))) == {name}
    assert await shown(Relevance(values=frozenset({"B"}))) == {" B "}
    assert await shown(Relevance(vault_types=frozenset({"sumehr"}))) == {"C"}
    assert await shown(Relevance(serials=frozenset((2,)))) == {"12345678901"}
    assert await shown(Relevance(values=frozenset({"nobody"}))) == set()


async def test_a_preview_changes_nothing(index: ReferenceIndex) -> None:
    rule = partial(_declare, declaration=a_declaration(), source="chu")
    await index.preview(JAN, rule, Relevance(), register=a_patient())
    found = await index.find(JAN, ALL, FIRST_PAGE, OPEN_GATE)
    assert found.patient is None
    assert found.page.total == 0


async def test_many_writers_on_one_patient_lose_nothing(index: ReferenceIndex) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(declare_in(index, a_declaration(f"D{number}"))) for number in range(24)]
    assert sorted(task.result() for task in tasks) == list(range(1, 25))
    assert (await index.find(JAN, ALL, FIRST_PAGE, OPEN_GATE)).page.total == 24


async def test_of_many_equal_declarations_at_once_one_is_kept(index: ReferenceIndex) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(declare_in(index, a_declaration())) for _ in range(12)]
    assert {task.result() for task in tasks} == {1}


_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs"]), max_size=40)
_NUMBERS = st.from_regex(r"[0-9]{1,20}", fullmatch=True)
_UUIDS = st.uuids().map(str) | st.uuids().map(lambda value: str(value).upper()) | st.uuids().map(lambda u: u.hex)
_DATES = st.dates(min_value=date(1, 1, 1)).map(str)
_ZONES = st.sampled_from(["", "Z", "+01:00", "-05:30"])
_TIMES = st.builds(
    "{}{}{}".format,
    st.times().map(lambda time: time.isoformat("seconds")),
    st.sampled_from(["", ".5", ".123", ".000001", ".1234567891"]),
    _ZONES,
) | st.just("24:00:00")
_DECLARATIONS = st.builds(
    Declaration.of,
    ids=st.lists(
        st.builds(
            Id,
            st.sampled_from(["ID-KMEHR", "LOCAL", "ID-CBE"]),
            _TEXT,
            _TEXT | _NUMBERS | _UUIDS,
            st.none() | _TEXT,
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    cds=st.lists(
        st.builds(Code, st.just("CD-TRANSACTION"), _TEXT, _TEXT, st.none() | _TEXT, st.none() | _TEXT),
        min_size=1,
        max_size=3,
    ).map(tuple),
    date=st.builds("{}{}".format, _DATES, _ZONES) | st.just("-0044-03-15") | st.just("12026-01-01"),
    time=_TIMES,
    author=st.sampled_from([(a_person(),), (a_hospital(), a_person())]),
    iscomplete=st.booleans(),
    isvalidated=st.booleans(),
    recorddatetime=st.builds("{}T{}".format, _DATES, _TIMES),
)


@given(declarations=st.lists(_DECLARATIONS, min_size=1, max_size=5), size=st.integers(1, 3))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_the_wire_can_carry_survives_and_both_indexes_agree(
    redis_url: str, declarations: list[Declaration], size: int
) -> None:
    memory = memory_index()
    client = connect(redis_url, timeout=5, connections=4)
    await client.flushdb()
    redis = RedisReferenceIndex(client, secrets=IndexSecrets.of(SECRET, Pseudonyms(SECRET, key_id="t")))
    for number, declaration in enumerate(declarations):
        for index in (memory, redis):
            await declare_in(index, declaration, f"source{number}")
    pages = range(1, len(declarations) + 1)
    for criteria in (ALL, Criteria(types=frozenset({declarations[0].transaction_type}), author=(a_hospital(),))):
        for number in pages:
            page = PageRequest((number - 1) * size + 1, size)
            assert (await memory.find(JAN, criteria, page, OPEN_GATE)).page.rows == (
                await redis.find(JAN, criteria, page, OPEN_GATE)
            ).page.rows
    await client.aclose()


async def test_a_dump_shows_no_national_number(redis_url: str) -> None:
    client = connect(redis_url, timeout=5, connections=4)
    index = RedisReferenceIndex(client, secrets=IndexSecrets.of(SECRET, Pseudonyms(SECRET, key_id="t")))
    party = a_person()
    doctor = type(party)(ids=(*party.ids, Id("INSS", "1.0", "50123199879")), cds=party.cds)
    await declare_in(index, a_declaration(author=(doctor,)))
    dumps = [(stored(key) or b"") + (stored(await client.dump(key)) or b"") for key in await client.keys("*")]
    assert dumps
    for number in (JAN.digits, "50123199879"):
        assert not any(number.encode() in dump for dump in dumps)
        assert not any(int(number).to_bytes(5, "big") in dump for dump in dumps)
    await client.aclose()
