"""The database of the archive: a SQLite file, or PostgreSQL with a partition for each month."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from hub.archive.tables import EVENTS, METADATA

_MONTHS_AHEAD = 3
_CHANGES = "hub_changes"
_PREPARING = 0x487562  # any number that nobody else locks


class ArchiveUnavailableError(Exception):
    """The database cannot be reached or does not do what it is told; the text names no row."""


class Database:
    """Transactions on the archive. What fails in them is raised as ArchiveUnavailableError."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.is_partitioned = engine.dialect.name == "postgresql"
        self._reading = engine.execution_options(isolation_level="REPEATABLE READ") if self.is_partitioned else engine
        self._changing = engine.execution_options(**{_CHANGES: True})

    @classmethod
    @asynccontextmanager
    async def open(cls, place: URL, *, patience: float) -> AsyncIterator["Database"]:
        """The database at an `address`; nothing is connected to before it is used. It may take `patience` seconds."""
        engine = _engine(place, patience)
        try:
            yield cls(engine)
        finally:
            await engine.dispose()

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed at the end."""
        with _translated():
            async with self._changing.begin() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one moment."""
        with _translated():
            async with self._reading.connect() as connection:
                yield connection

    @asynccontextmanager
    async def preparing(self, month: int) -> AsyncIterator[AsyncConnection]:
        """A transaction that creates what is missing: the tables, and the partitions of a month and the next ones."""
        file = self._changing.url.database
        if not self.is_partitioned and file:
            with _translated():
                await asyncio.to_thread(_create, Path(file))
        async with self.changing() as connection:
            if self.is_partitioned:
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_PREPARING})"))
            await connection.run_sync(METADATA.create_all)
            if self.is_partitioned:
                for ahead in range(_MONTHS_AHEAD + 1):
                    await connection.execute(text(_partition(months_after(month, ahead))))
            yield connection


def months_after(month: int, number: int) -> int:
    """Some months after one like 202611; before it when the number is negative."""
    year, at = divmod(month // 100 * 12 + month % 100 - 1 + number, 12)
    return year * 100 + at + 1


def partition_name(month: int) -> str:
    """The table that has the events of a month, in PostgreSQL."""
    return f"{EVENTS.name}_{int(month)}"


def _partition(month: int) -> str:
    return f"CREATE TABLE IF NOT EXISTS {partition_name(month)} PARTITION OF {EVENTS.name} FOR VALUES IN ({int(month)})"


def _create(file: Path) -> None:
    """An empty file for its owner only, unless there is one."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)


def _engine(place: URL, patience: float) -> AsyncEngine:
    if place.get_backend_name() == "postgresql":
        waits: dict[str, Any] = {"timeout": patience, "command_timeout": patience}
        return create_async_engine(
            place, connect_args=waits, pool_pre_ping=True, pool_timeout=patience, hide_parameters=True
        )
    engine = create_async_engine(place, connect_args={"timeout": patience}, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: object) -> None:  # noqa: ANN401 - of the driver, which has no type
        connection.isolation_level = None  # the driver begins no transactions; `begun` does
        for setting in ("journal_mode = WAL", "synchronous = FULL"):
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA {setting}")
            cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Any) -> None:  # noqa: ANN401 - see above
        # Whoever is going to write waits for his turn first: a reader cannot become a writer behind another's back.
        changes = connection.get_execution_options().get(_CHANGES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if changes else "BEGIN")

    return engine


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        seen: BaseException = getattr(error, "orig", None) or error
        raise ArchiveUnavailableError(type(seen.__cause__ or seen).__name__) from error
