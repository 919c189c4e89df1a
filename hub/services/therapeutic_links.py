"""Make and revoke therapeutic links, and say which there are (security facts, part 4.3)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from hub.domain.access_policy import Action
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.link_policy import LinkClaim, LinkPolicy
from hub.domain.parties import Id, Requester
from hub.domain.patient_facts import SubjectFacts
from hub.domain.subjects import Subject, subject_named, subjects_of
from hub.domain.therapeutic_links import LinkSelection, Proof, TherapeuticLink, put, restate, revoke
from hub.ports.access_registry import AccessRegistry
from hub.ports.registries import PartyRegistry
from hub.ports.runtime import Clock
from hub.services.attempts import Attempts, Matter, named_party
from hub.services.changes import Remembered, recorded_by
from hub.services.patients import KnownPatients
from hub.services.permissions import Permit, Voice, Wish, himself, own_subjects


@dataclass(frozen=True, slots=True)
class FoundLinks:
    """Links of one patient."""

    patient: Ssin
    links: Sequence[TherapeuticLink]


class TherapeuticLinks:
    """The links of patients with care parties. Changes return whether they changed anything."""

    def __init__(
        self,
        *,
        registry: AccessRegistry,
        attempts: Attempts,
        policy: LinkPolicy,
        patients: KnownPatients,
        parties: PartyRegistry,
        clock: Clock,
    ) -> None:
        self._registry, self._attempts, self._policy = registry, attempts, policy
        self._patients, self._parties = patients, parties
        self._clock = clock

    async def put(self, context: RequestContext, patient: Ssin, patient_ids: tuple[Id, ...], claim: LinkClaim) -> bool:
        """Make a link, or renew it; one that is stated longer than its kind may be ends when that ends.

        `patient_ids` are those of the message, with the number of a card when one was read. Raises HubError:
        party-number, link-period, link-proof, content, card-number, card-of-another, patient-unknown,
        patient-deceased, and what `Permissions` raises.
        """
        return await self._state(context, patient, patient_ids, claim, put)

    async def restate(
        self, context: RequestContext, patient: Ssin, patient_ids: tuple[Id, ...], claim: LinkClaim
    ) -> bool:
        """Make a link as `put` does, but in place of the one of its kind, even if that ends later."""
        return await self._state(context, patient, patient_ids, claim, restate)

    async def _state(
        self,
        context: RequestContext,
        patient: Ssin,
        patient_ids: tuple[Id, ...],
        claim: LinkClaim,
        rule: Callable[[Sequence[TherapeuticLink], TherapeuticLink], tuple[TherapeuticLink, ...]],
    ) -> bool:
        matter = Matter(patient=patient, subject=named_party(claim.party), details={"kind": claim.kind})
        async with self._attempts.attempt(context, matter) as attempt:
            subject = subject_named(claim.party, where="therapeuticlink/hcparty")
            wish = Wish(action=Action.PUT_LINK, patient=patient, about=frozenset((subject,)))
            permit = await attempt.permit(wish)
            await self._patients.alive(patient, where="therapeuticlink/patient")
            link = self._policy.link(
                claim,
                profession=await self._profession(context.requester, subject, claim.party),
                proofs=await self._proofs(context.requester, permit, patient, patient_ids),
                recorded=recorded_by(context, self._clock.now()),
            )
            change = Remembered[SubjectFacts](lambda before: replace(before, links=rule(before.links, link)))
            await self._registry.change_subject(patient, subject, change, attempt.granted())
            return change.changed

    async def revoke(self, context: RequestContext, patient: Ssin, party: tuple[Id, ...], kind: str | None) -> bool:
        """End the links of a kind with a care party at once, or all of them; False when there was none.

        Raises HubError: party-number, patient-unknown, and what `Permissions` raises.
        """
        matter = Matter(patient=patient, subject=named_party(party), details={"kind": kind} if kind else {})
        async with self._attempts.attempt(context, matter) as attempt:
            subject = subject_named(party, where="therapeuticlink/hcparty")
            await attempt.permit(Wish(action=Action.REVOKE_LINK, patient=patient, about=frozenset((subject,))))
            recorded = recorded_by(context, self._clock.now())
            rule = Remembered[SubjectFacts](lambda before: replace(before, links=revoke(before.links, kind, recorded)))
            await self._registry.change_subject(patient, subject, rule, attempt.granted())
            return rule.changed

    async def links(self, context: RequestContext, selection: LinkSelection) -> FoundLinks:
        """The links that fit, those that start last first: all of them for the patient, his own for a care party.

        Raises HubError: content (no patient, by somebody who is none), party-number, patient-unknown, and what
        `Permissions` raises.
        """
        patient = selection.patient or himself(context.requester)
        matter = Matter(patient=patient, subject=named_party(selection.party) if selection.party else ())
        async with self._attempts.attempt(context, matter) as attempt:
            if patient is None:
                raise HubError(Reason.CONTENT, where="select/patient", limit="exactly one patient")
            own = own_subjects(context.requester)
            asked = frozenset((subject_named(selection.party, where="select/hcparty"),)) if selection.party else own
            permit = await attempt.permit(Wish(action=Action.READ_LINKS, patient=patient, about=asked))
            is_patient = permit.voice is Voice.PATIENT
            if not (is_patient or asked <= own):
                raise HubError(Reason.NOT_YOURS, where="select/hcparty")
            await self._patients.known(patient, where="select/patient")
            facts = await (
                self._registry.everything(patient)
                if is_patient and not selection.party
                else self._registry.facts(patient, asked)
            )
            found = self._fitting(facts.by_subject.values(), selection)
            await attempt.answer(len(found))
            return FoundLinks(patient, found)

    async def _profession(self, requester: Requester, subject: Subject, party: tuple[Id, ...]) -> str:
        """The profession of a care party, if it is who asks or is registered; else empty."""
        for asking in requester.parties:
            if subject in subjects_of((asking,)):
                return asking.profession
        registered = await self._parties.get(party)
        return registered.party.profession if registered else ""

    async def _proofs(
        self, requester: Requester, permit: Permit, patient: Ssin, patient_ids: tuple[Id, ...]
    ) -> Sequence[Proof]:
        """All that shows that patient and care party met."""
        card, organisation = await self._patients.card(patient, patient_ids), requester.organisation
        proofs = [Proof.PATIENT] if permit.voice is Voice.PATIENT else []
        if card is not None:
            proofs.append(card.kind.proof)
        if organisation is not None and organisation.profession in self._policy.answering:
            proofs.append(Proof.ORGANISATION)
        return proofs

    def _fitting(self, facts: Iterable[SubjectFacts], selection: LinkSelection) -> Sequence[TherapeuticLink]:
        today, begin, end = self._clock.now().date(), selection.begin, selection.end
        links = [
            link
            for said in facts
            for link in said.links
            if (not selection.kinds or link.kind in selection.kinds)
            and (link.overlaps(begin, end) if begin or end else link.holds_on(today))
        ]
        links.sort(key=lambda link: (link.start, link.recorded.at), reverse=True)
        return links[: selection.most]
