"""PutHCPartyConsent, GetHCPartyConsent, RevokeHCPartyConsent."""

from hub.services.party_consents import PartyConsents
from hub.web.soap.calls import Answer, Call
from hub.wire.hubservices.party_consents import read_party_consent, write_party_consent
from hub.wire.hubservices.requests import read_party_select


class PartyConsentHandlers:
    """The operations on the consent of care parties."""

    def __init__(self, *, consents: PartyConsents) -> None:
        self._consents = consents

    async def put_hc_party_consent(self, call: Call) -> Answer:
        """Say that a care party takes part."""
        await self._consents.give(call.context, read_party_consent(call.message))
        return Answer()

    async def get_hc_party_consent(self, call: Call) -> Answer:
        """The last consent of a care party; nothing where there was never one."""
        party = read_party_select(call.message)
        consent = await self._consents.of(call.context, party)
        return Answer(write_party_consent(party, consent) if consent else b"")

    async def revoke_hc_party_consent(self, call: Call) -> Answer:
        """Say that a care party does not take part any more."""
        await self._consents.revoke(call.context, read_party_consent(call.message))
        return Answer()
