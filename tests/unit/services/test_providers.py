"""Registrations of care providers as the staff handles them, on a registry in memory and a scripted directory."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest

from hub.domain.audit import AuditEvent, Outcome
from hub.domain.errors import HubError, Reason
from hub.domain.parties import HcParty
from hub.domain.providers import DirectoryFinding, Provider, RegistrationState, Wait
from hub.domain.search import PageRequest
from hub.ports.providers import DirectoryEntry
from hub.services import providers as module
from hub.services.attempts import Attempts
from hub.services.auditing import Auditing
from hub.services.permissions import NothingPermitted
from hub.services.providers import ProviderRegistrations
from hub.storage.memory import MemoryProviderRegistry
from tests.builders import GP_NIHII, HOSPITAL_NIHII, OTHER_GP_NIHII
from tests.fakes.directories import ScriptedDirectory
from tests.fakes.providers import GP, HOSPITAL, NOON, OTHER_GP, POLICY

STAFF = (HcParty(ids=(), cds=(), name="Agnès Exemple"),)
KNOWN = {
    GP.value: DirectoryEntry("persphysician", is_valid=True),
    HOSPITAL.value: DirectoryEntry("orghospital", is_valid=True),
}


class Noon:
    """It is always noon, and every id is the same."""

    def now(self) -> datetime:
        return NOON

    def new_id(self) -> str:
        return "01HZZZZZZZZZZZZZZZZZZZZZZZ"


@dataclass
class Trail:
    """Implements `hub.ports.audit_trail.AuditRecorder`."""

    events: list[AuditEvent] = field(default_factory=list)

    async def record(self, event: AuditEvent) -> None:
        self.events.append(event)


class Desk:
    """The service, and what stands behind it."""

    def __init__(self, *, has_directory: bool = True) -> None:
        self.registry, self.trail = MemoryProviderRegistry(), Trail()
        self.directory = ScriptedDirectory(dict(KNOWN))
        self.service = ProviderRegistrations(
            registry=self.registry,
            attempts=Attempts(permissions=NothingPermitted(), auditing=Auditing(clock=Noon()), trail=self.trail),
            directory=self.directory if has_directory else None,
            policy=POLICY,
            clock=Noon(),
            ids=Noon(),
        )

    async def register(self, number: str = GP_NIHII, profession: str = "persphysician") -> Provider:
        return await self.service.register(STAFF, number, profession, guarantor="league")


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def found(desk: Desk) -> DirectoryFinding:
    """What an application notes of the directory."""
    registration = (await desk.register()).registration
    assert registration is not None
    return registration.directory


async def test_what_the_directory_says_is_noted(desk: Desk) -> None:
    assert await found(desk) is DirectoryFinding.VALID
    assert await found(Desk(has_directory=False)) is DirectoryFinding.NOT_ASKED
    for entry, finding in (
        (None, DirectoryFinding.NOT_FOUND),
        (DirectoryEntry("persdentist", is_valid=True), DirectoryFinding.OTHER_PROFESSION),
        (DirectoryEntry("persphysician", is_valid=False), DirectoryFinding.LICENCE_ENDED),
    ):
        other = Desk()
        other.directory.entries = {GP.value: entry} if entry else {}
        assert await found(other) is finding


@pytest.mark.parametrize("reason", [Reason.SOURCE_UNAVAILABLE, Reason.SOURCE_TOO_LATE, Reason.SOURCE_ANSWER])
async def test_a_directory_that_is_silent_or_talks_nonsense_leaves_it_to_the_staff(desk: Desk, reason: Reason) -> None:
    desk.directory.refuses = reason
    registration = (await desk.register()).registration
    assert registration is not None
    assert registration.directory is DirectoryFinding.UNAVAILABLE
    assert registration.waits_for == {Wait.GUARANTOR, Wait.VALIDATION}


async def test_who_waits_for_validation_is_looked_up_again(desk: Desk) -> None:
    desk.directory.refuses = Reason.SOURCE_UNAVAILABLE
    for number in (GP_NIHII, OTHER_GP_NIHII):
        await desk.register(number)
    assert await desk.service.validate_waiting(STAFF) == 0
    desk.directory.refuses = None
    await desk.service.approve(STAFF, GP_NIHII, guarantor="league")
    assert await desk.service.validate_waiting(STAFF) == 2
    assert await desk.service.validate_waiting(STAFF) == 0
    known = await desk.registry.get([GP, OTHER_GP])
    assert known[GP].state is RegistrationState.APPROVED
    registration = known[OTHER_GP].registration
    assert registration is not None
    assert registration.directory is DirectoryFinding.NOT_FOUND


async def test_the_queue_is_read_whole_and_told_by_guarantor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 1)
    for number in (GP_NIHII, OTHER_GP_NIHII):
        await desk.register(number)
    waiting = await desk.service.waiting_for_guarantors()
    assert {key: {each.subject for each in providers} for key, providers in waiting.items()} == {
        "league": {GP, OTHER_GP}
    }
    assert (await desk.service.pending(PageRequest(size=1))).total == 2
    await desk.service.approve(STAFF, GP_NIHII)
    await desk.service.refuse(STAFF, OTHER_GP_NIHII, remark="no member")
    assert await desk.service.waiting_for_guarantors() == {}
    assert {each.subject async for each in desk.service.everybody()} == {GP, OTHER_GP}


async def test_an_organisation_vouches_once_it_is_approved(desk: Desk) -> None:
    with pytest.raises(HubError) as caught:
        await desk.service.register(STAFF, GP_NIHII, "persphysician", organisation=HOSPITAL_NIHII)
    assert caught.value.reason is Reason.GUARANTOR
    await desk.service.register(STAFF, HOSPITAL_NIHII, "orghospital")
    done = await desk.service.register(STAFF, GP_NIHII, "persphysician", organisation=HOSPITAL_NIHII)
    assert done.state is RegistrationState.APPROVED


async def test_every_change_and_every_refusal_leaves_an_event(desk: Desk) -> None:
    await desk.register()
    await desk.service.approve(STAFF, GP_NIHII, guarantor="league")
    await desk.service.suspend(STAFF, GP_NIHII, remark="asked for")
    assert [(event.origin.operation, event.outcome, event.details) for event in desk.registry.events] == [
        (
            "RegisterProvider",
            Outcome.GRANTED,
            {"profession": "persphysician", "guarantor": "league", "directory": "valid"},
        ),
        ("ApproveProvider", Outcome.GRANTED, {"guarantor": "league"}),
        ("SuspendProvider", Outcome.GRANTED, {"remark": "asked for"}),
    ]
    assert {event.actor.parties for event in desk.registry.events} == {STAFF}
    assert {event.subject[0].number for event in desk.registry.events} == {GP.value}
    with pytest.raises(HubError):
        await desk.service.refuse(STAFF, GP_NIHII)
    with pytest.raises(HubError):
        await desk.service.approve(STAFF, OTHER_GP_NIHII)
    assert [(event.origin.operation, event.outcome, event.reason) for event in desk.trail.events] == [
        ("RefuseProvider", Outcome.REFUSED, "registration-state"),
        ("ApproveProvider", Outcome.REFUSED, "party-unknown"),
    ]


@pytest.mark.parametrize("number", ["", "19990117004", "1999011", "1990000728", "45123199772", "19990116 004"])
async def test_a_number_that_is_none_is_refused(desk: Desk, number: str) -> None:
    with pytest.raises(HubError) as caught:
        await desk.register(number)
    assert caught.value.reason is Reason.PARTY_NUMBER
