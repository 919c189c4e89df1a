"""Audit events written to their lanes, for what changes nothing else in the store."""

from redis.asyncio import Redis

from hub.domain.audit import AuditEvent
from hub.domain.errors import Reason
from hub.storage.audit_lanes import EVENT, PATIENT, EventSealer, lane_of
from hub.storage.connection import translated
from hub.storage.secrets import Pseudonyms


class AuditLanes:
    """Writes events to the lanes, and reads what waits there.

    Methods raise HubError (audit-unavailable) when the store cannot be reached.
    """

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms, sealer: EventSealer) -> None:
        self._client, self._pseudonyms, self._sealer = client, pseudonyms, sealer

    async def record(self, event: AuditEvent) -> None:
        """Keep an event; as durable as a change of the index."""
        tag = self._pseudonyms.of(event.patient.digits) if event.patient else event.origin.operation
        mark, sealed = self._sealer.written(event)
        with translated(Reason.AUDIT_UNAVAILABLE):
            # Its own method for this puts the command together at twice the cost.
            await self._client.execute_command(  # type: ignore[no-untyped-call]  # the library has no types here
                "XADD", lane_of(tag), "*", PATIENT, mark, EVENT, sealed
            )
