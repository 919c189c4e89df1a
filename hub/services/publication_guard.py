"""Stands before what publishers change: nothing is published without the patient's consent, or without a trace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from hub.domain.audit import AuditEvent, Outcome
from hub.domain.consent import standing
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.references import Change
from hub.ports.access_registry import AccessRegistry
from hub.ports.audit_trail import AuditRecorder
from hub.ports.reference_index import Witness
from hub.ports.runtime import Clock
from hub.services.auditing import Auditing, audited
from hub.services.lookup import TransactionLookup
from hub.services.national_facts import NationalFacts


class PublicationGuard:
    """Lets changes of the index through, and records those that it does not."""

    def __init__(
        self,
        *,
        registry: AccessRegistry,
        national: NationalFacts,
        trail: AuditRecorder,
        lookup: TransactionLookup,
        clock: Clock,
    ) -> None:
        self._registry, self._national, self._trail, self._lookup = registry, national, trail, lookup
        self._auditing = Auditing(clock=clock)

    @asynccontextmanager
    async def publishing(self, context: RequestContext, patient: Ssin) -> AsyncIterator[Witness]:
        """A publication: only with the patient's consent (consent-missing). Gives its witness."""
        async with self.changing(context, patient) as witness:
            word = await self._national.of(context, patient, ())
            if standing(word.merged(await self._registry.facts(patient, ())).consents) is None:
                raise HubError(Reason.CONSENT_MISSING, where="patient")
            yield witness

    @asynccontextmanager
    async def changing(self, context: RequestContext, patient: Ssin) -> AsyncIterator[Witness]:
        """Any other change of what is published. What goes wrong inside is recorded, then raised."""

        def witness(change: Change) -> AuditEvent:
            (local_id,) = self._lookup.ids_of(patient, [change.reference])
            transaction = audited(change.reference, local_id)
            return self._auditing.event(context, Outcome.GRANTED, patient=patient, transaction=transaction)

        try:
            yield witness
        except HubError as error:
            with suppress(HubError):
                await self._trail.record(self._auditing.ended(context, error, patient=patient))
            raise

    async def repeated(self, change: Change, witness: Witness) -> None:
        """Record a request that changed nothing because the same had been said before."""
        if change.is_empty:
            await self._trail.record(witness(change))
