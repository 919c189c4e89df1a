"""The decision: may this requester see documents of this patient, and which (security facts, part 4).

A pure function of the facts. Every rule is asked, in a fixed order, and says what it found; the first that fails is the
reason of the refusal. What no rule allows is refused.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

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
from hub.domain.access_policy import AccessPolicy, Authentication
from hub.domain.access_rights import NO_RIGHTS
from hub.domain.access_view import View
from hub.domain.ages import age_range
from hub.domain.asker import Asker, CountingLink, word
from hub.domain.consent import ConsentKind, PatientConsent
from hub.domain.errors import Reason
from hub.domain.parties import licence

NOW: Final = "now"
"""What is found when the reason given breaks the glass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Access, as far as the view shows.

    `breaks_the_glass` says that the reason given now is what stands in for a link: it is to be registered, until
    `BreakTheGlassRules.lifetime` from now, and told to the patient. `mandate` is the kind of mandate by which somebody
    acts for the patient, empty for everybody else.
    """

    view: View
    outcomes: tuple[RuleOutcome, ...]
    breaks_the_glass: bool = False
    mandate: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that decided, in order."""
        return decisive(self.outcomes)


def decide(policy: AccessPolicy, facts: AccessFacts) -> Granted | Refused:
    """Decide by all rules of a policy."""
    asker = Asker.of(policy, facts)
    edition = policy.matrix.on(facts.today)
    links, is_excluded = asker.links(), asker.is_excluded()
    consents = _consents(asker)
    glass = _break_the_glass(asker, links, is_excluded=is_excluded)
    mandate = mandate_outcome(asker)
    outcomes = (
        profession_outcome(asker, is_known=edition.knows(asker.role)),
        authentication_outcome(asker),
        *standing_outcomes(asker),
        _patient_alive(facts),
        _consent(asker, consents),
        _exclusion(asker, glass, is_excluded=is_excluded),
        _link(asker, links, glass),
        glass,
        mandate,
    )
    refused = next((outcome for outcome in outcomes if outcome.result is Result.FAILED), None)
    if refused:
        return refusal(asker, refused, outcomes)
    view = View(
        edition=edition,
        role=asker.role,
        today=facts.today,
        own=asker.own,
        rights=asker.rights() if policy.peers.rights or not facts.peer else NO_RIGHTS,
        covered_from=date.min if facts.peer else min(day for _, day in consents),
        is_patient=asker.is_patient,
        has_own_link=any(link.is_own for link in links),
        in_care_context=any(link.link.kind in policy.links.care_context for link in links),
        by_matrix=policy.peers.matrix or not facts.peer,
        by_flags=policy.peers.patient_flags or not facts.peer,
    )
    by_mandate = asker.is_patient and not asker.is_patient_himself
    return Granted(
        view=view,
        outcomes=outcomes,
        breaks_the_glass=glass.found == NOW,
        mandate=mandate.found if by_mandate else "",
    )


def profession_outcome(asker: Asker, *, is_known: bool) -> RuleOutcome:
    """Whether who is asking has a role, and names one person at most."""
    if len(asker.persons) > 1:
        return failed(Rule.PROFESSION, "several", profession=word(asker.code))
    if not is_known:
        return failed(Rule.PROFESSION, "unknown", profession=word(asker.code))
    return passed(Rule.PROFESSION, asker.role.name, profession=word(asker.code))


def authentication_outcome(asker: Asker) -> RuleOutcome:
    """Whether who is asking has proved it well enough, himself or by an organisation that may name him."""
    how = asker.facts.authentication
    if how not in asker.policy.authentication.accepted:
        return failed(Rule.AUTHENTICATION, "weak", authentication=how)
    if asker.facts.peer:
        return passed(Rule.AUTHENTICATION, "hub", authentication=how)
    if how is Authentication.ORGANISATION and asker.persons and not _may_name_people(asker):
        return failed(Rule.AUTHENTICATION, "nobody-vouches", authentication=how)
    return passed(Rule.AUTHENTICATION, how, authentication=how)


def _may_name_people(asker: Asker) -> bool:
    organisation, policy = asker.organisation, asker.policy
    if asker.is_patient:
        return organisation is not None and licence(organisation.number) in policy.authentication.portals
    return policy.is_circle_of_trust(organisation)


def standing_outcomes(asker: Asker) -> tuple[RuleOutcome, RuleOutcome]:
    """Whether a care provider is registered with the hub, and has consented, himself or by his organisation."""
    rules, standing = asker.policy.provider, asker.facts.standing
    if not asker.is_provider:
        return not_applicable(Rule.PROVIDER_REGISTRATION), not_applicable(Rule.PROVIDER_CONSENT)
    by_organisation = not asker.persons or asker.policy.is_circle_of_trust(asker.organisation)
    by = "organisation" if by_organisation else "person"
    return (
        _standing(Rule.PROVIDER_REGISTRATION, by, wanted=rules.registration, met=standing.registered),
        _standing(Rule.PROVIDER_CONSENT, by, wanted=rules.consent, met=standing.consented),
    )


def mandate_outcome(asker: Asker, *, decides: bool = False) -> RuleOutcome:
    """Whether who asks as a patient is the patient, or may read, or decide, for him."""
    if not asker.is_patient:
        return not_applicable(Rule.MANDATE)
    policy, facts = asker.policy, asker.facts
    age = age_range(facts.birthdate, facts.today)
    if asker.is_patient_himself:
        least = policy.patient.decides_from if decides else policy.patient.reads_from
        if age and age[0] < least:
            return failed(Rule.MANDATE, "too-young", age=str(least))
        return passed(Rule.MANDATE, "self")
    for mandate in asker.mandates():
        rules = policy.mandates.get(mandate.kind)
        if rules and rules.allow(age, decides=decides):
            return passed(Rule.MANDATE, mandate.kind.value)
    return failed(Rule.MANDATE, "missing")


