"""The archive as a process opens it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.engine import URL

from hub.archive.audit_archive import AuditArchive
from hub.archive.chain import Chain
from hub.archive.database import Database
from hub.ports.runtime import Clock


@asynccontextmanager
async def open_archive(place: URL, *, patience: float, secret: bytes, clock: Clock) -> AsyncIterator[AuditArchive]:
    """The archive at a place, which is reached when it is first used; closed at the end.

    The database may take `patience` seconds to answer; `secret` is that of the index.
    """
    async with Database.open(place, patience=patience) as database:
        yield AuditArchive(database, chain=Chain(secret), clock=clock)
