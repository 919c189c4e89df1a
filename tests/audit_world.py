"""What tests of the audit trail share: a Redis, an archive, and everything between them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis
from sqlalchemy import text

from hub.archive.address import address
from hub.archive.archiving import Archiving
from hub.archive.audit_archive import AuditArchive
from hub.archive.audit_trail import RedisAuditTrail
from hub.archive.chain import Chain, read_end
from hub.archive.columns import ColumnMaker
from hub.archive.database import Database
from hub.archive.verification import Verification
from hub.domain.audit import AuditEvent
from hub.domain.search import PageRequest
from hub.ports.audit_trail import AuditQuery
from hub.storage.archive_notes import ArchiveNotes
from hub.storage.audit_lanes import EventSealer, lanes
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.lane_store import LaneStore
from hub.storage.secrets import Pseudonyms
from tests.builders import JAN, an_event

SECRET = b"s" * 32
PSEUDONYMS = Pseudonyms(b"k" * 32, key_id="k1")
SEALER, CHAIN, MAKER = EventSealer(SECRET), Chain(SECRET), ColumnMaker(EventSealer(SECRET))
FIRST = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
EVERYTHING = PageRequest(size=1000)


@dataclass
class SetClock:
    """A clock that stands where it is put."""

    moment: datetime = field(default=FIRST)

    def now(self) -> datetime:
        """See `hub.ports.runtime.Clock`."""
        return self.moment


@dataclass
class AuditWorld:
    """A store, an archive, and a trail over both."""

    client: Redis
    database: Database
    clock: SetClock
    pseudonyms: Pseudonyms = PSEUDONYMS

    def __post_init__(self) -> None:
        self.lanes, self.notes = LaneStore(self.client), ArchiveNotes(self.client)
        self.archive = AuditArchive(self.database, chain=CHAIN, clock=self.clock)

    @classmethod
    @asynccontextmanager
    async def open(cls, redis_url: str, archive_url: str) -> AsyncIterator["AuditWorld"]:
        """Both are closed at the end."""
        async with (
            connect(redis_url, timeout=5, connections=4) as client,
            Database.open(address(archive_url, password=None), patience=5) as database,
        ):
            yield cls(client, database, SetClock())

    @property
    def secrets(self) -> IndexSecrets:
        """The keys of the store."""
        return IndexSecrets.of(SECRET, self.pseudonyms)

    @property
    def trail(self) -> RedisAuditTrail:
        """As a worker has it."""
        return RedisAuditTrail(self.client, secrets=self.secrets, archive=self.archive)

    async def begin(self) -> Archiving:
        """An archiver that goes on where the last one ended."""
        return await Archiving.begin(self.lanes, archive=self.archive, notes=self.notes, maker=MAKER)

    async def archive_all(self) -> int:
        """Everything that waits goes into the archive; how many events that were."""
        archiving, archived = await self.begin(), 0
        some: Sequence[str] = lanes()
        while some:
            batch = await archiving.move(some)
            archived, some = archived + batch.archived, batch.more
        return archived

    async def record(self, number: int, *, first: int = 0) -> list[AuditEvent]:
        """So many events of one patient, a minute apart; newest first."""
        events = [an_event(JAN, at=FIRST + timedelta(minutes=at)) for at in range(first, first + number)]
        for event in events:
            await self.trail.record(event)
        return events[::-1]

    async def of_jan(self) -> Sequence[AuditEvent]:
        """His whole trail."""
        return (await self.trail.find(AuditQuery(patient=JAN), EVERYTHING)).events

    async def findings(self, digest: bytes | None = None) -> list[str]:
        """What is wrong with the archive."""
        noted = await self.notes.head()
        verification = Verification(self.archive, chain=CHAIN, noted=read_end(noted) if noted else None, digest=digest)
        return [finding async for finding in verification.findings()]

    async def tamper(self, *statements: str) -> None:
        """Change the database as somebody does who has its password."""
        async with self.database.changing() as connection:
            for statement in statements:
                await connection.execute(text(statement))
