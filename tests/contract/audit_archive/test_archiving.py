"""Events reach the archive once and are found wherever they are, on both databases."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite

from hub.archive.archiving import WrongArchiveError
from hub.archive.audit_archive import ArchiveMovedError
from hub.archive.database import ArchiveUnavailableError
from hub.archive.selection import Selection
from hub.archive.tables import EVENTS
from hub.domain.audit import Outcome
from hub.domain.errors import HubError, Reason
from hub.domain.parties import HcParty, Id
from hub.domain.search import PageRequest
from hub.domain.subjects import Subject, SubjectKind
from hub.ports.audit_trail import AuditQuery
from hub.storage import keys
from hub.storage.audit_lanes import Written, lane_of
from hub.storage.backing_up import BackingUp
from hub.storage.backup_file import read, written
from hub.storage.restoring import Restoring
from hub.storage.secrets import Pseudonyms
from tests.audit_world import EVERYTHING, FIRST, MAKER, PSEUDONYMS, SEALER, AuditWorld
from tests.builders import GP_NIHII, HOSPITAL_NIHII, JAN, MILA, OTHER_GP_NIHII, a_person, an_event
from tests.postgres import PostgresServer

JANS_LANE = lane_of(PSEUDONYMS.of(JAN.digits))


class TestTheRoad:
    async def test_events_are_found_before_and_after_they_are_archived(self, world: AuditWorld) -> None:
        events = await world.record(3)
        assert await world.of_jan() == events
        assert await world.archive_all() == 3
        assert await world.of_jan() == events
        assert (await world.lanes.waiting()).events == 0

    async def test_events_that_were_archived_and_not_yet_removed_are_archived_once(self, world: AuditWorld) -> None:
        events = await world.record(3)
        dump = await world.client.dump(JANS_LANE)
        await world.archive_all()
        assert dump is not None
        await world.client.restore(JANS_LANE, 0, dump, replace=True)
        assert await world.of_jan() == events
        assert await world.archive_all() == 0
        assert await world.of_jan() == events
        assert await world.findings() == []

    async def test_events_that_a_failover_brings_back_are_archived_once(self, world: AuditWorld) -> None:
        archiving, events = await world.begin(), await world.record(2)
        dump = await world.client.dump(JANS_LANE)
        assert (await archiving.move([JANS_LANE])).archived == 2
        assert dump is not None
        await world.client.restore(JANS_LANE, 0, dump, replace=True)
        events = await world.record(1, first=2) + events
        assert (await archiving.move([JANS_LANE])).archived == 1
        assert await world.of_jan() == events

    async def test_events_of_nobody_are_archived_once_too(self, world: AuditWorld) -> None:
        event = an_event(None, operation="PutHCParty")
        await world.trail.record(event)
        dump = await world.client.dump(lane_of("PutHCParty"))
        await world.archive_all()
        assert dump is not None
        await world.client.restore(lane_of("PutHCParty"), 0, dump, replace=True)
        assert await world.archive_all() == 0

    async def test_a_second_archiver_cannot_break_the_chain(self, world: AuditWorld) -> None:
        events, (first, second) = await world.record(3), [await world.begin(), await world.begin()]
        assert (await first.move([JANS_LANE])).archived == 3
        events = await world.record(2, first=3) + events
        with pytest.raises(ArchiveMovedError):
            await second.move([JANS_LANE])
        assert await world.archive_all() == 2
        assert await world.of_jan() == events
        assert await world.findings() == []

    async def test_two_archivers_at_the_same_moment_archive_everything_once(self, world: AuditWorld) -> None:
        events = await world.record(200)

        async def insist() -> None:
            while (await world.lanes.waiting()).events:
                try:
                    await world.archive_all()
                except ArchiveMovedError:
                    continue

        await asyncio.gather(insist(), insist())
        assert await world.of_jan() == events
        assert await world.findings() == []

    async def test_what_was_altered_in_the_store_is_kept_told_of_and_shown_to_nobody(self, world: AuditWorld) -> None:
        (event,) = await world.record(1)
        await world.lanes.write("x", Written(SEALER.patient_mark(JAN), b"nonsense"))
        assert await world.archive_all() == 2
        assert await world.of_jan() == [event]
        (finding,) = await world.findings()
        assert "had been changed before" in finding

    async def test_another_archive_than_the_one_before_is_refused(self, world: AuditWorld, tmp_path: Path) -> None:
        await world.record(1)
        await world.archive_all()
        async with AuditWorld.open(_url_of(world), f"sqlite:///{tmp_path}/other.sqlite") as other:
            with pytest.raises(WrongArchiveError):
                await other.begin()
            await world.notes.forget_head()
            await other.begin()


class TestBackups:
    async def test_what_waited_is_restored_and_archived_once(self, world: AuditWorld, tmp_path: Path) -> None:
        events, file = await world.record(3), tmp_path / "backup"
        with written(file) as opened:
            await BackingUp(world.client, pseudonyms=PSEUDONYMS).run(opened, lambda *_: None)
        await world.archive_all()
        await world.client.flushall()
        assert await world.of_jan() == events
        await Restoring(world.client, pseudonyms=PSEUDONYMS).run(read(file), lambda *_: None)
        assert (await world.lanes.waiting()).events == 3
        assert await world.of_jan() == events
        assert await world.archive_all() == 0
        assert await world.findings() == []

    async def test_whose_turn_it_is_is_in_no_backup(self, world: AuditWorld, tmp_path: Path) -> None:
        file = tmp_path / "backup"
        assert await world.notes.take_turn("us", seconds=60)
        await world.notes.note_head(b"head")
        with written(file) as opened:
            await BackingUp(world.client, pseudonyms=PSEUDONYMS).run(opened, lambda *_: None)
        assert [frame.key for frame in read(file).frames()] == [keys.AUDIT_HEAD.encode()]


def _url_of(world: AuditWorld) -> str:
    path = world.client.connection_pool.connection_kwargs["path"]
    return f"unix://{path}"


class TestFinding:
    async def test_pages_are_cut_from_the_archive_and_what_waits_together(self, world: AuditWorld) -> None:
        events = await world.record(7)
        await world.archive_all()
        late = an_event(JAN, at=FIRST + timedelta(minutes=2, seconds=30))
        await world.trail.record(late)
        events = await world.record(3, first=7) + events
        events.insert(events.index(an_event(JAN, at=FIRST + timedelta(minutes=2))), late)
        for size in (1, 2, 4, 20):
            parts = [PageRequest(first, size) for first in range(1, 12, size)]
            pages = [await world.trail.find(AuditQuery(patient=JAN), part) for part in parts]
            assert [event for page in pages for event in page.events] == events
            assert {page.total for page in pages} == {11}

    async def test_each_part_of_a_query_is_heeded_wherever_the_event_is(self, world: AuditWorld) -> None:
        nurse = a_person(OTHER_GP_NIHII, profession="persnurse")
        events = {
            "plain": an_event(JAN),
            "document": an_event(JAN, document="D1"),
            "refused": an_event(JAN, outcome=Outcome.REFUSED),
            "list": an_event(JAN, operation="GetTransactionList"),
            "glass": an_event(JAN, break_the_glass="unconscious patient"),
            "nurse": an_event(JAN, parties=(nurse,)),
            "of mila": an_event(MILA),
            "next day": an_event(JAN, at=datetime(2026, 11, 21, 23, 30, tzinfo=UTC)),
        }
        document = events["document"].transaction
        assert document is not None
        day = date(2026, 11, 21)
        wanted = [
            (AuditQuery(patient=MILA), {"of mila"}),
            (AuditQuery(patient=JAN, transaction=document.id), {"document"}),
            (AuditQuery(patient=JAN, outcomes=frozenset({Outcome.REFUSED})), {"refused"}),
            (AuditQuery(patient=JAN, operations=frozenset({"GetTransactionList"})), {"list"}),
            (AuditQuery(patient=JAN, broke_the_glass=True), {"glass"}),
            (AuditQuery(actor=Subject(SubjectKind.NIHII, OTHER_GP_NIHII[:8])), {"nurse"}),
            (AuditQuery(actor=Subject(SubjectKind.NIHII, HOSPITAL_NIHII)), set(events) - {"nurse"}),
            (AuditQuery(patient=MILA, actor=Subject(SubjectKind.NIHII, GP_NIHII[:8])), {"of mila"}),
            (AuditQuery(patient=JAN, begin=day + timedelta(days=1)), {"next day"}),
            (AuditQuery(patient=JAN, end=day), set(events) - {"next day", "of mila"}),
        ]
        for event in events.values():
            await world.trail.record(event)
        for _ in ("waiting", "archived"):
            for query, names in wanted:
                page = await world.trail.find(query, EVERYTHING)
                assert {name for name, event in events.items() if event in page.events} == names
                assert page.total == len(names)
            await world.archive_all()

    async def test_a_person_without_a_practice_number_is_found_by_his_national_number(self, world: AuditWorld) -> None:
        event = an_event(JAN, parties=(_with_inss(MILA.digits),))
        await world.trail.record(event)
        await world.archive_all()
        page = await world.trail.find(AuditQuery(actor=Subject(SubjectKind.INSS, MILA.digits)), EVERYTHING)
        assert list(page.events) == [event]

    async def test_broken_glass_is_found_of_everybody_by_its_index(self, world: AuditWorld) -> None:
        broken = an_event(MILA, break_the_glass="Inconscient, aux urgences")
        for event in (an_event(JAN), broken):
            await world.trail.record(event)
        query = AuditQuery(broke_the_glass=True, of_everybody=True)
        assert (await world.trail.find(query, EVERYTHING)).events == [broken]
        await world.archive_all()
        page = await world.trail.find(query, EVERYTHING)
        assert (page.events, page.total) == ([broken], 1)
        if not world.database.is_partitioned:
            selection = Selection.of(query, MAKER)
            wanted = select(EVENTS.c.moment).where(*selection.clauses())
            statement = wanted.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
            async with world.database.reading() as connection:
                plan = (await connection.execute(text(f"EXPLAIN QUERY PLAN {statement}"))).all()
            assert "audit_event_broke_the_glass" in str(plan)

    async def test_events_wait_under_both_pseudonyms_of_a_patient(self, world: AuditWorld) -> None:
        older = await world.record(1)
        following = Pseudonyms(b"n" * 32, key_id="k2")
        world.pseudonyms = Pseudonyms(b"n" * 32, key_id="k2", previous=PSEUDONYMS)
        newer = await world.record(1, first=1)
        assert await world.of_jan() == newer + older
        world.pseudonyms = Pseudonyms(b"k" * 32, key_id="k1", following=following)
        assert await world.of_jan() == newer + older


def _with_inss(digits: str) -> HcParty:
    party = a_person()
    return replace(party, ids=(Id("INSS", "1.0", digits),))


async def test_a_database_that_is_not_there_is_said_to_be_unavailable(postgres: PostgresServer, redis_url: str) -> None:
    async with AuditWorld.open(redis_url, postgres.url.replace("/postgres?", "/nothing?")) as world:
        with pytest.raises(ArchiveUnavailableError, match="InvalidCatalogNameError"):
            await world.archive.ends()
        with pytest.raises(HubError) as refused:
            await world.of_jan()
        assert refused.value.reason is Reason.AUDIT_UNAVAILABLE


async def test_the_database_holds_nobodys_number(world: AuditWorld) -> None:
    await world.trail.record(an_event(JAN, parties=(_with_inss(MILA.digits),), document="D1"))
    await world.archive_all()
    rows = [row async for row in world.archive.rows(after=0, until=9)]
    shown = repr(rows)
    assert not any(digits in shown for digits in (JAN.digits, MILA.digits))
