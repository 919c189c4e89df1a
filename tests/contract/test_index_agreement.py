"""The index on Redis answers as the plain one in memory does, whatever was declared, replaced and withdrawn.

Records are made long and leaves part after a handful of references, so that few are enough to try everything.
"""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.open_gate import OPEN_GATE, OpenGate
from hub.domain.access_rights import Right, RightsInForce
from hub.domain.declarations import Declaration
from hub.domain.errors import HubError
from hub.domain.parties import Id
from hub.domain.references import Change, PatientReferences, Relevance, declare, revoke
from hub.domain.search import Criteria, PageRequest
from hub.ports.reference_index import ReferenceIndex
from hub.storage import patient_change
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.reference_index import RedisReferenceIndex
from hub.storage.secrets import Pseudonyms
from tests.access_builders import a_right
from tests.builders import JAN, a_declaration, a_hospital, a_patient, a_person
from tests.contract.in_memory import memory_index

SECRET = bytes(range(32))
KINDS = ("note", "sumehr", "labresult")


@pytest.fixture(params=[(4, 4, 3), (20, 6, 4), (1, 100, 100)], ids=["tiny", "small", "one leaf"])
def limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """When records become long, and how much is in a leaf."""
    for name, most in zip(("MOST_SHORT", "MOST_IN_LEAF", "_FILLED"), request.param, strict=True):
        monkeypatch.setattr(patient_change, name, most)


_DECLARATIONS = st.builds(
    a_declaration,
    st.integers(1, 12).map("D{}".format),
    kind=st.sampled_from(KINDS),
    date=st.sampled_from(["1850-01-01", "2025-12-31", "2026-01-01", "2026-03-02", "2099-01-01"]),
    time=st.sampled_from(["00:00:00", "10:00:00", "10:00:01"]),
    recorded=st.integers(0, 59).map("2026-03-02T10:05:{:02d}".format),
    author=st.sampled_from([(), (a_hospital(), a_person())]),
)
_STEPS = st.lists(_DECLARATIONS | st.integers(1, 20), min_size=5, max_size=40)
_CRITERIA = st.builds(
    Criteria,
    types=st.frozensets(st.sampled_from(KINDS), max_size=1),
    author=st.sampled_from([(), (a_hospital(),)]),
    begin=st.none() | st.dates(date(1849, 1, 1), date(2099, 12, 31)),
    end=st.none() | st.dates(date(1849, 1, 1), date(2099, 12, 31)),
)


@pytest.mark.usefixtures("limits")
@given(steps=_STEPS, criteria=_CRITERIA, page=st.builds(PageRequest, st.integers(1, 30), st.integers(1, 9)))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_both_indexes_agree(
    redis_url: str, steps: list[Declaration | int], criteria: Criteria, page: PageRequest
) -> None:
    client = connect(redis_url, timeout=5, connections=4)
    await client.flushdb()
    plain = memory_index()
    packed = RedisReferenceIndex(client, secrets=IndexSecrets.of(SECRET, Pseudonyms(SECRET, key_id="t")))
    for step in steps:
        assert await _outcome(packed, step) == await _outcome(plain, step)
    assert await _seen(packed, criteria, page) == await _seen(plain, criteria, page)
    await client.aclose()


async def _outcome(index: ReferenceIndex, step: Declaration | int) -> Any:
    def rule(before: PatientReferences) -> Change:
        if isinstance(step, int):
            return revoke(before, step, custodian_of=frozenset({"chu"}), by=())
        return declare(before, step, "chu")

    try:
        relevance = await _relevance(index, step)
        return await index.change(JAN, rule, relevance, register=a_patient(), witness=None)
    except HubError as error:
        return error.reason


async def _relevance(index: ReferenceIndex, step: Declaration | int) -> Relevance:
    """What the services would show to the rule."""
    if not isinstance(step, int):
        return Relevance.of(step)
    reference = await index.get(JAN, step)
    named = Relevance.of(reference.declaration) if reference else Relevance()
    return named.and_those_named(frozenset(), frozenset({step}))


async def _seen(index: ReferenceIndex, criteria: Criteria, page: PageRequest) -> list[Any]:
    said = [await index.get(JAN, serial) for serial in (1, 3)]
    rights = RightsInForce.of(
        a_right(Right.DISALLOW, row.serial, lineage=row.lineage) for row in said if row is not None
    )
    gates = OPEN_GATE, OpenGate(rights)
    found = [await index.find(JAN, asked, page, gate) for asked in (criteria, Criteria()) for gate in gates]
    latest = await index.latest(JAN, frozenset(KINDS[:2]))
    return [
        [(list(one.page.rows), one.page.total) for one in found],
        sorted(latest, key=lambda reference: reference.serial),
        [await index.get(JAN, serial) for serial in (1, 7, 21)],
        [await index.named(JAN, Id("LOCAL", "1.0", name, "testemr")) for name in ("D1", "D11", "nobody")],
    ]
