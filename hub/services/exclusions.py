"""Shut care parties out and let them in again (security facts, part 4.4)."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from hub.domain.access_policy import Action
from hub.domain.context import RequestContext
from hub.domain.exclusions import Exclusion, exclude, lift
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id
from hub.domain.patient_facts import SubjectFacts
from hub.domain.subjects import Subject, subject_named
from hub.ports.access_registry import AccessRegistry
from hub.ports.runtime import Clock
from hub.services.attempts import Attempts, Matter, named_party
from hub.services.changes import Remembered, recorded_by
from hub.services.permissions import Voice, Wish, own_subjects

_WHERE = "exclusion/hcparty"


class Exclusions:
    """The exclusions of patients. Changes return whether they changed anything.

    All methods raise HubError: party-number, patient-unknown, and what `Permissions` raises.
    """

    def __init__(self, *, registry: AccessRegistry, attempts: Attempts, clock: Clock) -> None:
        self._registry, self._attempts, self._clock = registry, attempts, clock

    async def exclude(self, context: RequestContext, patient: Ssin, party: tuple[Id, ...]) -> bool:
        """Shut a care party out from now on; False when it was out already."""
        now = self._clock.now()
        exclusion = Exclusion(party=party, start=now.date(), recorded=recorded_by(context, now))
        rule = Remembered[SubjectFacts](
            lambda before: replace(before, exclusions=exclude(before.exclusions, exclusion))
        )
        return await self._change(context, Action.EXCLUDE, patient, party, rule)

    async def lift(self, context: RequestContext, patient: Ssin, party: tuple[Id, ...]) -> bool:
        """Let it in again; False when it was not out."""
        recorded = recorded_by(context, self._clock.now())
        rule = Remembered[SubjectFacts](lambda before: replace(before, exclusions=lift(before.exclusions, recorded)))
        return await self._change(context, Action.LIFT_EXCLUSION, patient, party, rule)

    async def exclusions(self, context: RequestContext, patient: Ssin) -> Mapping[Subject, tuple[Exclusion, ...]]:
        """The exclusions of each care party, ended ones included: all for the patient, his own for a care party."""
        async with self._attempts.attempt(context, Matter(patient=patient)) as attempt:
            own = own_subjects(context.requester)
            permit = await attempt.permit(Wish(action=Action.READ_EXCLUSIONS, patient=patient, about=own))
            is_patient = permit.voice is Voice.PATIENT
            facts = await (self._registry.everything(patient) if is_patient else self._registry.facts(patient, own))
            found = {subject: said.exclusions for subject, said in facts.by_subject.items() if said.exclusions}
            await attempt.answer(len(found))
            return MappingProxyType(found)

    async def _change(
        self,
        context: RequestContext,
        action: Action,
        patient: Ssin,
        party: tuple[Id, ...],
        rule: Remembered[SubjectFacts],
    ) -> bool:
        async with self._attempts.attempt(context, Matter(patient=patient, subject=named_party(party))) as attempt:
            subject = subject_named(party, where=_WHERE)
            await attempt.permit(Wish(action=action, patient=patient, about=frozenset((subject,))))
            await self._registry.change_subject(patient, subject, rule, attempt.granted())
            return rule.changed
