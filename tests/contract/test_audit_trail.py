"""What every audit trail promises, on each implementation."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.domain.audit import Actor, AuditEvent, Outcome
from hub.domain.context import Origin
from hub.domain.identifiers import LocalId
from hub.domain.parties import licence
from hub.domain.search import PageRequest
from hub.domain.subjects import Subject, SubjectKind
from hub.ports.audit_trail import AuditQuery, AuditTrail
from hub.storage.memory_access import MemoryAuditTrail
from tests.audit_world import AuditWorld
from tests.builders import (
    GP_NIHII,
    HOSPITAL_NIHII,
    JAN,
    MILA,
    OTHER_GP_NIHII,
    a_hospital,
    a_person,
    an_audited_transaction,
    an_event,
)
from tests.statements import NOW

OF_JAN = AuditQuery(patient=JAN)
GP, OTHER_GP = (Subject(SubjectKind.NIHII, licence(number)) for number in (GP_NIHII, OTHER_GP_NIHII))


@pytest.fixture(params=["memory", "redis", "cluster"])
async def trail(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AuditTrail]:
    """An empty trail of each kind."""
    if request.param == "memory":
        yield MemoryAuditTrail()
        return
    url = request.getfixturevalue(f"{request.param}_url")
    async with AuditWorld.open(url, f"sqlite:///{tmp_path / 'audit.sqlite'}") as world:
        yield world.trail


async def found(trail: AuditTrail, query: AuditQuery) -> list[AuditEvent]:
    """All events that fit; there are as many as the trail says."""
    page = await trail.find(query, PageRequest())
    assert page.total == len(page.events)
    return list(page.events)


async def test_an_event_comes_back_exactly(trail: AuditTrail) -> None:
    event = AuditEvent(
        at=NOW,
        origin=Origin(
            operation="GetTransaction", request_id="r", message_id="m", address="192.0.2.7", software="ACC_TEST"
        ),
        actor=Actor(
            parties=(a_hospital(), a_person()), quality="hospital", certificate="ab" * 32, token="cd" * 32, mandate="x"
        ),
        outcome=Outcome.INTERRUPTED,
        patient=JAN,
        transaction=an_audited_transaction("1"),
        reason="link-missing",
        rules=("consent", "matrix/2026-01-01/note/doctor"),
        break_the_glass='Inconscient <"&>',
        criteria="type=note",
        results=3,
        peer="1990000035",
        subject=(a_person(OTHER_GP_NIHII),),
        details={"kind": "gmd"},
    )
    await trail.record(event)
    assert await found(trail, OF_JAN) == [event]


async def test_an_event_may_be_about_nobody_and_is_found_by_who_acted(trail: AuditTrail) -> None:
    await trail.record(an_event(patient=None))
    assert await found(trail, OF_JAN) == []
    assert len(await found(trail, AuditQuery(actor=GP))) == 1


async def test_the_newest_comes_first_and_pages_have_the_true_total(trail: AuditTrail) -> None:
    for minutes in (5, 1, 9, 3, 7):
        await trail.record(an_event(at=NOW + timedelta(minutes=minutes)))
    pages = [await trail.find(OF_JAN, PageRequest(first, 2)) for first in (1, 3, 5, 7)]
    assert [page.total for page in pages] == [5] * 4
    minutes_found = [(event.at - NOW).seconds // 60 for page in pages for event in page.events]
    assert minutes_found == [9, 7, 5, 3, 1]


async def test_of_the_same_moment_the_last_recorded_comes_first(trail: AuditTrail) -> None:
    for operation in ("A", "B", "C"):
        await trail.record(an_event(operation=operation))
    assert [event.origin.operation for event in await found(trail, OF_JAN)] == ["C", "B", "A"]


async def test_patients_do_not_see_each_other(trail: AuditTrail) -> None:
    await trail.record(an_event())
    assert await found(trail, AuditQuery(patient=MILA)) == []


async def test_an_actor_is_found_by_any_of_his_numbers_in_the_chain(trail: AuditTrail) -> None:
    await trail.record(an_event())
    await trail.record(an_event(MILA, parties=(a_person(OTHER_GP_NIHII),)))
    hospital = Subject(SubjectKind.NIHII, HOSPITAL_NIHII)
    assert [len(await found(trail, AuditQuery(actor=actor))) for actor in (GP, OTHER_GP, hospital)] == [1, 1, 1]
    assert len(await found(trail, AuditQuery(patient=MILA, actor=OTHER_GP))) == 1
    assert await found(trail, AuditQuery(patient=MILA, actor=GP)) == []


async def test_every_part_of_a_query_filters(trail: AuditTrail) -> None:
    looked = an_event(document="1")
    listed = an_event(operation="GetTransactionList", break_the_glass="Inconscient, urgences")
    refused = replace(an_event(), outcome=Outcome.REFUSED, reason="link-missing")
    for event in (looked, listed, refused):
        await trail.record(event)

    for query, fitting in (
        (replace(OF_JAN, transaction=LocalId("testhub", "1")), [looked]),
        (replace(OF_JAN, transaction=LocalId("testhub", "2")), []),
        (replace(OF_JAN, operations=frozenset({"GetTransactionList", "GetLatestUpdate"})), [listed]),
        (replace(OF_JAN, outcomes=frozenset({Outcome.GRANTED})), [listed, looked]),
        (replace(OF_JAN, broke_the_glass=True), [listed]),
        (replace(OF_JAN, broke_the_glass=False), [refused, looked]),
    ):
        assert await found(trail, query) == fitting


async def test_the_staff_reads_broken_glass_of_everybody_and_nothing_else(trail: AuditTrail) -> None:
    broken = [
        an_event(patient, at=NOW + timedelta(minutes=minutes), break_the_glass="Inconscient, urgences")
        for minutes, patient in enumerate((JAN, MILA))
    ]
    for event in (*broken, an_event(), an_event(MILA)):
        await trail.record(event)
    assert await found(trail, AuditQuery(of_everybody=True, broke_the_glass=True)) == broken[::-1]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"begin": date(2026, 1, 1), "operations": frozenset({"GetTransaction"})},
        {"broke_the_glass": True},
        {"of_everybody": True},
        {"of_everybody": True, "broke_the_glass": False},
    ],
)
def test_the_trail_is_not_read_as_a_whole(asked: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a patient or an actor"):
        AuditQuery(**asked)


async def test_days_are_belgian_and_both_are_included(trail: AuditTrail) -> None:
    late = an_event(at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    await trail.record(late)

    async def fits(begin: date | None = None, end: date | None = None) -> bool:
        return bool(await found(trail, replace(OF_JAN, begin=begin, end=end)))

    assert await fits(date(2026, 7, 2), date(2026, 7, 2)), "half past midnight in Belgium"
    assert not await fits(end=date(2026, 7, 1))
    assert not await fits(date(2026, 7, 3))
