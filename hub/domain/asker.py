"""Who is asking, seen with the eyes of a policy: his role, and what was said about him that counts today."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from hub.domain.access_facts import AccessFacts
from hub.domain.access_matrix import NO_ROLE, PATIENT_ROLE, Role
from hub.domain.access_policy import AccessPolicy, Authentication, NumberMatch
from hub.domain.access_rights import RightsInForce
from hub.domain.access_view import numbers_of
from hub.domain.exclusions import Exclusion
from hub.domain.mandates import Mandate
from hub.domain.parties import HcParty, Requester, licence
from hub.domain.patient_facts import SubjectFacts
from hub.domain.subjects import EVERYBODY, Subject, SubjectKind, subjects_of
from hub.domain.therapeutic_links import TherapeuticLink


class CountingLink(NamedTuple):
    """A link in force that counts for who is asking; `is_own` unless it is that of his organisation."""

    link: TherapeuticLink
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who is asking. `own` are his subjects as a person; for an organisation that names nobody, as an organisation."""

    policy: AccessPolicy
    facts: AccessFacts
    persons: tuple[HcParty, ...]
    organisation: HcParty | None
    code: str
    role: Role
    subjects: frozenset[Subject]
    own: frozenset[Subject]

    @classmethod
    def of(cls, policy: AccessPolicy, facts: AccessFacts) -> Self:
        """Who is asking by these facts: the first person of the chain, else the organisation."""
        requester = facts.requester
        persons = tuple(party for party in requester.parties if party.is_person)
        organisation = requester.organisation
        speaker = persons[0] if persons else organisation
        code = speaker.profession if speaker else ""
        certified = _certified(requester)
        return cls(
            policy=policy,
            facts=facts,
            persons=persons,
            organisation=organisation,
            code=code,
            role=_role(policy, facts, code, speaker) if speaker else NO_ROLE,
            subjects=subjects_of(requester.parties) | certified,
            own=certified.union(numbers_of(speaker) if speaker else ()),
        )

    @property
    def is_patient(self) -> bool:
        """Whether he asks as a patient, about himself or as somebody's mandatary."""
        return self.role.name == PATIENT_ROLE

    @property
    def is_patient_himself(self) -> bool:
        """Whether he is the very patient, by every INSS that he states and that is certified."""
        stated = {subject.value for subject in self.own if subject.kind is SubjectKind.INSS}
        return self.is_patient and stated == {self.facts.patient.digits}

    @property
    def is_provider(self) -> bool:
        """Whether he is a care provider of our own, who has to meet the rules for those."""
        return not (self.is_patient or self.facts.peer)

    def is_among(self, subjects: frozenset[Subject]) -> bool:
        """Whether one of the subjects is he, by a number, or an organisation that he speaks through."""
        return any(subject.kind in (SubjectKind.NIHII, SubjectKind.INSS) for subject in self.subjects & subjects)

    def links(self) -> list[CountingLink]:
        """The links in force that count for him: his own ones, then those of his organisations."""
        found = [CountingLink(link, is_own=True) for link in self._links(self.own)]
        kinds = self._team_kinds()
        for party in self.facts.requester.parties:
            if party.profession in kinds:
                through = frozenset(numbers_of(party)) - self.own
                found += (CountingLink(link, is_own=False) for link in self._links(through))
        return found

    def rights(self) -> RightsInForce:
        """What he may do with single documents. What everybody may is not said of patients."""
        subjects = self.subjects - {EVERYBODY} if self.is_patient else self.subjects
        return RightsInForce.of(right for said in self._said(subjects) for right in said.rights)

    def is_excluded(self) -> bool:
        """Whether an exclusion in force means him, or an organisation that he speaks through."""
        by_subject = self.facts.registered.by_subject
        return any(
            exclusion.is_in_force and (subject.kind is not SubjectKind.NIHII or self._is_meant(exclusion))
            for subject in self.subjects
            if subject in by_subject
            for exclusion in by_subject[subject].exclusions
        )

    def broke_the_glass(self) -> bool:
        """Whether he did so before, and it still stands in for a link."""
        return any(broken.until > self.facts.now for said in self._said(self.own) for broken in said.broken_glass)

    def mandates(self) -> list[Mandate]:
        """The mandates in force that he holds for the patient."""
        today = self.facts.today
        return [mandate for said in self._said(self.own) for mandate in said.mandates if mandate.holds_on(today)]

    def _said(self, subjects: frozenset[Subject]) -> Iterator[SubjectFacts]:
        by_subject = self.facts.registered.by_subject
        return (by_subject[subject] for subject in subjects if subject in by_subject)

    def _links(self, subjects: frozenset[Subject]) -> Iterator[TherapeuticLink]:
        today = self.facts.today
        return (link for said in self._said(subjects) for link in said.links if link.holds_on(today))

    def _team_kinds(self) -> frozenset[str]:
        """The kinds of organisations whose links count for his role."""
        teams = self.policy.links.teams.values()
        return frozenset[str]().union(*(team.organisations for team in teams if self.role.is_one_of(team.roles)))

    def _is_meant(self, exclusion: Exclusion) -> bool:
        """Whether an exclusion of a NIHII number means the number he asks with, as far as the policy looks."""
        if self.policy.exclusion.persons is NumberMatch.PRACTICE_PREFIX:
            return True
        stated = {id_.value.strip() for id_ in exclusion.party if id_.scheme == "ID-HCPARTY"}
        numbers = {party.number for party in self.facts.requester.parties}
        if self.facts.requester.identity:
            numbers.add(self.facts.requester.identity.number)
        return any(one == other or _means_all(one, other) for one in stated for other in numbers)


def asking_subjects(requester: Requester) -> frozenset[Subject]:
    """Every subject that a requester is: by the chain of his request, and by what is certified of him besides."""
    return subjects_of(requester.parties) | _certified(requester)


_WORD = re.compile(r"[a-zA-Z]{1,40}")


def word(text: str) -> str:
    """A code that a message stated, if it is a plain word; anything else could be somebody's number or name."""
    return text if _WORD.fullmatch(text) else "other" if text else "-"


def _certified(requester: Requester) -> frozenset[Subject]:
    identity = requester.identity
    if identity is None or identity.is_organisation:
        return frozenset()
    found = [Subject(SubjectKind.INSS, identity.ssin.digits)] if identity.ssin else []
    if identity.number:
        found.append(Subject(SubjectKind.NIHII, licence(identity.number)))
    return frozenset(found)


def _role(policy: AccessPolicy, facts: AccessFacts, code: str, speaker: HcParty) -> Role:
    """A person who signs himself may state any department and any qualification: only certified ones count then."""
    if facts.authentication is Authentication.PERSON:
        identity = facts.requester.identity
        certified = identity.number if identity else ""
        return policy.role(code, departments=frozenset(), qualification=certified[8:])
    departments = frozenset(party.profession for party in facts.requester.parties)
    return policy.role(code, departments=departments, qualification=speaker.number[8:])


def _means_all(one: str, other: str) -> bool:
    """Whether two numbers are of one party and one of them says nothing of a qualification."""
    return 8 in (len(one), len(other)) and one[:8] == other[:8]
