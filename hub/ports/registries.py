"""Patients and care parties the hub knows."""

from dataclasses import dataclass
from typing import Protocol

from hub.domain.audit import AuditEvent
from hub.domain.identifiers import Ssin
from hub.domain.parties import HcParty, Id, Patient


class PatientRegistry(Protocol):
    """The patients. Methods raise HubError (index-unavailable) when the store cannot be reached."""

    async def get(self, ssin: Ssin) -> Patient | None:
        """The patient, or None."""
        ...

    async def put(self, patient: Patient, event: AuditEvent) -> None:
        """Register the patient, or replace what was registered, and keep the event with it."""
        ...


@dataclass(frozen=True, slots=True)
class RegisteredParty:
    """A care party with the moment it was recorded, as put (an XML Schema dateTime)."""

    party: HcParty
    recorddatetime: str


class PartyRegistry(Protocol):
    """The care parties. Methods raise HubError (index-unavailable) when the store cannot be reached."""

    async def get(self, ids: tuple[Id, ...]) -> RegisteredParty | None:
        """The party that has one of these identifiers; the first that is known counts."""
        ...

    async def put(self, party: RegisteredParty) -> None:
        """Register the party under each of its identifiers, or replace what was registered there."""
        ...
