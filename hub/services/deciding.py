"""From a request to a decision: the facts, and what the policy makes of them.

The guard and whoever explains what the guard does both decide here, so that they cannot differ.
"""

from dataclasses import dataclass

from hub.domain.access import Granted, decide
from hub.domain.access_facts import AccessFacts, ProviderStanding, Refused
from hub.domain.access_policy import AccessPolicy, authentication_of
from hub.domain.asker import asking_subjects
from hub.domain.context import RequestContext
from hub.domain.identifiers import Ssin
from hub.domain.national import NationalWord
from hub.domain.parties import Patient, peer_of
from hub.domain.patient_facts import PatientFacts
from hub.domain.subjects import Subject
from hub.ports.runtime import Clock
from hub.services.national_facts import NationalFacts
from hub.services.provider_standing import ProviderStandings


@dataclass(frozen=True, slots=True)
class Question:
    """A request with what was found out about it elsewhere than beside the patient's references.

    `subjects` is every subject that the requester is: what was said about them there is still to be asked for.
    """

    context: RequestContext
    patient: Ssin
    subjects: frozenset[Subject]
    standing: ProviderStanding
    word: NationalWord


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and from which facts."""

    facts: AccessFacts
    outcome: Granted | Refused


class Deciding:
    """Decides by a policy."""

    def __init__(
        self, *, policy: AccessPolicy, standings: ProviderStandings, national: NationalFacts, clock: Clock
    ) -> None:
        self.policy, self.standings = policy, standings
        self._national, self._clock = national, clock

    async def question(self, context: RequestContext, patient: Ssin) -> Question:
        """Find out what is not registered beside the patient's references: mostly it is remembered.

        Raises HubError: index-unavailable, national-service-unavailable.
        """
        requester = context.requester
        subjects, standing, word = asking_subjects(requester), await self.standings.of(requester), NationalWord()
        if not peer_of(requester):  # who has asked them for its own users
            word = await self._national.of(context, patient, subjects)
        return Question(context, patient, subjects, standing, word)

    def decide(self, question: Question, patient: Patient, registered: PatientFacts) -> Decision:
        """Decide about a patient as registered, by what was said about the subjects of the question."""
        requester = question.context.requester
        facts = AccessFacts(
            requester=requester,
            authentication=authentication_of(requester),
            standing=question.standing,
            patient=question.patient,
            registered=question.word.merged(registered),
            now=self._clock.now(),
            deceased=bool(patient.deathdate) or question.word.is_deceased,
            birthdate=patient.birthdate,
            break_the_glass=question.context.break_the_glass,
            peer=peer_of(requester),
        )
        return Decision(facts, decide(self.policy, facts))
