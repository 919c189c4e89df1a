"""Stands between callers and what the hub has: decides by the rules of access, and leaves a trace of every attempt.

Nothing leaves the hub before the audit trail has it; what is refused is recorded as well.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from hub.domain.access import Granted, decide
from hub.domain.access_facts import AccessFacts, ProviderStanding, Refused
from hub.domain.access_matrix import Level
from hub.domain.access_policy import AccessPolicy, authentication_of
from hub.domain.access_view import Document, DocumentAccess, View
from hub.domain.asker import asking_subjects
from hub.domain.audit import AuditedTransaction, AuditEvent, Outcome
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.national import NationalWord
from hub.domain.parties import Patient, Requester, peer_of
from hub.domain.patient_facts import BrokenGlass, PatientFacts, SubjectFacts
from hub.domain.recorded import Recorded
from hub.domain.references import TransactionReference
from hub.domain.subjects import Subject, subject_named
from hub.ports.access_registry import AccessRegistry
from hub.ports.audit_trail import AuditRecorder
from hub.ports.runtime import Clock
from hub.services.auditing import Auditing
from hub.services.national_facts import NationalFacts
from hub.services.provider_standing import ProviderStandings


class AccessGuard:
    """Lets requests through by a policy."""

    def __init__(
        self,
        *,
        policy: AccessPolicy,
        standings: ProviderStandings,
        national: NationalFacts,
        registry: AccessRegistry,
        trail: AuditRecorder,
        clock: Clock,
    ) -> None:
        self._policy, self._standings, self._national = policy, standings, national
        self._registry, self._trail, self._clock = registry, trail, clock
        self._auditing = Auditing(clock=clock)

    @asynccontextmanager
    async def look(self, context: RequestContext, patient: Ssin) -> AsyncIterator["Look"]:
        """A look at the documents of a patient. What goes wrong inside is recorded, then raised."""
        look = Look(
            context,
            patient,
            policy=self._policy,
            registry=self._registry,
            trail=self._trail,
            auditing=self._auditing,
            clock=self._clock,
        )
        try:
            await look.prepare(self._standings, self._national)
            yield look
        except BaseException as error:
            cause = error if isinstance(error, HubError) else HubError(Reason.INTERNAL)
            # Where the caller has gone or is cut off, that may end the waiting here, but not the recording.
            with suppress(asyncio.CancelledError):
                await asyncio.shield(self._record(look, cause))
            raise

    async def _record(self, look: "Look", error: HubError) -> None:
        """The trail may fail for the same reason as the look: the caller is told of that one."""
        with suppress(HubError):
            await self._trail.record(look.ending(error))


class Look:
    """A look at one patient's documents, decided when the facts are known: a `hub.ports.reference_index.Gate`."""

    def __init__(
        self,
        context: RequestContext,
        patient: Ssin,
        *,
        policy: AccessPolicy,
        registry: AccessRegistry,
        trail: AuditRecorder,
        auditing: Auditing,
        clock: Clock,
    ) -> None:
        self._context, self._patient = context, patient
        self._policy, self._registry, self._trail = policy, registry, trail
        self._auditing, self._clock = auditing, clock
        self._standing, self._word = ProviderStanding(), NationalWord()
        self._decision: Granted | Refused | None = None
        self._is_recorded = False
        self._hidden_by = ""

    async def prepare(self, standings: ProviderStandings, national: NationalFacts) -> None:
        """Find out what is not registered beside the patient's references: mostly it is remembered."""
        self._standing = await standings.of(self._context.requester)
        if not peer_of(self._context.requester):  # who has asked them for its own users
            self._word = await national.of(self._context, self._patient, self.subjects)

    @property
    def subjects(self) -> Collection[Subject]:
        """See the port."""
        return asking_subjects(self._context.requester)

    def open(self, patient: Patient | None, facts: PatientFacts) -> View:
        """See the port. Nobody sees anything of a patient whom the hub does not know (patient-unknown)."""
        if patient is None:
            raise HubError(Reason.PATIENT_UNKNOWN, where="select/patient")
        requester = self._context.requester
        self._decision = decide(
            self._policy,
            AccessFacts(
                requester=requester,
                authentication=authentication_of(requester),
                standing=self._standing,
                patient=self._patient,
                registered=self._word.merged(facts),
                now=self._clock.now(),
                deceased=bool(patient.deathdate) or self._word.is_deceased,
                birthdate=patient.birthdate,
                break_the_glass=self._context.break_the_glass,
                peer=peer_of(requester),
            ),
        )
        if isinstance(self._decision, Refused):
            raise self._decision.error()
        return self._decision.view

    async def view(self, patient: Patient | None) -> View:
        """Decide by what the registry says, without the index."""
        return self.open(patient, await self._registry.facts(self._patient, self.subjects))

    def access(self, view: View, reference: TransactionReference) -> DocumentAccess:
        """How much is seen of a document; one that is not is as good as unknown (transaction-unknown)."""
        access = view.access(Document.of(reference))
        if access.level is Level.NONE:
            self._hidden_by = access.rule
            raise HubError(Reason.TRANSACTION_UNKNOWN, where="select/transaction/id")
        return access

    async def grant(
        self,
        *,
        transaction: AuditedTransaction | None = None,
        rule: str = "",
        criteria: str = "",
        results: int | None = None,
    ) -> None:
        """Record what is about to leave the hub. A glass that was broken for it is registered with the event.

        Raises HubError (audit-unavailable): then it may not leave.
        """
        event = self._auditing.event(
            self._context,
            Outcome.GRANTED,
            patient=self._patient,
            transaction=transaction,
            rules=(*self._rules, rule) if rule else self._rules,
            mandate=self._decision.mandate if isinstance(self._decision, Granted) else "",
            criteria=criteria,
            results=results,
        )
        if isinstance(self._decision, Granted) and self._decision.breaks_the_glass:
            asker = _person(self._context.requester)
            await self._registry.change_subject(self._patient, asker, self._broken, event)
        else:
            await self._trail.record(event)
        self._is_recorded = True

    def ending(self, error: HubError) -> AuditEvent:
        """How it ended with an error: something that was granted has been interrupted."""
        if self._is_recorded:
            return self._auditing.event(
                self._context, Outcome.INTERRUPTED, patient=self._patient, reason=error.reason.value, rules=self._rules
            )
        rules = (*self._rules, self._hidden_by) if self._hidden_by else self._rules
        return self._auditing.ended(self._context, error, patient=self._patient, rules=rules)

    @property
    def _rules(self) -> tuple[str, ...]:
        return (*(self._decision.rules if self._decision else ()), *self._word.notes)

    def _broken(self, before: SubjectFacts) -> SubjectFacts:
        """With the glass broken by this request; former ones whose time is over are left to the audit trail."""
        now = self._clock.now()
        broken = BrokenGlass(
            reason=self._context.break_the_glass or "",
            until=now + self._policy.break_the_glass.lifetime,
            recorded=Recorded(now, self._context.requester.parties),
        )
        standing = (former for former in before.broken_glass if former.until > now)
        return replace(before, broken_glass=(*standing, broken))


def _person(requester: Requester) -> Subject:
    """The subject that the requester's own person is."""
    party = requester.person or requester.parties[0]
    return subject_named(party.ids, where="request/author")
