"""PutPatient, GetPatient, PutHCParty, GetHCParty."""

from hub.ports.registries import RegisteredParty
from hub.services.registration import Registration
from hub.web.soap.calls import Answer, Call
from hub.wire.hubservices.requests import read_party, read_party_select, read_patient_part, read_patient_select
from hub.wire.hubservices.responses import write_party, write_patient


class RegistrationHandlers:
    """The operations on the registries of patients and care parties."""

    def __init__(self, *, registration: Registration) -> None:
        self._registration = registration

    async def put_patient(self, call: Call) -> Answer:
        """Register a patient, or replace what was registered."""
        return Answer(
            write_patient(await self._registration.put_patient(call.context, read_patient_part(call.message)))
        )

    async def get_patient(self, call: Call) -> Answer:
        """What is registered of a patient."""
        return Answer(write_patient(await self._registration.patient(call.context, read_patient_select(call.message))))

    async def put_hc_party(self, call: Call) -> Answer:
        """Register a care party, or replace what was registered."""
        party = await self._registration.put_party(call.context, RegisteredParty(*read_party(call.message)))
        return Answer(write_party(party.party, party.recorddatetime))

    async def get_hc_party(self, call: Call) -> Answer:
        """What is registered of a care party."""
        party = await self._registration.party(call.context, read_party_select(call.message))
        return Answer(write_party(party.party, party.recorddatetime))
