"""Hide or open one document, for a care party, a profession or everybody (security facts, part 4.5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.domain.access_policy import Action
from hub.domain.access_rights import AccessRight, Right, put, subject_of_right, take_back
from hub.domain.context import RequestContext
from hub.domain.identifiers import LocalId
from hub.domain.parties import HcParty, Id
from hub.domain.patient_facts import SubjectFacts
from hub.domain.subjects import Subject
from hub.ports.access_registry import AccessRegistry
from hub.ports.runtime import Clock
from hub.services.attempts import Attempt, Attempts, Matter
from hub.services.auditing import audited
from hub.services.changes import Remembered, recorded_by
from hub.services.lookup import FoundDocument, TransactionLookup
from hub.services.permissions import Voice, Wish, own_subjects

_WHERE = "accessright/hcparty"


@dataclass(frozen=True, slots=True)
class FoundRights:
    """What was said of one document."""

    document: LocalId
    rights: Sequence[AccessRight]


class AccessRights:
    """The rights on documents. A document is named by the hub's id alone, which leads to its patient.

    All methods raise HubError: transaction-unknown (alike for a revoked document), content (ids of several documents),
    and what `Permissions` raises. Changes return whether they changed anything.
    """

    def __init__(
        self,
        *,
        registry: AccessRegistry,
        attempts: Attempts,
        lookup: TransactionLookup,
        clock: Clock,
    ) -> None:
        self._registry, self._attempts, self._lookup = registry, attempts, lookup
        self._clock = clock

    async def put(self, context: RequestContext, names: Sequence[Id], party: HcParty, right: Right) -> bool:
        """Allow or disallow a document, in place of what was said of it for the same party. Raises party-number."""
        matter = Matter(subject=(party,), details={"right": right})
        async with self._attempts.attempt(context, matter) as attempt:
            document = await self._document(attempt, names, "accessright/transaction")
            subject = subject_of_right(party, where=_WHERE)
            await self._permit(attempt, Action.PUT_RIGHT, document)
            said = AccessRight(
                serial=document.reference.serial,
                lineage=document.reference.lineage,
                party=party,
                right=right,
                recorded=recorded_by(context, self._clock.now()),
            )
            rule = Remembered[SubjectFacts](lambda before: replace(before, rights=put(before.rights, said)))
            await self._registry.change_subject(document.patient, subject, rule, attempt.granted())
            return rule.changed

    async def take_back(self, context: RequestContext, names: Sequence[Id], party: HcParty | None) -> bool:
        """Take back what was said of a document for a party, or for all of them (None). Raises party-number."""
        async with self._attempts.attempt(context, Matter(subject=(party,) if party else ())) as attempt:
            document = await self._document(attempt, names, "accessright/transaction")
            subject = subject_of_right(party, where=_WHERE) if party else None
            await self._permit(attempt, Action.REVOKE_RIGHT, document)
            if subject is not None:
                return await self._take_back(attempt, document, subject)
            subjects = {subject for subject, _ in await self._rights_on(document)}
            for each in subjects:
                await self._take_back(attempt, document, each)
            if not subjects:
                await attempt.answer(0)
            return bool(subjects)

    async def rights(self, context: RequestContext, names: Sequence[Id]) -> FoundRights:
        """The rights that stand on a document, in the order they were given; for a care party only his own."""
        async with self._attempts.attempt(context, Matter()) as attempt:
            document = await self._document(attempt, names, "select/transaction")
            own = own_subjects(context.requester)
            voice = await self._permit(attempt, Action.READ_RIGHTS, document, own)
            rights = [
                right
                for subject, right in await self._rights_on(document)
                if voice is not Voice.PARTY or subject in own
            ]
            await attempt.answer(len(rights))
            return FoundRights(document.id, sorted(rights, key=lambda right: right.recorded.at))

    async def _document(self, attempt: Attempt, names: Sequence[Id], where: str) -> FoundDocument:
        """The document, of which the attempt is told."""
        found = await self._lookup.document(names, where=where)
        transaction = audited(found.reference, found.id)
        attempt.matter = replace(attempt.matter, patient=found.patient, transaction=transaction)
        return found

    async def _permit(
        self, attempt: Attempt, action: Action, document: FoundDocument, about: frozenset[Subject] = frozenset()
    ) -> Voice:
        author = document.reference.declaration.author
        wish = Wish(action=action, patient=document.patient, about=about, author=author)
        return (await attempt.permit(wish)).voice

    async def _rights_on(self, document: FoundDocument) -> Sequence[tuple[Subject, AccessRight]]:
        """The rights that stand on a document, whichever of its versions they were put on, and whose they are."""
        said = (await self._registry.everything(document.patient)).by_subject
        lineage = document.reference.lineage
        return [
            (subject, right)
            for subject, facts in said.items()
            for right in facts.rights
            if right.stands and right.is_on(lineage)
        ]

    async def _take_back(self, attempt: Attempt, document: FoundDocument, subject: Subject) -> bool:
        lineage, recorded = document.reference.lineage, recorded_by(attempt.context, self._clock.now())
        rule = Remembered[SubjectFacts](
            lambda before: replace(before, rights=take_back(before.rights, lineage, recorded))
        )
        await self._registry.change_subject(document.patient, subject, rule, attempt.granted())
        return rule.changed
