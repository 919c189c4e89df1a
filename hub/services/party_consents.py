"""PutHCPartyConsent, GetHCPartyConsent, RevokeHCPartyConsent: who takes part, by his own will."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from hub.domain.audit import Actor, AuditEvent, Outcome
from hub.domain.consent import PartyConsent
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Kind, Reason
from hub.domain.parties import HcParty, Id
from hub.domain.party_consents import PartyConsentStatement, give_consent, may_speak_for, revoke_consent
from hub.domain.providers import Provider
from hub.domain.recorded import Recorded
from hub.domain.subjects import Subject, subject_named
from hub.ports.audit_trail import AuditRecorder
from hub.ports.providers import ProviderRegistry
from hub.ports.runtime import Clock

_FAILURES = (Kind.UNAVAILABLE, Kind.TOO_LATE)


class PartyConsents:
    """Reads and changes the consents of care parties; `hub` is the number of this hub.

    Methods raise HubError: party-number, not-yours, content (a day that cannot be), index-unavailable and busy. Every
    attempt leaves an audit event.
    """

    def __init__(self, *, registry: ProviderRegistry, trail: AuditRecorder, clock: Clock, hub: str) -> None:
        self._registry, self._trail, self._clock, self._hub = registry, trail, clock, hub

    async def give(self, context: RequestContext, statement: PartyConsentStatement) -> None:
        """Give consent; where it stands already nothing changes. One that ends in the same breath is refused."""
        async with self._attempt(context, statement.party) as (event, recorded):
            if statement.revoked_on is not None:
                raise HubError(
                    Reason.CONTENT, where="consent/revokedate", limit="no day: RevokeHCPartyConsent ends a consent"
                )
            subject = subject_named(statement.party, where="consent/hcparty")

            def rule(before: Provider | None) -> Provider:
                self._require(context, subject, before)
                return give_consent(before, subject, statement.signed_on, recorded)

            await self._registry.change(subject, rule, event)

    async def revoke(self, context: RequestContext, statement: PartyConsentStatement) -> None:
        """End the consent; where there is none nothing changes."""
        async with self._attempt(context, statement.party) as (event, recorded):
            subject = subject_named(statement.party, where="consent/hcparty")

            def rule(before: Provider | None) -> Provider | None:
                self._require(context, subject, before)
                return revoke_consent(before, statement.revoked_on, recorded)

            await self._registry.change(subject, rule, event)

    async def of(self, context: RequestContext, party: Sequence[Id]) -> PartyConsent | None:
        """The last consent of a care party, standing or revoked; None when it never gave any."""
        async with self._attempt(context, party) as (event, _):
            subject = subject_named(party, where="select/hcparty")
            provider = (await self._registry.get([subject])).get(subject)
            self._require(context, subject, provider)
            await self._trail.record(event)
            return provider.consent if provider else None

    def _require(self, context: RequestContext, subject: Subject, provider: Provider | None) -> None:
        if not may_speak_for(context.requester, subject, provider, hub=self._hub):
            raise HubError(Reason.NOT_YOURS)

    @asynccontextmanager
    async def _attempt(
        self, context: RequestContext, party: Sequence[Id]
    ) -> AsyncIterator[tuple[AuditEvent, Recorded]]:
        """The event of an attempt that is granted; a refusal is recorded here."""
        now, requester = self._clock.now(), context.requester
        identity = requester.identity
        event = AuditEvent(
            at=now,
            origin=context.origin,
            actor=Actor(
                parties=requester.parties,
                quality=identity.quality if identity else "",
                certificate=identity.certificate if identity else "",
                token=identity.token_id if identity else "",
            ),
            outcome=Outcome.GRANTED,
            subject=(HcParty(ids=tuple(party), cds=()),),
        )
        try:
            yield event, Recorded(now, requester.parties)
        except HubError as error:
            if error.kind not in _FAILURES:
                await self._trail.record(replace(event, outcome=Outcome.REFUSED, reason=error.reason.value))
            raise