def refusal(asker: Asker, refused: RuleOutcome, outcomes: tuple[RuleOutcome, ...]) -> Refused:
    """No, because of a rule; with what a caller needs to know to do better."""
    glass = next((outcome for outcome in outcomes if outcome.rule is Rule.BREAK_THE_GLASS), None)
    if refused.rule is Rule.LINK and glass and glass.found == "reason":
        return Refused(reason=Reason.BREAK_THE_GLASS_REASON, outcomes=outcomes, details=glass.values)
    details = {"profession": word(asker.code)} if refused.rule is Rule.PROFESSION else {}
    return Refused(reason=_REASONS[refused.rule], outcomes=outcomes, details=details)


_REASONS = {
    Rule.PROFESSION: Reason.PROFESSION_UNKNOWN,
    Rule.AUTHENTICATION: Reason.AUTHENTICATION_WEAK,
    Rule.PROVIDER_REGISTRATION: Reason.PROVIDER_NOT_REGISTERED,
    Rule.PROVIDER_CONSENT: Reason.PROVIDER_CONSENT_MISSING,
    Rule.PATIENT_ALIVE: Reason.PATIENT_DECEASED,
    Rule.CONSENT: Reason.CONSENT_MISSING,
    Rule.EXCLUSION: Reason.EXCLUDED,
    Rule.LINK: Reason.LINK_MISSING,
    Rule.MANDATE: Reason.MANDATE_MISSING,
    Rule.ACTION: Reason.NOT_YOURS,
}


def _standing(rule: Rule, by: str, *, wanted: bool, met: bool) -> RuleOutcome:
    if not wanted:
        return not_applicable(rule)
    return passed(rule, by) if met else failed(rule, "missing", by=by)


def _patient_alive(facts: AccessFacts) -> RuleOutcome:
    return failed(Rule.PATIENT_ALIVE, "deceased") if facts.deceased else passed(Rule.PATIENT_ALIVE, "alive")


def _consents(asker: Asker) -> list[tuple[PatientConsent, date]]:
    """The consents that count today, each with the day from which it covers documents."""
    kinds, today = asker.policy.consent.kinds, asker.facts.today
    return [
        (consent, consent.signed_on if consent.kinds & kinds == {ConsentKind.PROSPECTIVE} else date.min)
        for consent in asker.facts.registered.consents
        if consent.is_given and consent.signed_on <= today and consent.kinds & kinds
    ]


def _consent(asker: Asker, consents: list[tuple[PatientConsent, date]]) -> RuleOutcome:
    if asker.facts.peer:
        return not_applicable(Rule.CONSENT)
    if not consents:
        was_given = any(not consent.is_given for consent in asker.facts.registered.consents)
        return failed(Rule.CONSENT, "withdrawn" if was_given else "missing")
    widest, covered_from = min(consents, key=lambda pair: pair[1])
    kind = min(widest.kinds & asker.policy.consent.kinds, key=list(ConsentKind).index)
    return passed(Rule.CONSENT, kind, covered_from="" if covered_from == date.min else covered_from.isoformat())


def _exclusion(asker: Asker, glass: RuleOutcome, *, is_excluded: bool) -> RuleOutcome:
    if asker.is_patient_himself or (asker.facts.peer and not asker.policy.peers.exclusions):
        return not_applicable(Rule.EXCLUSION)
    if not is_excluded:
        return passed(Rule.EXCLUSION, "none")
    if asker.policy.break_the_glass.overrides_exclusion and glass.result is Result.PASSED:
        return passed(Rule.EXCLUSION, "overridden")
    return failed(Rule.EXCLUSION, "excluded")


def _link(asker: Asker, links: list[CountingLink], glass: RuleOutcome) -> RuleOutcome:
    if not asker.is_provider:
        return not_applicable(Rule.LINK)
    if links:
        link, is_own = links[0]
        by = "person" if is_own else "organisation"
        return passed(Rule.LINK, word(link.kind), by=by, until=link.end.isoformat())
    if glass.result is Result.PASSED:
        return passed(Rule.LINK, "broken-glass")
    return failed(Rule.LINK, "missing")


def _break_the_glass(asker: Asker, links: list[CountingLink], *, is_excluded: bool) -> RuleOutcome:
    """Whether breaking the glass, now or before, stands in where that is needed."""
    rules, facts = asker.policy.break_the_glass, asker.facts
    is_needed = not links or (is_excluded and rules.overrides_exclusion)
    broke_before = asker.broke_the_glass()
    if not asker.is_provider or not is_needed or (facts.break_the_glass is None and not broke_before):
        return not_applicable(Rule.BREAK_THE_GLASS)
    if not rules.enabled:
        return failed(Rule.BREAK_THE_GLASS, "disabled")
    if not asker.role.is_one_of(rules.roles):
        return failed(Rule.BREAK_THE_GLASS, "role", role=asker.role.name)
    if broke_before:
        return passed(Rule.BREAK_THE_GLASS, "before")
    length = len((facts.break_the_glass or "").strip())
    if not rules.least <= length <= rules.most:
        return failed(Rule.BREAK_THE_GLASS, "reason", least=str(rules.least), most=str(rules.most), length=str(length))
    return passed(Rule.BREAK_THE_GLASS, NOW, hours=str(rules.hours))
