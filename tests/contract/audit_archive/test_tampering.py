"""Nobody changes an archived event unnoticed, on both databases; what retention removes is no gap."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from hub.archive.archiving import WrongArchiveError
from hub.storage.audit_lanes import lane_of
from tests.audit_world import PSEUDONYMS, AuditWorld
from tests.builders import JAN

JANS_LANE = lane_of(PSEUDONYMS.of(JAN.digits))


class TestTampering:
    @pytest.fixture
    async def filled(self, world: AuditWorld) -> AuditWorld:
        """Nine events in three months, with the sequence numbers 1 to 9."""
        for month in (11, 12):
            world.clock.moment = datetime(2026, month, 1, tzinfo=UTC)
            await world.record(3, first=month * 10)
            await world.archive_all()
        world.clock.moment = datetime(2027, 1, 1, tzinfo=UTC)
        await world.record(3, first=200)
        await world.archive_all()
        return world

    async def test_an_archive_that_nobody_touched_is_whole(self, filled: AuditWorld) -> None:
        assert await filled.findings() == []

    @pytest.mark.parametrize(
        "change",
        [
            "moment = moment + 1",
            "patient = NULL",
            "actor = NULL",
            "organisation = '71999833'",
            "operation = 'GetPatient'",
            "outcome = 'refused'",
            "broke_the_glass = TRUE",
            "sealed = digest",
            "document = digest",
            "actor_inss = digest",
        ],
    )
    async def test_a_changed_column_is_found(self, filled: AuditWorld, change: str) -> None:
        await filled.tamper(f"UPDATE audit_event SET {change} WHERE sequence = 5")
        (finding,) = await filled.findings()
        assert finding.startswith("5: was changed")

    async def test_a_changed_digest_is_found(self, filled: AuditWorld) -> None:
        await filled.tamper("UPDATE audit_event SET digest = sealed WHERE sequence = 5")
        assert (await filled.findings())[0].startswith("5: was changed")

    async def test_a_deleted_event_is_found(self, filled: AuditWorld) -> None:
        await filled.tamper("DELETE FROM audit_event WHERE sequence = 5")
        assert await filled.findings() == ["5: is missing"]

    async def test_a_deleted_month_is_found(self, filled: AuditWorld) -> None:
        await filled.tamper("DELETE FROM audit_event WHERE month = 202612")
        assert await filled.findings() == ["4 to 6: are missing"]

    async def test_a_deleted_beginning_is_found(self, filled: AuditWorld) -> None:
        await filled.tamper("DELETE FROM audit_event WHERE sequence <= 2")
        assert await filled.findings() == ["1 to 2: are missing"]

    async def test_a_moved_start_is_found(self, filled: AuditWorld) -> None:
        await filled.tamper(
            "DELETE FROM audit_event WHERE sequence < 2",
            "UPDATE audit_chain SET sequence = 2, digest = (SELECT digest FROM audit_event WHERE sequence = 2) "
            "WHERE name = 'start'",
            "DELETE FROM audit_event WHERE sequence = 2",
        )
        assert (await filled.findings())[0].startswith("an end of the chain was changed")

    async def test_two_that_were_swapped_are_found(self, filled: AuditWorld) -> None:
        await filled.tamper(
            "UPDATE audit_event SET sequence = 99 WHERE sequence = 4",
            "UPDATE audit_event SET sequence = 4 WHERE sequence = 5",
            "UPDATE audit_event SET sequence = 5 WHERE sequence = 99",
        )
        found = await filled.findings()
        assert [finding[:2] for finding in found[:2]] == ["4:", "5:"]

    async def test_an_inserted_event_is_found(self, filled: AuditWorld) -> None:
        names = "moment, patient, operation, outcome, broke_the_glass, sealed, digest"
        await filled.tamper(
            f"INSERT INTO audit_event (sequence, month, {names}) "
            f"SELECT 5, 202701, {names} FROM audit_event WHERE sequence = 1"
        )
        assert any(finding.startswith("5: is there more than once") for finding in await filled.findings())

    async def test_an_event_behind_the_end_is_found(self, filled: AuditWorld) -> None:
        names = "moment, patient, operation, outcome, broke_the_glass, sealed, digest"
        await filled.tamper(
            f"INSERT INTO audit_event (sequence, month, {names}) "
            f"SELECT 10, 202701, {names} FROM audit_event WHERE sequence = 1"
        )
        assert await filled.findings() == ["10: was added behind the end of the chain"]

    async def test_a_month_in_the_place_of_another_is_found(self, filled: AuditWorld) -> None:
        copied = "moment, patient, operation, outcome, broke_the_glass, sealed, digest"
        await filled.tamper(
            "DELETE FROM audit_event WHERE month = 202612",
            f"INSERT INTO audit_event (sequence, month, {copied}) "
            f"SELECT sequence + 3, 202612, {copied} FROM audit_event WHERE month = 202611",
        )
        assert (await filled.findings())[0].startswith("4: was changed")

    async def test_a_cut_tail_is_found_by_what_the_store_knows(self, filled: AuditWorld) -> None:
        noted = (await filled.archive.ends()).head.digest
        await filled.tamper("DELETE FROM audit_event WHERE sequence > 7")
        assert await filled.findings() == ["8 to 9: are missing", "8 to 9: are missing, as the store knows"]
        await filled.notes.forget_head()
        assert (await filled.findings(noted))[-1].startswith("the digest that was noted elsewhere")

    async def test_a_tail_that_was_cut_with_its_end_is_found(self, world: AuditWorld) -> None:
        await world.record(2)
        await world.archive_all()
        earlier = (await world.archive.ends()).head
        seal = (await _seal_of_head(world)).hex()
        await world.record(2, first=2)
        await world.archive_all()
        as_bytes = "'\\x%s'" if world.database.is_partitioned else "x'%s'"
        await world.tamper(
            "DELETE FROM audit_event WHERE sequence > 2",
            f"UPDATE audit_chain SET sequence = 2, horizon = {earlier.horizon}, "
            f"digest = {as_bytes % earlier.digest.hex()}, seal = {as_bytes % seal} WHERE name = 'head'",
        )
        assert await world.findings() == ["3 to 4: are missing, as the store knows"]
        with pytest.raises(WrongArchiveError):
            await world.begin()

    async def test_a_digest_that_was_noted_is_found_again(self, filled: AuditWorld) -> None:
        noted = (await filled.archive.ends()).head.digest
        await filled.record(1, first=300)
        await filled.archive_all()
        assert await filled.findings(noted) == []


async def _seal_of_head(world: AuditWorld) -> bytes:
    async with world.database.reading() as connection:
        return bytes(await connection.scalar(text("SELECT seal FROM audit_chain WHERE name = 'head'")))


class TestRetention:
    async def test_whole_months_are_dropped_and_the_chain_starts_behind_them(self, world: AuditWorld) -> None:
        for month in (1, 2, 3):
            world.clock.moment = datetime(2026, month, 15, tzinfo=UTC)
            await world.record(2, first=month * 10)
            await world.archive_all()
        world.clock.moment = datetime(2027, 3, 1, tzinfo=UTC)
        assert await world.archive.drop_old(months=12) == 4
        assert len(await world.of_jan()) == 2
        assert await world.findings() == []
        assert await world.archive.drop_old(months=12) == 0

    async def test_a_chain_goes_on_when_everything_was_dropped(self, world: AuditWorld) -> None:
        await world.record(2)
        await world.archive_all()
        world.clock.moment += timedelta(days=800)
        assert await world.archive.drop_old(months=12) == 2
        assert await world.findings() == []
        await world.record(1)
        await world.archive_all()
        assert await world.findings() == []

    async def test_a_clock_that_was_set_back_leaves_the_months_in_order(self, world: AuditWorld) -> None:
        await world.record(1)
        await world.archive_all()
        world.clock.moment -= timedelta(days=60)
        await world.record(1, first=1)
        await world.archive_all()
        assert [row.month async for row in world.archive.rows(after=0, until=9)] == [202611, 202611]
