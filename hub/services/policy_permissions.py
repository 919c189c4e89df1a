"""Who may say something about access, by the policy of the hub (`hub.domain.access_actions`)."""

from collections.abc import Awaitable, Callable
from typing import Final

from hub.domain.access_actions import Permitted, Relation, may
from hub.domain.access_facts import AccessFacts, ProviderStanding, Refused
from hub.domain.access_policy import AccessPolicy, authentication_of
from hub.domain.asker import asking_subjects
from hub.domain.context import RequestContext
from hub.domain.identifiers import Ssin
from hub.domain.parties import Requester, peer_of
from hub.ports.access_registry import AccessRegistry
from hub.ports.registries import PatientRegistry
from hub.ports.runtime import Clock
from hub.services.permissions import Permit, Voice, Wish

_VOICES: Final = {
    Relation.PATIENT: Voice.PATIENT,
    Relation.MANDATARY: Voice.PATIENT,
    Relation.AUTHOR: Voice.AUTHOR,
    Relation.CONCERNED: Voice.PARTY,
    Relation.PROVIDER: Voice.PARTY,
    Relation.LINKED: Voice.PARTY,
}


class PolicyPermissions:
    """Implements `hub.services.permissions.Permissions`. `standing` tells that of who answers for a requester."""

    def __init__(
        self,
        *,
        policy: AccessPolicy,
        standing: Callable[[Requester], Awaitable[ProviderStanding]],
        registry: AccessRegistry,
        patients: PatientRegistry,
        clock: Clock,
    ) -> None:
        self._policy, self._standing = policy, standing
        self._registry, self._patients, self._clock = registry, patients, clock

    async def permit(self, context: RequestContext, wish: Wish) -> Permit:
        """See the port."""
        decided = self._decided(wish, await self._facts(context, wish.patient))
        if isinstance(decided, Refused):
            raise decided.error()
        return Permit(voice=_VOICES[decided.relation], mandate=decided.mandate, rules=decided.rules)

    def _decided(self, wish: Wish, facts: AccessFacts) -> Permitted | Refused:
        """As the author of a document first: he may know more of it than whom a right is about."""
        as_author = may(self._policy, wish.action, facts, author=wish.author) if wish.author else None
        if isinstance(as_author, Permitted):
            return as_author
        return may(self._policy, wish.action, facts, about=wish.about, author=wish.author)

    async def _facts(self, context: RequestContext, patient: Ssin) -> AccessFacts:
        requester, registered = context.requester, await self._patients.get(patient)
        return AccessFacts(
            requester=requester,
            authentication=authentication_of(requester),
            standing=await self._standing(requester),
            patient=patient,
            registered=await self._registry.facts(patient, asking_subjects(requester)),
            now=self._clock.now(),
            deceased=bool(registered and registered.deathdate),
            birthdate=registered.birthdate if registered else "",
            break_the_glass=context.break_the_glass,
            peer=peer_of(requester),
        )
