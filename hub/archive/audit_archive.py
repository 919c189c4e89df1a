"""The archive: events are put behind the others, found again, and dropped by whole months when they are old.

Several may append: the end of the chain is moved only from where it was when the rows were computed, so the second
finds it elsewhere (ArchiveMovedError), and nothing of his is kept.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, select, text, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.archive.chain import Chain
from hub.archive.database import ArchiveUnavailableError, Database, months_after, partition_name
from hub.archive.tables import ENDS, EVENTS, HEAD, START, Columns, End, Row
from hub.ports.runtime import Clock

_ROWS_AT_ONCE = 2000
_KNOWN_AT_ONCE = 500
_NAMES = Columns._fields


class ArchiveMovedError(Exception):
    """Somebody else has appended meanwhile."""


class Ends(NamedTuple):
    """Both ends of the chain, and whether their seals are ours."""

    start: End
    head: End
    are_sealed: bool


class Page(NamedTuple):
    """Events of the archive, newest first; how many there are in all; which of some given ones it has."""

    columns: Sequence[Columns]
    total: int
    known: frozenset[bytes]


class AuditArchive:
    """The archive. Methods raise ArchiveUnavailableError when the database cannot be used."""

    def __init__(self, database: Database, *, chain: Chain, clock: Clock) -> None:
        self._database, self._chain, self._clock = database, chain, clock
        self._prepared_for = 0

    async def ends(self) -> Ends:
        """Where the chain starts and ends."""
        await self._prepare()
        async with self._database.reading() as connection:
            return await self._ends(connection)

    async def append(self, events: Sequence[Columns], *, behind: End, horizon: int) -> End:
        """Put events behind the end that is known; the new end, once they are on disk.

        `horizon` is the latest moment at which one of them came into its lane. Raises ArchiveMovedError.
        """
        await self._prepare()
        month = max(self._month(), behind.month)
        rows = self._chain.rows(events, behind=behind, month=month)
        head = End(rows[-1].sequence, month, max(horizon, behind.horizon), rows[-1].digest)
        async with self._database.changing() as connection:
            await self._move(connection, HEAD, behind, head)
            await connection.exec_driver_sql(_insertion(connection), [_as_stored(row) for row in rows])
        return head

    async def known(self, events: Sequence[Columns]) -> frozenset[bytes]:
        """Which of these the archive has already, as what they are sealed as."""
        await self._prepare()
        async with self._database.reading() as connection:
            return await self._known(connection, events)

    async def page(self, clauses: Collection[ColumnElement[bool]], rows: range, *, beside: Sequence[Columns]) -> Page:
        """Some of the events that fit, and which of those `beside` it has, all of one moment."""
        await self._prepare()
        fit = and_(true(), *clauses)
        wanted = select(*(EVENTS.c[name] for name in _NAMES)).where(fit)
        wanted = wanted.order_by(EVENTS.c.moment.desc(), EVENTS.c.sequence.desc())
        async with self._database.reading() as connection:
            known = await self._known(connection, beside)
            total = await connection.scalar(select(func.count()).select_from(EVENTS).where(fit))
            found = await connection.execute(wanted.offset(rows.start).limit(len(rows)))
            return Page([Columns(*row) for row in found], total or 0, known)

    async def rows(self, *, after: int, until: int) -> AsyncIterator[Row]:
        """The rows with these sequence numbers, as they are stored, in their order."""
        columns = (EVENTS.c.sequence, EVENTS.c.month, *(EVENTS.c[name] for name in _NAMES), EVENTS.c.digest)
        place = (after, 0)
        while True:
            wanted = select(*columns).where(_is_behind(place), EVENTS.c.sequence <= until)
            wanted = wanted.order_by(EVENTS.c.sequence, EVENTS.c.month).limit(_ROWS_AT_ONCE)
            async with self._database.reading() as connection:
                found = [_row(tuple(one)) for one in await connection.execute(wanted)]
            for row in found:
                yield row
                place = (row.sequence, row.month)
            if len(found) < _ROWS_AT_ONCE:
                return

    async def behind_the_head(self) -> int | None:
        """The first sequence number behind the end of the chain, where nothing should be."""
        head = select(ENDS.c.sequence).where(ENDS.c.name == HEAD).scalar_subquery()
        async with self._database.reading() as connection:
            found: int | None = await connection.scalar(
                select(func.min(EVENTS.c.sequence)).where(EVENTS.c.sequence > head)
            )
            return found

    async def holds(self, end: End) -> bool:
        """Whether the chain goes through an end that was noted, or has been dropped as far as there."""
        ends = await self.ends()
        if end.sequence <= ends.start.sequence:
            return end.sequence < ends.start.sequence or end.digest == ends.start.digest
        async with self._database.reading() as connection:
            digests = await connection.scalars(select(EVENTS.c.digest).where(EVENTS.c.sequence == end.sequence))
            return end.digest in digests.all()

    async def drop_old(self, *, months: int) -> int:
        """Drop the months that are older than so many; how many events that were. Raises ArchiveMovedError."""
        await self._prepare()
        first_kept, dropped = months_after(self._month(), -months), 0
        while True:
            start = (await self.ends()).start
            async with self._database.changing() as connection:
                last = (await connection.execute(_last_of_oldest(first_kept))).first()
                if last is None:
                    return dropped
                end = End(last.sequence, last.month, 0, last.digest)
                await self._move(connection, START, start, end)
                await self._drop(connection, end)
            dropped += end.sequence - start.sequence

    async def _drop(self, connection: AsyncConnection, end: End) -> None:
        if self._database.is_partitioned:
            await connection.execute(text(f"DROP TABLE {partition_name(end.month)}"))
        else:
            await connection.execute(delete(EVENTS).where(EVENTS.c.sequence <= end.sequence))

    async def _move(self, connection: AsyncConnection, name: str, known: End, to: End) -> None:
        """Move an end of the chain from where it is known to be. Raises ArchiveMovedError."""
        statement = update(ENDS).where(
            ENDS.c.name == name, ENDS.c.sequence == known.sequence, ENDS.c.digest == known.digest
        )
        moved = await connection.execute(statement.values(self._stored_end(name, to)))
        if moved.rowcount != 1:
            raise ArchiveMovedError

    async def _known(self, connection: AsyncConnection, events: Sequence[Columns]) -> frozenset[bytes]:
        found: set[bytes] = set()
        for at in range(0, len(events), _KNOWN_AT_ONCE):
            part = events[at : at + _KNOWN_AT_ONCE]
            of_patients = {(one.patient, one.moment) for one in part if one.patient is not None}
            of_nobody = {one.moment for one in part if one.patient is None}
            for fit in (
                tuple_(EVENTS.c.patient, EVENTS.c.moment).in_(of_patients),
                and_(EVENTS.c.patient.is_(None), EVENTS.c.moment.in_(of_nobody)),
            ):
                found.update((await connection.scalars(select(EVENTS.c.sealed).where(fit))).all())
        return frozenset(found.intersection(one.sealed for one in events))

    async def _prepare(self) -> None:
        """Once a month, and when it is used for the first time."""
        month = self._month()
        if self._prepared_for == month:
            return
        async with self._database.preparing(month) as connection:
            there = set((await connection.scalars(select(ENDS.c.name))).all())
            for name in {START, HEAD} - there:
                await connection.execute(insert(ENDS).values(self._stored_end(name, self._chain.beginning)))
        self._prepared_for = month

    async def _ends(self, connection: AsyncConnection) -> Ends:
        found = {row.name: row for row in await connection.execute(select(ENDS))}
        try:
            ends = {name: End(*(getattr(found[name], part) for part in End._fields)) for name in (START, HEAD)}
        except KeyError as error:
            raise ArchiveUnavailableError("an end of the chain is missing") from error
        are_sealed = all(self._chain.seal(name, end) == found[name].seal for name, end in ends.items())
        return Ends(ends[START], ends[HEAD], are_sealed)

    def _stored_end(self, name: str, end: End) -> dict[str, Any]:
        return {"name": name, **end._asdict(), "seal": self._chain.seal(name, end)}

    def _month(self) -> int:
        now = self._clock.now()
        return now.year * 100 + now.month


def _insertion(connection: AsyncConnection) -> str:
    """The statement as its driver has it: with names and types of columns for each row it costs half as much again."""
    return str(insert(EVENTS).compile(dialect=connection.dialect))


def _as_stored(row: Row) -> tuple[Any, ...]:
    """In the order of the table's columns."""
    return (row.sequence, row.month, *row.columns, row.digest)


def _row(found: tuple[Any, ...]) -> Row:
    return Row(found[0], found[1], Columns(*found[2:-1]), found[-1])


def _is_behind(place: tuple[int, int]) -> ColumnElement[bool]:
    sequence, month = place
    return (EVENTS.c.sequence > sequence) | ((EVENTS.c.sequence == sequence) & (EVENTS.c.month > month))


def _last_of_oldest(first_kept: int) -> Select[Any]:
    """The last event of the oldest month there is, when it is older than the first that is kept."""
    oldest = select(func.min(EVENTS.c.month)).where(EVENTS.c.month < first_kept).scalar_subquery()
    return (
        select(EVENTS.c.sequence, EVENTS.c.month, EVENTS.c.digest)
        .where(EVENTS.c.month == oldest)
        .order_by(EVENTS.c.sequence.desc())
        .limit(1)
    )
