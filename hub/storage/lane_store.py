"""Audit events in their lanes: written for what changes nothing else in the store, read until they are archived."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from redis.asyncio import Redis

from hub.domain.errors import HubError, Reason
from hub.storage.audit_lanes import EVENT, PATIENT, Written, lane_of, lanes
from hub.storage.cluster import ClusterClient
from hub.storage.connection import script, translated
from hub.storage.server import ONLY_READS

T = TypeVar("T")

LANES_AT_ONCE = 128
_OF_ONE_LANE = 1000
_REMOVED_AT_ONCE = 250


class Entry(NamedTuple):
    """An event in a lane, under its id there."""

    lane: str
    id: bytes
    written: Written

    @property
    def arrived(self) -> int:
        """When it got there, by the clock of the server, in milliseconds since 1970."""
        return self.place[0]

    @property
    def place(self) -> tuple[int, int]:
        """Its place in the lane: a later entry has a greater one."""
        milliseconds, _, number = self.id.partition(b"-")
        return int(milliseconds), int(number)


class Waiting(NamedTuple):
    """What waits in all lanes: how many events, and when the oldest came, in milliseconds since 1970 (0 for none)."""

    events: int
    since: int


class LaneStore:
    """Writes events to the lanes, and reads what waits there.

    Methods raise HubError (audit-unavailable) when the store cannot be reached.
    """

    def __init__(self, client: Redis) -> None:
        self._client, self._is_cluster = client, isinstance(client, ClusterClient)
        # Not to be confirmed by replicas: what comes back after a failover is known to be archived.
        self._leave = script(client, "leave_lanes", only_reads=True)

    async def write(self, tag: str, written: Written) -> None:
        """Keep an event in the slot of a hash tag; as durable as a change of the index."""
        await self._do("XADD", lane_of(tag), "*", PATIENT, written.mark, EVENT, written.sealed)

    async def of_patient(self, tags: Sequence[str], mark: bytes) -> list[Written]:
        """What waits of the patient with a mark, in the lanes of some hash tags."""
        found: list[Written] = []
        for lane in dict.fromkeys(map(lane_of, tags)):
            after = b"0"
            while entries := await self._read([lane], {lane: after}, _OF_ONE_LANE):
                found += [entry.written for entry in entries if entry.written.mark == mark]
                after = entries[-1].id
                if len(entries) < _OF_ONE_LANE:
                    break
        return found

    async def entries(self, some: Sequence[str], *, of_each: int) -> list[Entry]:
        """The first entries of up to `LANES_AT_ONCE` lanes, so many of each."""
        return await self._read(some, {}, of_each)

    async def all_entries(self, *, of_each: int = 8) -> AsyncIterator[list[Entry]]:
        """Everything that waits, in pieces."""
        for some in _groups_of_lanes():
            after: dict[str, bytes] = {}
            while entries := await self._read(some, after, of_each):
                yield entries
                after |= {entry.lane: entry.id for entry in entries}

    async def remove(self, entries: Sequence[Entry]) -> None:
        """Take entries out of their lanes."""
        if self._is_cluster:
            await self._each([("XDEL", entry.lane, entry.id) for entry in entries])
            return
        for at in range(0, len(entries), _REMOVED_AT_ONCE):
            some = entries[at : at + _REMOVED_AT_ONCE]
            with translated(Reason.AUDIT_UNAVAILABLE):
                await self._leave([entry.lane for entry in some], [entry.id for entry in some])

    async def waiting(self) -> Waiting:
        """How much waits, counted lane by lane."""
        events, oldest = 0, []
        for some in _groups_of_lanes():
            oldest += [entry.arrived for entry in await self._read(some, {}, 1)]
            events += sum(await self._each([("XLEN", lane) for lane in some]))
        return Waiting(events, min(oldest, default=0))

    async def _read(self, some: Sequence[str], after: Mapping[str, bytes], of_each: int) -> list[Entry]:
        """The first entries behind a place of each lane."""
        # On a cluster no command reads two lanes: they are in different slots, which is what they are for.
        parts = [[lane] for lane in some] if self._is_cluster else [some]
        answers = await self._each(
            [("XREAD", "COUNT", of_each, "STREAMS", *part, *(after.get(lane, b"0") for lane in part)) for part in parts]
        )
        return [
            Entry(lane.decode(), id_, Written(fields.get(PATIENT, b""), fields.get(EVENT, b"")))
            for answer in answers
            for lane, entries in answer or ()
            for id_, fields in entries
        ]

    async def _each(self, commands: Iterable[Sequence[Any]]) -> list[Any]:
        """The answers of commands that may be sent again, and that no replica has to confirm: they are sent at once."""
        return await _together(self._do(*command, **{ONLY_READS: True}) for command in commands)

    async def _do(self, *command: Any, **options: Any) -> Any:  # noqa: ANN401 - a command and its answer
        with translated(Reason.AUDIT_UNAVAILABLE):
            # The library's own methods put a command together at twice the cost.
            return await self._client.execute_command(*command, **options)  # type: ignore[no-untyped-call]  # not typed there


def _groups_of_lanes() -> list[list[str]]:
    """All lanes, in groups that are read together."""
    every = lanes()
    return [every[at : at + LANES_AT_ONCE] for at in range(0, len(every), LANES_AT_ONCE)]


async def _together(commands: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The answers of commands that are sent at once. Raises the HubError of one of them."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(command) for command in commands]
    except ExceptionGroup as errors:  # `except*` would wrap what is raised, before Python 3.11.4
        if not (found := errors.subgroup(HubError)):
            raise
        raise found.exceptions[0] from None
    return [task.result() for task in tasks]
