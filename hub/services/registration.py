"""Patients and care parties: what is registered of them."""

from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id, Patient
from hub.ports.registries import PartyRegistry, PatientRegistry, RegisteredParty
from hub.services.attempts import Attempts, Matter, named_party


class Registration:
    """Reads and writes the registries."""

    def __init__(self, *, patients: PatientRegistry, parties: PartyRegistry, attempts: Attempts) -> None:
        self._patients, self._parties, self._attempts = patients, parties, attempts

    async def put_patient(self, context: RequestContext, patient: Patient) -> Patient:
        """Register a patient, or replace what was registered; the patient as it is now."""
        async with self._attempts.attempt(context, Matter(patient=patient.ssin)) as attempt:
            await self._patients.put(patient, attempt.granted())
        return patient

    async def patient(self, context: RequestContext, ssin: Ssin) -> Patient:
        """A patient. Raises HubError (patient-unknown)."""
        async with self._attempts.attempt(context, Matter(patient=ssin)) as attempt:
            found = await self._patients.get(ssin)
            if found is None:
                raise HubError(Reason.PATIENT_UNKNOWN, where="select/patient")
            await attempt.answer(1)
        return found

    async def put_party(self, context: RequestContext, party: RegisteredParty) -> RegisteredParty:
        """Register a care party, or replace what was registered; the party as it is now."""
        async with self._attempts.attempt(context, Matter(subject=(party.party,))) as attempt:
            await attempt.answer(1)
            await self._parties.put(party)
        return party

    async def party(self, context: RequestContext, ids: tuple[Id, ...]) -> RegisteredParty:
        """A care party by one of its identifiers. Raises HubError (party-unknown)."""
        async with self._attempts.attempt(context, Matter(subject=named_party(ids))) as attempt:
            found = await self._parties.get(ids)
            if found is None:
                raise HubError(Reason.PARTY_UNKNOWN, where="select/hcparty")
            await attempt.answer(1)
        return found
