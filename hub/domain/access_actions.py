"""Who may say something about the access to a patient's documents, and who may read what was said.

Federation facts, part 2 ("who may stand behind a call"); security facts, parts 4.4, 4.5 and 4.11.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from hub.domain.access import (
    authentication_outcome,
    mandate_outcome,
    profession_outcome,
    refusal,
    standing_outcomes,
)
from hub.domain.access_facts import (
    AccessFacts,
    Refused,
    Result,
    Rule,
    RuleOutcome,
    decisive,
    failed,
    not_applicable,
    passed,
)
from hub.domain.access_matrix import NO_ROLE
from hub.domain.access_policy import AccessPolicy, Action, ActionRules
from hub.domain.access_view import wrote
from hub.domain.asker import Asker
from hub.domain.parties import Author
from hub.domain.subjects import Subject


class Relation(StrEnum):
    """As what somebody may do something."""

    PATIENT = "patient"
    MANDATARY = "mandatary"
    CONCERNED = "concerned"
    """It is about himself, or about the organisation he speaks through."""
    AUTHOR = "author"
    PROVIDER = "provider"
    LINKED = "linked"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """Yes, and as what; `mandate` is the kind of mandate of a mandatary, empty for others."""

    relation: Relation
    outcomes: tuple[RuleOutcome, ...]
    mandate: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that decided, in order."""
        return decisive(self.outcomes)


def may(
    policy: AccessPolicy,
    action: Action,
    facts: AccessFacts,
    *,
    about: frozenset[Subject] = frozenset(),
    author: Author = (),
) -> Permitted | Refused:
    """Whether somebody may do something about the access to a patient's documents.

    `about` are the subjects that it concerns: of a link, the linked; of a look, who looked. `author` is the author of
    the document that a right is about.
    """
    asker = Asker.of(policy, facts)
    rules = policy.actions.get(action, ActionRules())
    relation = next(_relations(asker, rules, about, author), Relation.NOBODY)
    acts_as_party = relation in (Relation.CONCERNED, Relation.AUTHOR)
    mandate = not_applicable(Rule.MANDATE) if acts_as_party else mandate_outcome(asker, decides=not rules.by_reading)
    outcomes = (
        profession_outcome(asker, is_known=asker.role is not NO_ROLE),
        authentication_outcome(asker),
        *standing_outcomes(asker),
        mandate,
        (failed if relation is Relation.NOBODY else passed)(Rule.ACTION, relation, action=action),
    )
    refused = next((outcome for outcome in outcomes if outcome.result is Result.FAILED), None)
    if refused:
        return refusal(asker, refused, outcomes)
    by_mandate = mandate.found if relation is Relation.MANDATARY else ""
    return Permitted(relation=relation, outcomes=outcomes, mandate=by_mandate)


def _relations(asker: Asker, rules: ActionRules, about: frozenset[Subject], author: Author) -> Iterator[Relation]:
    """As what somebody may do something, the nearest first. A peer hub only asks for documents."""
    if asker.facts.peer:
        return
    role = asker.role
    if rules.patient and asker.is_patient_himself:
        yield Relation.PATIENT
    if rules.mandate and asker.is_patient and not asker.is_patient_himself:
        yield Relation.MANDATARY
    if role.is_one_of(rules.concerned) and asker.is_among(about):
        yield Relation.CONCERNED
    if rules.author and wrote(author, asker.own):
        yield Relation.AUTHOR
    if role.is_one_of(rules.roles):
        yield Relation.PROVIDER
    if role.is_one_of(rules.linked) and asker.links() and not asker.is_excluded():
        yield Relation.LINKED
