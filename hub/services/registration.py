"""Patients and care parties: what is registered of them."""

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id, Patient
from hub.ports.registries import PartyRegistry, PatientRegistry, RegisteredParty


class Registration:
    """Reads and writes the registries."""

    def __init__(self, *, patients: PatientRegistry, parties: PartyRegistry) -> None:
        self._patients, self._parties = patients, parties

    async def put_patient(self, patient: Patient) -> Patient:
        """Register a patient, or replace what was registered; the patient as it is now."""
        await self._patients.put(patient)
        return patient

    async def patient(self, ssin: Ssin) -> Patient:
        """A patient. Raises HubError (patient-unknown)."""
        found = await self._patients.get(ssin)
        if found is None:
            raise HubError(Reason.PATIENT_UNKNOWN, where="select/patient")
        return found

    async def put_party(self, party: RegisteredParty) -> RegisteredParty:
        """Register a care party, or replace what was registered; the party as it is now."""
        await self._parties.put(party)
        return party

    async def party(self, ids: tuple[Id, ...]) -> RegisteredParty:
        """A care party by one of its identifiers. Raises HubError (party-unknown)."""
        found = await self._parties.get(ids)
        if found is None:
            raise HubError(Reason.PARTY_UNKNOWN, where="select/hcparty")
        return found
