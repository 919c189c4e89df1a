"""The table of therapeutic links: what is shipped, and what is wrong with an operator's own."""

from pathlib import Path

import pytest

from hub.config.link_policy import load_link_policy
from hub.domain.link_policy import LinkRule
from hub.domain.therapeutic_links import Proof

RULE = '[[rule]]\nmonths = 3\nproofs = ["patient"]\nbasis = "inferred"\n'
HEAD = 'tolerance_days = 0\nanswering = ["orghospital"]\n'


def rule_for(kind: str, profession: str) -> LinkRule:
    return next(rule for rule in load_link_policy().rules if rule.fits(kind, profession))


@pytest.mark.parametrize(
    ("kind", "profession", "months", "sourced"),
    [
        ("gpconsultation", "persphysician", 15, True),
        ("gmd", "persphysician", 12, True),
        ("specialistconsultation", "persphysician", 3, True),
        ("referral", "persphysician", 3, True),
        ("hospitalstay", "orghospital", 3, True),
        ("hospitalambulatory", "", 3, True),
        ("hospitalurgency", "orghospital", 1, True),
        ("gpconsultation", "guardpost", 1, True),
        ("pharmacy", "orgpharmacy", 15, True),
        ("gpconsultation", "perspharmacist", 15, True),
        ("gpconsultation", "persphysiotherapist", 3, True),
        ("gpconsultation", "persnurse", 3, False),
        ("medicalhouse", "groupofphysicianssameaddress", 15, False),
        ("carepath", "persphysician", 12, False),
        ("a kind of later", "", 3, False),
    ],
)
def test_the_shipped_lengths(kind: str, profession: str, months: int, sourced: bool) -> None:
    rule = rule_for(kind, profession)
    assert (rule.months, rule.sourced) == (months, sourced)


def test_every_shipped_rule_needs_a_proof() -> None:
    assert not [rule for rule in load_link_policy().rules if Proof.NONE in rule.proofs]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEAD, "rule is missing"),
        (RULE, "answering is missing"),
        (HEAD + "rule = []", "list of tables"),
        (HEAD + RULE + "month = 4", "rule 1: unknown: month"),
        ("odd = 1\n" + HEAD + RULE, "unknown: odd"),
        (HEAD + RULE.replace("3", '"3"'), "rule 1: months is '3'; a whole number from 1 to 120 is wanted"),
        (HEAD + RULE.replace("3", "true"), "months is True"),
        (HEAD + RULE + RULE.replace("3", "0"), "rule 2: months is 0"),
        (HEAD + RULE.replace("patient", "oath"), "eidreading, isireading"),
        (HEAD + RULE.replace("inferred", "guessed"), '"sourced" or "inferred" is wanted'),
        (HEAD + RULE + "kinds = []", "kinds is []; a list of codes"),
        (HEAD.replace("0", "30") + RULE, "tolerance_days is 30"),
        ("= 3", "Invalid"),
    ],
)
def test_what_is_wrong_with_a_table_is_told_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "links.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"links\.toml") as refusal:
        load_link_policy(file)
    assert problem in str(refusal.value)


def test_a_table_of_an_operator_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    file = tmp_path / "links.toml"
    file.write_text(HEAD + RULE)
    (rule,) = load_link_policy(file).rules
    assert rule == LinkRule(months=3, proofs=frozenset({Proof.PATIENT}), sourced=False)
