"""Explanations: every rule has its sentences, in every language, and they name nobody."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import get_args

import pytest

from hub.domain import access_actions, access_view
from hub.domain.access import decide
from hub.domain.access_actions import Permitted, may
from hub.domain.access_facts import AccessFacts, ProviderStanding, Refused, Result, Rule
from hub.domain.access_matrix import Level
from hub.domain.access_policy import AccessPolicy, Action, Authentication
from hub.domain.access_view import DocumentAccess
from hub.domain.consent import ConsentKind
from hub.domain.mandates import MandateKind
from hub.domain.patient_facts import SubjectFacts
from hub.domain.texts import Language
from hub.web.explanation_texts import DOCUMENT_RULES, FINDINGS, LEVELS, RESULTS, RULES, WORDS
from hub.web.explanations import explain, explain_document
from tests.access_builders import (
    GP,
    JAN_AS_SUBJECT,
    NOTHING_SAID,
    NOW,
    POLICY,
    REASON,
    TODAY,
    a_consent,
    a_link,
    a_mandate,
    a_party,
    a_patient_party,
    an_exclusion,
    broken_glass,
    granted,
    refused,
    registered,
    the_facts,
    with_glass,
)
from tests.builders import GP_NIHII, JAN, OTHER_GP_NIHII, a_hospital, a_person

LANGUAGES: tuple[Language, ...] = ("fr", "nl", "en")
UNLINKED = the_facts(registered=NOTHING_SAID, break_the_glass=REASON)
BROKEN = registered({GP: SubjectFacts(broken_glass=(broken_glass(),))})
EXCLUDED = registered({GP: SubjectFacts(links=(a_link(),), exclusions=(an_exclusion(GP_NIHII),))})
BY_MANDATE = registered({JAN_AS_SUBJECT: SubjectFacts(mandates=(a_mandate(MandateKind.TRUSTED_PERSON),))})


def consenting(kind: ConsentKind) -> AccessFacts:
    return the_facts(registered=registered({GP: SubjectFacts(links=(a_link(),))}, consents=(a_consent(kind),)))


DECISIONS: list[tuple[AccessPolicy, AccessFacts]] = [
    (POLICY, the_facts()),
    *((POLICY, consenting(kind)) for kind in ConsentKind),
    (POLICY, the_facts(a_hospital(), a_person())),
    (POLICY, the_facts(a_party("perstechnician"), standing=ProviderStanding(), deceased=True)),
    (POLICY, the_facts(a_person(), a_person(OTHER_GP_NIHII), registered=registered(consents=()))),
    (POLICY, the_facts(registered=registered(consents=(a_consent(revoked_on=TODAY),)))),
    (POLICY, the_facts(registered=EXCLUDED)),
    (with_glass(overrides_exclusion=True), the_facts(registered=EXCLUDED, break_the_glass=REASON)),
    (with_glass(), UNLINKED),
    (with_glass(), the_facts(registered=BROKEN)),
    (with_glass(), replace(UNLINKED, break_the_glass="short")),
    (with_glass(), the_facts(a_person(profession="persnurse"), registered=NOTHING_SAID, break_the_glass=REASON)),
    (POLICY, UNLINKED),
    (POLICY, the_facts(a_patient_party())),
    (POLICY, the_facts(a_patient_party(), birthdate="2015")),
    (POLICY, the_facts(a_patient_party(JAN), registered=BY_MANDATE)),
    (POLICY, the_facts(a_patient_party(JAN))),
    (POLICY, the_facts(authentication=Authentication.PERSON)),
    (POLICY, the_facts(authentication=Authentication.ORGANISATION)),
    (replace(POLICY, authentication=replace(POLICY.authentication, accepted=frozenset())), the_facts()),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_decision_is_explained_rule_by_rule(language: Language) -> None:
    for policy, facts in DECISIONS:
        decision = decide(policy, facts)
        lines = explain(decision, language)
        assert len(lines) == len(decision.outcomes)
        for line, outcome in zip(lines, decision.outcomes, strict=True):
            assert line.startswith(RULES[outcome.rule].language(language))
            assert RESULTS[outcome.result].language(language) in line
            assert not re.search(r"[{}]|  ", line)
            assert not re.search(r"\d{6}", line), "a number of somebody"


def test_every_sentence_is_used_and_every_finding_has_one() -> None:
    """What the rules can find is what the decisions above found: no sentence is missing, none is left over."""
    used = set()
    outcomes = [outcome for policy, facts in DECISIONS for outcome in decide(policy, facts).outcomes]
    for action in (Action.READ_CONSENT, Action.EXCLUDE):
        outcomes += may(POLICY, action, the_facts()).outcomes
    for rule, result, found, _ in outcomes:
        if result is not Result.NOT_APPLICABLE:
            used.add((rule, result, found if (rule, result, found) in FINDINGS else ""))
    assert used == set(FINDINGS)
    assert {rule for rule, _, _ in used} == set(Rule)


def test_every_rule_has_a_sentence_for_passed_and_for_failed() -> None:
    assert {(rule, result) for rule, result, _ in FINDINGS} == set(product(Rule, (Result.PASSED, Result.FAILED)))
    assert set(RULES) == set(Rule)
    assert set(RESULTS) == set(Result)


@pytest.mark.parametrize("language", get_args(Language))
def test_every_rule_about_a_document_has_a_sentence(language: Language) -> None:
    stated = {value.rule for value in vars(access_view).values() if isinstance(value, DocumentAccess)}
    assert stated | {"matrix"} == set(DOCUMENT_RULES)
    for rule, level in product([*stated, "matrix/2026-01-01/sumehr/nurse"], Level):
        line = explain_document(DocumentAccess(level, rule), language)
        assert line.startswith(LEVELS[level].language(language))
        assert not re.search(r"[{}]|  ", line)


def test_the_words_are_those_that_rules_find() -> None:
    relations = {relation.value for relation in access_actions.Relation} - {"nobody"}
    assert set(WORDS) == {"person", "organisation", *MandateKind, *relations}


def test_an_explanation_reads_like_this() -> None:
    lines = explain(refused(the_facts(registered=NOTHING_SAID)), "en")
    assert lines[0] == "Profession – yes: the profession persphysician has the role doctor."
    assert lines[7:] == [
        "Therapeutic link – no: there is none in force.",
        "Break the glass – does not apply",
        "Patient or mandatary – does not apply",
    ]
    by_hospital = explain(granted(the_facts(a_hospital(), a_person())), "fr")
    assert by_hospital[2] == (
        "Inscription du prestataire – oui : l'organisation qui répond de lui est inscrite auprès du hub."
    )
    assert by_hospital[7] == "Lien thérapeutique – oui : gpconsultation, jusqu'au 2026-12-31 (personne)."
    answer = may(POLICY, Action.READ_CONSENT, the_facts())
    assert isinstance(answer, Permitted)
    assert (
        explain(answer, "nl")[-1] == "Handeling – ja: read-consent is toegestaan, in de hoedanigheid van: zorgverlener."
    )
    later = decide(POLICY, the_facts(now=NOW + timedelta(days=400)))
    assert isinstance(later, Refused)
