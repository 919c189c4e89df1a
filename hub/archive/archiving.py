"""The road of audit events from their lanes into the archive (docs/adr/0012-audit-lanes.md).

A batch is taken out of its lanes only when the database has it. After a crash between the two it is met again, and
known by what it is sealed as: no two events are sealed as the same bytes. That is looked up only for entries that came
before the horizon, the latest arrival that the archive had seen when this process began, or that stand before one of
their lane that it has archived since (a failover may bring back what was removed). All others are new.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, Self

from hub.archive.audit_archive import AuditArchive
from hub.archive.chain import pack_end, read_end
from hub.archive.columns import ALTERED, ColumnMaker
from hub.archive.tables import End
from hub.storage.archive_notes import ArchiveNotes
from hub.storage.lane_store import LANES_AT_ONCE, Entry, LaneStore

_BATCH = 1024
"""Events, about, and twice as many at most: neither the store nor the database is held up."""


class WrongArchiveError(Exception):
    """The archive does not hold what was archived before: it is another one, or has been cut."""


class Batch(NamedTuple):
    """What became of some lanes: events archived, those of them that could not be read, the lanes where more waits."""

    archived: int
    altered: int
    more: Sequence[str]


class Archiving:
    """Moves events. Whatever is raised, begin again with another one of these.

    Raises HubError (audit-unavailable), ArchiveUnavailableError, ArchiveMovedError when somebody else archives too,
    WrongArchiveError, and ValueError for events of a later format.
    """

    def __init__(
        self, lanes: LaneStore, *, archive: AuditArchive, notes: ArchiveNotes, maker: ColumnMaker, head: End
    ) -> None:
        self._lanes, self._archive, self._notes, self._maker = lanes, archive, notes, maker
        self._head, self._horizon = head, head.horizon
        self._reached: dict[str, tuple[int, int]] = {}

    @classmethod
    async def begin(cls, lanes: LaneStore, *, archive: AuditArchive, notes: ArchiveNotes, maker: ColumnMaker) -> Self:
        """Go on where the archive ends, after a look whether that is where it ended."""
        noted = await notes.head()
        if noted is not None and not await archive.holds(read_end(noted)):
            raise WrongArchiveError
        ends = await archive.ends()
        return cls(lanes, archive=archive, notes=notes, maker=maker, head=ends.head)

    async def move(self, some: Sequence[str]) -> Batch:
        """Archive the first events of some lanes."""
        entries, more = await self._first_of(some)
        if not entries:
            return Batch(0, 0, more)
        events = [self._maker.of_written(entry.written) for entry in entries]
        doubtful = [event for event, entry in zip(events, entries, strict=True) if self._may_be_known(entry)]
        known = await self._archive.known(doubtful) if doubtful else frozenset()
        new = [event for event in events if event.sealed not in known]
        if new:
            arrived = max(entry.arrived for entry in entries)
            self._head = await self._archive.append(new, behind=self._head, horizon=arrived)
            await self._notes.note_head(pack_end(self._head))
        self._reached |= {entry.lane: entry.place for entry in entries}
        await self._lanes.remove(entries)
        return Batch(len(new), sum(event.outcome == ALTERED for event in new), more)

    def _may_be_known(self, entry: Entry) -> bool:
        return entry.arrived <= self._horizon or entry.place <= self._reached.get(entry.lane, (0, 0))

    async def _first_of(self, some: Sequence[str]) -> tuple[list[Entry], Sequence[str]]:
        """About a batch of entries, and the lanes to look into next."""
        of_each = max(1, _BATCH // min(len(some), LANES_AT_ONCE))
        entries: list[Entry] = []
        for at in range(0, len(some), LANES_AT_ONCE):
            if len(entries) >= _BATCH:
                return entries, (*some[at:], *_full(entries, of_each))
            entries += await self._lanes.entries(some[at : at + LANES_AT_ONCE], of_each=of_each)
        return entries, _full(entries, of_each)


def _full(entries: Sequence[Entry], of_each: int) -> list[str]:
    """The lanes that gave as many as they were asked for."""
    return [lane for lane, number in Counter(entry.lane for entry in entries).items() if number == of_each]
