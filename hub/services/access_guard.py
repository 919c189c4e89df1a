"""Stands between callers and what the hub has: decides by the rules of access, and leaves a trace of every attempt.

Nothing leaves the hub before the audit trail has it; what is refused is recorded as well.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

from hub.domain.access import Granted
from hub.domain.access_facts import Refused
from hub.domain.access_matrix import Level
from hub.domain.access_view import DocumentAccess, View
from hub.domain.audit import AuditedTransaction, AuditEvent, Outcome
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient, Requester
from hub.domain.patient_facts import BrokenGlass, PatientFacts, SubjectFacts
from hub.domain.recorded import Recorded
from hub.domain.references import TransactionReference
from hub.domain.subjects import Subject, subject_named
from hub.ports.access_registry import AccessRegistry
from hub.ports.audit_trail import AuditRecorder
from hub.ports.notifications import Notifications
from hub.ports.runtime import Clock
from hub.services.auditing import Auditing
from hub.services.deciding import Deciding, Question


class AccessGuard:
    """Lets requests through by a policy."""

    def __init__(
        self,
        *,
        deciding: Deciding,
        registry: AccessRegistry,
        trail: AuditRecorder,
        notifications: Notifications,
        clock: Clock,
    ) -> None:
        self._deciding, self._registry, self._trail = deciding, registry, trail
        self._notifications, self._clock = notifications, clock
        self._auditing = Auditing(clock=clock)

    @asynccontextmanager
    async def look(self, context: RequestContext, patient: Ssin) -> AsyncIterator["Look"]:
        """A look at the documents of a patient. What goes wrong inside is recorded, then raised."""
        look = Look(
            context,
            patient,
            deciding=self._deciding,
            registry=self._registry,
            trail=self._trail,
            notifications=self._notifications,
            auditing=self._auditing,
            clock=self._clock,
        )
        try:
            await look.prepare()
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
        deciding: Deciding,
        registry: AccessRegistry,
        trail: AuditRecorder,
        notifications: Notifications,
        auditing: Auditing,
        clock: Clock,
    ) -> None:
        self._context, self._patient = context, patient
        self._deciding, self._registry, self._trail = deciding, registry, trail
        self._notifications, self._auditing, self._clock = notifications, auditing, clock
        self._asked: Question | None = None
        self._decision: Granted | Refused | None = None
        self._is_recorded = False
        self._hidden_by = ""

    async def prepare(self) -> None:
        """Find out what is not registered beside the patient's references. To be done first."""
        self._asked = await self._deciding.question(self._context, self._patient)

    @property
    def subjects(self) -> Collection[Subject]:
        """See the port."""
        return self._question.subjects

    def open(self, patient: Patient | None, facts: PatientFacts) -> View:
        """See the port. Nobody sees anything of a patient whom the hub does not know (patient-unknown)."""
        if patient is None:
            raise HubError(Reason.PATIENT_UNKNOWN, where="select/patient")
        self._decision = self._deciding.decide(self._question, patient, facts).outcome
        if isinstance(self._decision, Refused):
            raise self._decision.error()
        return self._decision.view

    async def view(self, patient: Patient | None) -> View:
        """Decide by what the registry says, without the index."""
        return self.open(patient, await self._registry.facts(self._patient, self.subjects))

    def access(self, view: View, reference: TransactionReference) -> DocumentAccess:
        """How much is seen of a document; one of which nothing is seen is as good as unknown (transaction-unknown)."""
        access = view.access_to(reference)
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
        """Record what is about to leave the hub. A glass broken for it is registered with the event, and told of.

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
            self._is_recorded = True
            await self._notifications.glass_broken(event, until=event.at + self._lifetime)
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
    def _question(self) -> Question:
        if self._asked is None:
            raise RuntimeError("a look is prepared first")
        return self._asked

    @property
    def _rules(self) -> tuple[str, ...]:
        return (
            *(self._decision.rules if self._decision else ()),
            *(self._asked.word.notes if self._asked else ()),
        )

    @property
    def _lifetime(self) -> timedelta:
        return self._deciding.policy.break_the_glass.lifetime

    def _broken(self, before: SubjectFacts) -> SubjectFacts:
        """With the glass broken by this request; former ones whose time is over are left to the audit trail."""
        now = self._clock.now()
        broken = BrokenGlass(
            reason=self._context.break_the_glass or "",
            until=now + self._lifetime,
            recorded=Recorded(now, self._context.requester.parties),
        )
        standing = (former for former in before.broken_glass if former.until > now)
        return replace(before, broken_glass=(*standing, broken))


def _person(requester: Requester) -> Subject:
    """The subject that the requester's own person is."""
    party = requester.person or requester.parties[0]
    return subject_named(party.ids, where="request/author")
