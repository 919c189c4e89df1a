"""Who may act for a patient: name, agree, end (security facts, part 4.8)."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date
from typing import Final

from hub.domain import mandates
from hub.domain.access_policy import Action
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.mandates import Mandate, MandateKind
from hub.domain.parties import Id
from hub.domain.patient_facts import SubjectFacts
from hub.domain.subjects import Subject, SubjectKind
from hub.ports.access_registry import AccessRegistry
from hub.ports.runtime import Clock
from hub.services.attempts import Attempt, Attempts, Matter, named_party
from hub.services.changes import Remembered, recorded_by
from hub.services.permissions import Voice, Wish, own_subjects

_NAMED_BY_PATIENTS = frozenset({MandateKind.TRUSTED_PERSON, MandateKind.HEALTH_DATA})
"""The others are registered by the staff, which has seen the papers, never by who claims them."""
_SHOWN_BY_PAPERS: Final = (
    "parent, legal-representative or health-data; a trusted person is named by the patient himself"
)


class Mandates:
    """The mandates of patients. Changes return whether they changed anything.

    All methods raise HubError: patient-unknown, and what `Permissions` raises.
    """

    def __init__(self, *, registry: AccessRegistry, attempts: Attempts, clock: Clock) -> None:
        self._registry, self._attempts, self._clock = registry, attempts, clock

    async def name(
        self,
        context: RequestContext,
        patient: Ssin,
        holder: Ssin,
        kind: MandateKind,
        *,
        start: date | None = None,
        end: date | None = None,
    ) -> bool:
        """Give a mandate from today or another day on, without an end or up to a day; a trusted person has to agree.

        A patient names trusted persons and who manages his data; parents and legal representatives are registered for
        him by the staff, which names no trusted persons. Raises content for what the staff cannot name, a mandate of
        the patient himself, and one that ends before it starts.
        """
        async with self._attempt(context, patient, holder, kind) as attempt:
            voice = await self._permit(attempt, Action.NAME_MANDATE, patient, holder)
            if voice is Voice.PATIENT and kind not in _NAMED_BY_PATIENTS:
                raise HubError(Reason.NOT_YOURS, where="mandate/kind")
            if voice is Voice.STAFF and kind is MandateKind.TRUSTED_PERSON:
                raise HubError(Reason.CONTENT, where="mandate/kind", limit=_SHOWN_BY_PAPERS)
            if holder == patient:
                raise HubError(Reason.CONTENT, where="mandate/holder", limit="somebody else than the patient")
            recorded = recorded_by(context, self._clock.now())
            mandate = Mandate(
                holder=holder,
                kind=kind,
                start=start or recorded.at.date(),
                end=end,
                accepted=kind is not MandateKind.TRUSTED_PERSON,
                recorded=recorded,
            )
            return await self._change(attempt, patient, holder, lambda before: mandates.name(before, mandate))

    async def accept(self, context: RequestContext, patient: Ssin, holder: Ssin, kind: MandateKind) -> bool:
        """The holder agrees to his mandate. Raises mandate-missing when he has none of this kind."""
        async with self._attempt(context, patient, holder, kind) as attempt:
            await self._permit(attempt, Action.ACCEPT_MANDATE, patient, holder)
            today = self._clock.now().date()
            return await self._change(attempt, patient, holder, lambda before: mandates.accept(before, kind, today))

    async def end(self, context: RequestContext, patient: Ssin, holder: Ssin, kind: MandateKind) -> bool:
        """End a mandate at once; False when there was none. Its holder may give it back, whoever named him."""
        async with self._attempt(context, patient, holder, kind) as attempt:
            await self._permit(attempt, Action.END_MANDATE, patient, holder)
            recorded = recorded_by(context, self._clock.now())
            return await self._change(attempt, patient, holder, lambda before: mandates.end(before, kind, recorded))

    async def mandates(self, context: RequestContext, patient: Ssin) -> Sequence[Mandate]:
        """The mandates, ended ones included: all for the patient and the staff, his own for others."""
        async with self._attempts.attempt(context, Matter(patient=patient)) as attempt:
            own = own_subjects(context.requester)
            permit = await attempt.permit(Wish(action=Action.READ_MANDATES, patient=patient, about=own))
            is_all = permit.voice in (Voice.PATIENT, Voice.STAFF)
            facts = await (self._registry.everything(patient) if is_all else self._registry.facts(patient, own))
            found = [mandate for said in facts.by_subject.values() for mandate in said.mandates]
            await attempt.answer(len(found))
            return found

    def _attempt(
        self, context: RequestContext, patient: Ssin, holder: Ssin, kind: MandateKind
    ) -> AbstractAsyncContextManager[Attempt]:
        subject = named_party((Id("INSS", "1.0", holder.digits),))
        return self._attempts.attempt(context, Matter(patient=patient, subject=subject, details={"kind": kind}))

    async def _permit(self, attempt: Attempt, action: Action, patient: Ssin, holder: Ssin) -> Voice:
        about = frozenset((_subject_of(holder),))
        return (await attempt.permit(Wish(action=action, patient=patient, about=about))).voice

    async def _change(
        self,
        attempt: Attempt,
        patient: Ssin,
        holder: Ssin,
        rule: Callable[[tuple[Mandate, ...]], tuple[Mandate, ...]],
    ) -> bool:
        remembered = Remembered[SubjectFacts](lambda before: replace(before, mandates=rule(before.mandates)))
        await self._registry.change_subject(patient, _subject_of(holder), remembered, attempt.granted())
        return remembered.changed


def _subject_of(holder: Ssin) -> Subject:
    return Subject(SubjectKind.INSS, holder.digits)
