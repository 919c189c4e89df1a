"""Audit events in their lanes, on a real Redis and on a real cluster."""

import pytest

from hub.domain.audit import AuditEvent
from hub.domain.errors import HubError, Reason
from hub.storage.audit_lanes import AlteredError, lane_of
from hub.storage.connection import connect
from hub.storage.lane_store import LaneStore
from tests.audit_world import PSEUDONYMS, SEALER
from tests.builders import JAN, MILA, an_event

TAG = PSEUDONYMS.of(JAN.digits)


async def waiting(lanes: LaneStore) -> list[AuditEvent]:
    """What waits of Jan."""
    return [SEALER.read(written) for written in await lanes.of_patient([TAG], SEALER.patient_mark(JAN))]


@pytest.mark.parametrize("server", ["redis_url", "cluster_url"])
class TestServers:
    async def test_an_event_waits_in_the_lane_of_its_patient(self, server: str, request: pytest.FixtureRequest) -> None:
        async with connect(request.getfixturevalue(server), timeout=5, connections=2) as client:
            lanes, event = LaneStore(client), an_event(JAN)
            await lanes.write(TAG, SEALER.written(event))
            await lanes.write(TAG, SEALER.written(an_event(MILA)))
            assert await waiting(lanes) == [event]

    async def test_everything_that_waits_is_found_and_counted(
        self, server: str, request: pytest.FixtureRequest
    ) -> None:
        async with connect(request.getfixturevalue(server), timeout=5, connections=2) as client:
            lanes = LaneStore(client)
            for number in range(40):
                await lanes.write(f"tag {number % 20}", SEALER.written(an_event(None)))
            found = [entry async for entries in lanes.all_entries(of_each=1) for entry in entries]
            assert len(found) == len({entry.written.sealed for entry in found}) == 40
            assert (await lanes.waiting()).events == 40
            await lanes.remove(found)
            assert await lanes.waiting() == (0, 0)


async def test_a_long_lane_is_read_to_its_end(redis_url: str) -> None:
    async with connect(redis_url, timeout=5, connections=2) as client:
        lanes, written = LaneStore(client), SEALER.written(an_event(JAN))
        async with client.pipeline(transaction=False) as pipeline:
            for _ in range(2001):
                pipeline.xadd(lane_of(TAG), {"p": written.mark, "e": written.sealed})
            await pipeline.execute()
        assert len(await waiting(lanes)) == 2001


async def test_an_event_that_cannot_be_kept_is_refused_as_such() -> None:
    async with connect("redis://127.0.0.1:1", timeout=0.2, connections=2) as client:
        with pytest.raises(HubError) as refused:
            await LaneStore(client).write(TAG, SEALER.written(an_event(JAN)))
    assert refused.value.reason is Reason.AUDIT_UNAVAILABLE


async def test_an_event_that_was_altered_in_its_lane_is_not_believed(redis_url: str) -> None:
    async with connect(redis_url, timeout=5, connections=2) as client:
        lanes, written = LaneStore(client), SEALER.written(an_event(JAN))
        await lanes.write(TAG, written._replace(sealed=written.sealed[:-1] + b"?"))
        with pytest.raises(AlteredError):
            await waiting(lanes)
