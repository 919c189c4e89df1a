"""PutHCPartyConsent, GetHCPartyConsent, RevokeHCPartyConsent over SOAP; answers are checked against the schema."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from redis.asyncio import Redis

from hub.domain.audit import AuditEvent
from hub.domain.parties import Code, HcParty, Id
from hub.runtime import BelgianClock
from hub.storage import keys
from hub.storage.audit_lanes import EVENT, PATIENT, EventSealer, Written
from hub.wire.namespaces import CORE
from tests.builders import GP_NIHII, JAN, OTHER_GP_NIHII, a_hospital, a_person
from tests.contract.rotating import connected
from tests.integration.served_hub import SECRET, ServedHub, served_hub

TODAY = BelgianClock().now().date()
HUB = HcParty(ids=(Id("ID-HCPARTY", "1.0", "1990000728"),), cds=(Code("CD-HCPARTY", "1.16", "hub"),), name="Personeel")
GP_ID = f'<id S="ID-HCPARTY" SV="1.0">{GP_NIHII}</id>'


@pytest.fixture
async def hub(redis_url: str, tmp_path: Path) -> AsyncIterator[ServedHub]:
    async with served_hub(redis_url, tmp_path, allowed=()) as hub:
        yield hub


def consent(ids: str = GP_ID, *, signed: object = TODAY, revoked: object = None) -> str:
    """A consent of the family doctor, or of whom the ids name."""
    days = f"<signdate>{signed}</signdate>" if signed else ""
    days += f"<revokedate>{revoked}</revokedate>" if revoked else ""
    return f"<consent><hcparty>{ids}</hcparty>{days}</consent>"


def select(ids: str = GP_ID) -> str:
    return f"<select><hcparty>{ids}</hcparty></select>"


async def told(hub: ServedHub, *asking: HcParty, ids: str = GP_ID) -> dict[str, str | None] | None:
    """The days that GetHCPartyConsent tells, and who gave the consent; None when there is none."""
    reply = (await hub.client(*(asking or (a_person(),))).call("GetHCPartyConsent", select(ids))).accepted()
    assert reply.message is not None
    found = reply.message.find(f"{{{CORE}}}consent")
    if found is None:
        return None
    return {name: found.findtext(f"{{{CORE}}}{name}") for name in ("signdate", "revokedate")}


async def events(redis_url: str) -> list[AuditEvent]:
    """Everything in the lanes."""
    sealer = EventSealer(SECRET.value)
    async with connected(redis_url) as client:
        lanes = [key async for key in client.scan_iter(match=keys.audit_lane("*"))]
        entries = [
            entry
            for lane in lanes
            for entry in cast("list[tuple[bytes, dict[bytes, bytes]]]", await client.xrange(lane))
        ]
    return sorted(
        (sealer.read(Written(fields[PATIENT], fields[EVENT])) for _, fields in entries), key=lambda event: event.at
    )


async def test_a_care_party_gives_and_ends_its_consent(hub: ServedHub) -> None:
    assert await told(hub) is None
    for _ in range(2):
        (await hub.doctor.call("PutHCPartyConsent", consent())).accepted()
    assert await told(hub) == {"signdate": f"{TODAY}", "revokedate": None}
    for _ in range(2):
        (await hub.doctor.call("RevokeHCPartyConsent", consent(revoked=TODAY))).accepted()
    assert await told(hub) == {"signdate": f"{TODAY}", "revokedate": f"{TODAY}"}
    (await hub.doctor.call("PutHCPartyConsent", consent())).accepted()
    assert await told(hub) == {"signdate": f"{TODAY}", "revokedate": None}


async def test_days_that_are_not_stated_are_today(hub: ServedHub) -> None:
    (await hub.doctor.call("PutHCPartyConsent", consent(signed=None))).accepted()
    (await hub.doctor.call("RevokeHCPartyConsent", consent(signed=None))).accepted()
    assert await told(hub) == {"signdate": f"{TODAY}", "revokedate": f"{TODAY}"}


async def test_there_may_be_nothing_to_revoke(hub: ServedHub) -> None:
    (await hub.doctor.call("RevokeHCPartyConsent", consent(revoked=TODAY))).accepted()
    assert await told(hub) is None


async def test_the_practice_prefix_of_a_number_is_what_counts(hub: ServedHub) -> None:
    (await hub.doctor.call("PutHCPartyConsent", consent())).accepted()
    assert await told(hub, ids=f'<id S="ID-HCPARTY" SV="1.0">{GP_NIHII[:8]}</id>') is not None


@pytest.mark.parametrize(
    "asking",
    [(a_person(),), (a_hospital(), a_person()), (HUB,)],
    ids=["itself", "its organisation", "the staff of the hub"],
)
async def test_who_speaks_for_a_care_party(hub: ServedHub, asking: tuple[HcParty, ...]) -> None:
    caller = hub.client(*asking)
    (await caller.call("PutHCPartyConsent", consent())).accepted()
    assert await told(hub, *asking) is not None
    (await caller.call("RevokeHCPartyConsent", consent(revoked=TODAY))).accepted()


OTHER_HUB = HcParty(ids=(Id("ID-HCPARTY", "1.0", "1990999927"),), cds=HUB.cds, name="Ander")


@pytest.mark.parametrize(
    "asking",
    [(a_person(OTHER_GP_NIHII),), (a_hospital(),), (OTHER_HUB,), (OTHER_HUB, a_person())],
    ids=["a colleague", "another organisation", "another hub", "another hub for its user"],
)
async def test_nobody_else_does(hub: ServedHub, asking: tuple[HcParty, ...], redis_url: str) -> None:
    (await hub.doctor.call("PutHCPartyConsent", consent())).accepted()
    for operation, content in (
        ("PutHCPartyConsent", consent()),
        ("GetHCPartyConsent", select()),
        ("RevokeHCPartyConsent", consent(revoked=TODAY)),
    ):
        reply = await hub.client(*asking).call(operation, content)
        assert [error.code for error in reply.errors] == ["not-yours"]
    assert await told(hub) == {"signdate": f"{TODAY}", "revokedate": None}
    assert [(event.origin.operation, event.outcome, event.reason) for event in await events(redis_url)] == [
        ("PutHCPartyConsent", "granted", ""),
        ("PutHCPartyConsent", "refused", "not-yours"),
        ("GetHCPartyConsent", "refused", "not-yours"),
        ("RevokeHCPartyConsent", "refused", "not-yours"),
        ("GetHCPartyConsent", "granted", ""),
    ]


async def test_an_event_says_who_asked_and_about_whom(hub: ServedHub, redis_url: str) -> None:
    (await hub.client(a_hospital(), a_person()).call("PutHCPartyConsent", consent())).accepted()
    (event,) = await events(redis_url)
    assert event.actor.parties[:2] == (a_hospital(), a_person())
    assert event.subject == (HcParty(ids=(Id("ID-HCPARTY", "1.0", GP_NIHII),), cds=()),)
    assert event.patient is None


INSS = f'<id S="INSS" SV="1.0">{JAN.digits}</id>'


@pytest.mark.parametrize(
    ("operation", "content", "code", "where"),
    [
        ("PutHCPartyConsent", consent('<id S="ID-HCPARTY" SV="1.0">1999011600</id>'), "party-number", "consent"),
        ("PutHCPartyConsent", consent('<id S="ID-HCPARTY" SV="1.0">19990117004</id>'), "party-number", "consent"),
        ("PutHCPartyConsent", consent('<id S="LOCAL" SL="x" SV="1.0">1</id>'), "party-number", "consent"),
        ("PutHCPartyConsent", consent(INSS + INSS.replace(JAN.digits, "12123199886")), "party-number", "consent"),
        ("GetHCPartyConsent", select('<id S="INSS" SV="1.0">45123199773</id>'), "party-number", "select"),
        ("PutHCPartyConsent", consent(signed=TODAY + timedelta(days=9)), "content", "consent/signdate"),
        ("PutHCPartyConsent", consent(signed="12026-01-01"), "content", "consent/signdate"),
        ("PutHCPartyConsent", consent(revoked=TODAY), "content", "consent/revokedate"),
        ("RevokeHCPartyConsent", consent(revoked=TODAY + timedelta(days=9)), "content", "consent/revokedate"),
        ("RevokeHCPartyConsent", consent(revoked="-0044-03-15"), "content", "consent/revokedate"),
    ],
)
async def test_bad_input_is_refused_and_says_where(
    hub: ServedHub, operation: str, content: str, code: str, where: str
) -> None:
    reply = await hub.doctor.call(operation, content)
    assert [error.code for error in reply.errors] == [code]
    assert reply.errors[0].where.startswith(where)
    assert JAN.digits not in hub.log.getvalue()


async def test_an_end_before_the_beginning_is_refused(hub: ServedHub) -> None:
    (await hub.doctor.call("PutHCPartyConsent", consent())).accepted()
    reply = await hub.doctor.call("RevokeHCPartyConsent", consent(revoked=TODAY - timedelta(days=1)))
    assert [(error.code, error.where) for error in reply.errors] == [("content", "consent/revokedate")]


async def test_without_an_audit_trail_nothing_leaves(hub: ServedHub, redis_url: str) -> None:
    (await hub.doctor.call("PutHCPartyConsent", consent())).accepted()
    async with Redis.from_url(redis_url) as client:
        await client.execute_command("ACL", "SETUSER", "default", "-xadd")  # type: ignore[no-untyped-call]
        try:
            replies = [
                await hub.doctor.call("GetHCPartyConsent", select()),
                await hub.doctor.call("RevokeHCPartyConsent", consent(revoked=TODAY)),
            ]
        finally:
            await client.execute_command("ACL", "SETUSER", "default", "+xadd")  # type: ignore[no-untyped-call]
    # A change and its event are one script: that it cannot be stored is all that is known of it.
    codes = [error.code for reply in replies for error in reply.errors]
    assert codes == ["audit-unavailable", "index-unavailable"]
    assert await told(hub) == {"signdate": f"{TODAY}", "revokedate": None}
