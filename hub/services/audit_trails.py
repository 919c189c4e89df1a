"""Who looked, and when (security facts, part 4.11): for the patient, and for who looked himself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.domain.access_policy import Action
from hub.domain.audit import AuditEvent, Outcome
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.looks import LOOKS, TrailSelection
from hub.domain.parties import Requester
from hub.domain.search import PageRequest, Scope
from hub.domain.subjects import Subject, SubjectKind, subject_named
from hub.ports.audit_trail import AuditPage, AuditQuery, AuditTrail
from hub.services.attempts import Attempt, Attempts, Matter, named_party
from hub.services.auditing import audited
from hub.services.lookup import TransactionLookup
from hub.services.patients import KnownPatients
from hub.services.permissions import Voice, Wish, himself, own_subjects

_SEEN = frozenset({Outcome.GRANTED, Outcome.INTERRUPTED})


@dataclass(frozen=True, slots=True)
class Looks:
    """A page of looks, newest first, how many there are in all, and why it is not everything that was asked for."""

    events: Sequence[AuditEvent]
    total: int
    gaps: tuple[Reason, ...] = ()


class AuditTrails:
    """Reads the trail for those who may."""

    def __init__(
        self,
        *,
        trail: AuditTrail,
        attempts: Attempts,
        patients: KnownPatients,
        lookup: TransactionLookup,
    ) -> None:
        self._trail, self._attempts, self._patients = trail, attempts, patients
        self._lookup = lookup

    async def looks(self, context: RequestContext, selection: TrailSelection, page: PageRequest) -> Looks:
        """Who saw what there is about a patient, the documents or their list, as far as who asks may know.

        The patient sees all looks at his, a care party his own, at a patient or, without one, at all of them. Nobody
        has looked at a document that there is not. Peer hubs are not asked yet: any wider scope gives the local part
        and says so. Raises HubError: not-yours, party-number, patient-unknown, audit-unavailable, and what
        `Permissions` raises.
        """
        matter = Matter(patient=selection.patient, subject=named_party(selection.party) if selection.party else ())
        async with self._attempts.attempt(context, matter) as attempt:
            query = await self._query(attempt, selection)
            gaps = () if selection.scope is Scope.LOCAL else (Reason.FEDERATION_NOT_CONFIGURED,)
            found = AuditPage((), 0) if query is None else await self._trail.find(query, page)
            await attempt.answer(len(found.events))
            return Looks(found.events, found.total, gaps)

    async def _query(self, attempt: Attempt, selection: TrailSelection) -> AuditQuery | None:
        """What to look for; None when nothing can fit."""
        requester = attempt.context.requester
        party = subject_named(selection.party, where="select/hcparty") if selection.party else None
        patient = selection.patient or himself(requester)
        query = AuditQuery(
            patient=patient,
            actor=await self._actor(attempt, patient, party),
            operations=LOOKS,
            outcomes=_SEEN,
            begin=selection.begin,
            end=selection.end,
            broke_the_glass=selection.broke_the_glass,
        )
        if selection.transaction is None:
            return query
        document = await self._lookup.anybodys(patient, selection.transaction)
        if document is None or not selection.criteria.fits(document.reference.declaration):
            return None
        attempt.matter = replace(attempt.matter, transaction=audited(document.reference, document.id))
        return replace(query, transaction=document.id)

    async def _actor(self, attempt: Attempt, patient: Ssin | None, party: Subject | None) -> Subject | None:
        """Whose looks: those of the party asked for; for who does not speak for the patient always his own."""
        requester = attempt.context.requester
        if patient is not None:
            attempt.matter = replace(attempt.matter, patient=patient)
            about = own_subjects(requester) if party is None else frozenset((party,))
            permit = await attempt.permit(Wish(action=Action.READ_TRAIL, patient=patient, about=about))
            await self._patients.known(patient, where="select/patient")
            if permit.voice is Voice.PATIENT:
                return party
        if party is None:
            return _acting(requester)
        if party not in own_subjects(requester):
            raise HubError(Reason.NOT_YOURS, where="select/hcparty")
        return party


def _acting(requester: Requester) -> Subject:
    """Whose looks the requester's own are: the person's, else the organisation's. Raises HubError (not-yours)."""
    for party in filter(None, (requester.person, requester.organisation)):
        own = own_subjects(Requester((party,)))
        if own:
            return min(own, key=lambda subject: subject.kind is not SubjectKind.NIHII)
    raise HubError(Reason.NOT_YOURS, where="select/patient")
