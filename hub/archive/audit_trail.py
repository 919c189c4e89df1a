"""The audit trail: written to the lanes, read from what waits there and from the archive."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.asyncio import Redis

from hub.archive.audit_archive import AuditArchive
from hub.archive.columns import ColumnMaker
from hub.archive.database import ArchiveUnavailableError
from hub.archive.selection import Selection
from hub.archive.tables import Columns
from hub.domain.audit import AuditEvent
from hub.domain.errors import HubError, Reason
from hub.domain.search import PageRequest
from hub.ports.audit_trail import AuditPage, AuditQuery
from hub.storage.audit_lanes import AlteredError
from hub.storage.audit_recorder import RedisAuditRecorder
from hub.storage.index_secrets import IndexSecrets
from hub.storage.lane_store import LaneStore


class RedisAuditTrail:
    """Implements `hub.ports.audit_trail.AuditTrail`."""

    def __init__(self, client: Redis, *, secrets: IndexSecrets, archive: AuditArchive) -> None:
        self._recorder, self._lanes = RedisAuditRecorder(client, secrets=secrets), LaneStore(client)
        self._pseudonyms, self._sealer, self._archive = secrets.pseudonyms, secrets.events, archive
        self._columns = ColumnMaker(secrets.events)

    async def record(self, event: AuditEvent) -> None:
        """See the port."""
        await self._recorder.record(event)

    async def find(self, query: AuditQuery, page: PageRequest) -> AuditPage:
        """See the port."""
        selection = Selection.of(query, self._columns)
        # The lanes first: what is moved meanwhile is then seen twice and counted once, never missed.
        waiting = [columns for columns in await self._waiting(query) if selection.fits(columns)]
        first = page.first - 1
        begin = max(0, first - len(waiting))
        try:
            found = await self._archive.page(selection.clauses(), range(begin, first + page.size), beside=waiting)
        except ArchiveUnavailableError as error:
            raise HubError(Reason.AUDIT_UNAVAILABLE, where="archive") from error
        new = [columns for columns in waiting if columns.sealed not in found.known]
        # What waits moves what the archive has by as many places at most: the page is among these. Of one moment what
        # came last stands first, as in the archive.
        rows = sorted((*reversed(new), *found.columns), key=lambda columns: columns.moment, reverse=True)
        events = [self._event(columns) for columns in rows[first - begin : first - begin + page.size]]
        return AuditPage(events, found.total + len(new))

    async def _waiting(self, query: AuditQuery) -> list[Columns]:
        if query.patient is None:
            everything = [entry.written async for entries in self._lanes.all_entries() for entry in entries]
        else:
            live = filter(None, (self._pseudonyms, self._pseudonyms.previous, self._pseudonyms.following))
            tags = [pseudonyms.of(query.patient.digits) for pseudonyms in live]
            everything = await self._lanes.of_patient(tags, self._sealer.patient_mark(query.patient))
        with _readable():
            return [self._columns.of_written(written) for written in everything]

    def _event(self, columns: Columns) -> AuditEvent:
        with _readable():
            return self._columns.event(columns)


@contextmanager
def _readable() -> Iterator[None]:
    """Turns what cannot be read into HubError (audit-unavailable): a part of a trail is not shown as the whole."""
    try:
        yield
    except (AlteredError, ValueError) as error:
        raise HubError(Reason.AUDIT_UNAVAILABLE, where="sealed event") from error
