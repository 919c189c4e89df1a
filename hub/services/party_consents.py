"""PutHCPartyConsent, GetHCPartyConsent, RevokeHCPartyConsent: who takes part, by his own will."""

from hub.domain.consent import PartyConsent
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.parties import Id
from hub.domain.party_consents import PartyConsentStatement, give_consent, may_speak_for, revoke_consent
from hub.domain.providers import Provider
from hub.domain.subjects import Subject, subject_named
from hub.ports.providers import ProviderRegistry
from hub.ports.runtime import Clock
from hub.services.attempts import Attempts, Matter, named_party
from hub.services.changes import recorded_by


class PartyConsents:
    """Reads and changes the consents of care parties; `hub` is the number of this hub.

    Methods raise HubError: party-number, not-yours, content (a day that cannot be), index-unavailable and busy. Every
    attempt leaves an audit event.
    """

    def __init__(self, *, registry: ProviderRegistry, attempts: Attempts, clock: Clock, hub: str) -> None:
        self._registry, self._attempts, self._clock, self._hub = registry, attempts, clock, hub

    async def give(self, context: RequestContext, statement: PartyConsentStatement) -> None:
        """Give consent; where it stands already nothing changes. One that ends in the same breath is refused."""
        async with self._attempts.attempt(context, _about(statement.party)) as attempt:
            if statement.revoked_on is not None:
                raise HubError(
                    Reason.CONTENT, where="consent/revokedate", limit="no such day for a consent that is given"
                )
            subject = subject_named(statement.party, where="consent/hcparty")
            recorded = recorded_by(context, self._clock.now())

            def rule(before: Provider | None) -> Provider:
                self._require(context, subject, before)
                return give_consent(before, subject, statement.signed_on, recorded)

            await self._registry.change(subject, rule, attempt.granted())

    async def revoke(self, context: RequestContext, statement: PartyConsentStatement) -> None:
        """End the consent; where there is none nothing changes."""
        async with self._attempts.attempt(context, _about(statement.party)) as attempt:
            subject = subject_named(statement.party, where="consent/hcparty")
            recorded = recorded_by(context, self._clock.now())

            def rule(before: Provider | None) -> Provider | None:
                self._require(context, subject, before)
                return revoke_consent(before, statement.revoked_on, recorded)

            await self._registry.change(subject, rule, attempt.granted())

    async def of(self, context: RequestContext, party: tuple[Id, ...]) -> PartyConsent | None:
        """The last consent of a care party, standing or revoked; None when it never gave any."""
        async with self._attempts.attempt(context, _about(party)) as attempt:
            subject = subject_named(party, where="select/hcparty")
            provider = (await self._registry.get([subject])).get(subject)
            self._require(context, subject, provider)
            consent = provider.consent if provider else None
            await attempt.answer(int(consent is not None))
            return consent

    def _require(self, context: RequestContext, subject: Subject, provider: Provider | None) -> None:
        if not may_speak_for(context.requester, subject, provider, hub=self._hub):
            raise HubError(Reason.NOT_YOURS)


def _about(party: tuple[Id, ...]) -> Matter:
    return Matter(subject=named_party(party))
