"""Audit events written to their lanes, for what changes nothing else in the store."""

from redis.asyncio import Redis

from hub.domain.audit import AuditEvent
from hub.storage.index_secrets import IndexSecrets
from hub.storage.lane_store import LaneStore


class RedisAuditRecorder:
    """Implements `hub.ports.audit_trail.AuditRecorder`."""

    def __init__(self, client: Redis, *, secrets: IndexSecrets) -> None:
        self._lanes, self._pseudonyms, self._events = LaneStore(client), secrets.pseudonyms, secrets.events

    async def record(self, event: AuditEvent) -> None:
        """See the port."""
        tag = self._pseudonyms.of(event.patient.digits) if event.patient else event.origin.operation
        await self._lanes.write(tag, self._events.written(event))
