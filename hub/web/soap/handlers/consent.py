"""PutPatientConsent, GetPatientConsent, RevokePatientConsent."""

from hub.services.consents import Consents
from hub.web.soap.calls import Answer, Call
from hub.wire.hubservices.consents import read_consent, read_consent_select, write_consent
from hub.wire.kmehr.persons import unnamed_patient


class ConsentHandlers:
    """The operations on the consent of patients."""

    def __init__(self, *, consents: Consents) -> None:
        self._consents = consents

    async def put_patient_consent(self, call: Call) -> Answer:
        """Give consent; to give it again is no failure."""
        patient, statement = read_consent(call.message)
        await self._consents.give(call.context, unnamed_patient(patient), statement)
        return Answer()

    async def get_patient_consent(self, call: Call) -> Answer:
        """The consent that stands, or else the one that was withdrawn last; without any there is none in the answer."""
        patient, kinds = read_consent_select(call.message)
        found = await self._consents.consent(call.context, patient, kinds)
        return Answer(write_consent(patient, found.consent, with_author=found.tells_by_whom) if found else b"")

    async def revoke_patient_consent(self, call: Call) -> Answer:
        """Withdraw consent; to withdraw what is not there is no failure."""
        await self._consents.withdraw(call.context, *read_consent(call.message))
        return Answer()
