"""Audit events in their lanes, on a real Redis and on a real cluster."""

from typing import Any, cast

import pytest

from hub.domain.errors import HubError, Reason
from hub.storage.audit_lanes import EVENT, PATIENT, EventSealer, Written, lane_of
from hub.storage.audit_trail import AuditLanes
from hub.storage.connection import connect
from hub.storage.secrets import Pseudonyms
from tests.builders import JAN, an_event

PSEUDONYMS, SEALER = Pseudonyms(b"k" * 32, key_id="k1"), EventSealer(b"s" * 32)


@pytest.mark.parametrize("server", ["redis_url", "cluster_url"])
async def test_an_event_waits_in_the_lane_of_its_patient(server: str, request: pytest.FixtureRequest) -> None:
    async with connect(request.getfixturevalue(server), timeout=5, connections=2) as client:
        event = an_event(JAN)
        await AuditLanes(client, pseudonyms=PSEUDONYMS, sealer=SEALER).record(event)
        ((_, fields),) = cast("list[Any]", await client.xrange(lane_of(PSEUDONYMS.of(JAN.digits))))
    assert SEALER.read(Written(fields[PATIENT], fields[EVENT])) == event


async def test_an_event_that_cannot_be_kept_is_refused_as_such() -> None:
    async with connect("redis://127.0.0.1:1", timeout=0.2, connections=2) as client:
        with pytest.raises(HubError) as refused:
            await AuditLanes(client, pseudonyms=PSEUDONYMS, sealer=SEALER).record(an_event(JAN))
    assert refused.value.reason is Reason.AUDIT_UNAVAILABLE
