"""A decision about access in sentences: each rule in order, and what it found. For staff, and for those who ask why."""

from hub.domain.access import Granted
from hub.domain.access_actions import Permitted
from hub.domain.access_facts import Refused, Result, RuleOutcome
from hub.domain.access_view import DocumentAccess
from hub.domain.texts import Language, Text
from hub.web.explanation_texts import DOCUMENT_RULES, FINDINGS, LEVELS, OTHERWISE, RESULTS, RULES, WORDS


def explain(decision: Granted | Permitted | Refused, language: Language) -> list[str]:
    """Each rule of a decision in order, a line each. German falls back on English."""
    return [_outcome(outcome, language) for outcome in decision.outcomes]


def explain_document(access: DocumentAccess, language: Language) -> str:
    """How much of a document is seen, and by which rule, in a line."""
    family = "matrix" if access.rule.startswith("matrix/") else access.rule
    why = DOCUMENT_RULES[family].language(language).format(rule=access.rule)
    return _joined(LEVELS[access.level].language(language), why, language)


def _outcome(outcome: RuleOutcome, language: Language) -> str:
    head = f"{RULES[outcome.rule].language(language)} – {RESULTS[outcome.result].language(language)}"
    if outcome.result is Result.NOT_APPLICABLE:
        return head
    text = _finding(outcome).language(language)
    values = {name: _word(value, language) for name, value in {**outcome.values, "found": outcome.found}.items()}
    return _joined(head, text.format(**values), language)


def _finding(outcome: RuleOutcome) -> Text:
    """The sentence for what a rule found, or that for whatever else it may find."""
    own = FINDINGS.get((outcome.rule, outcome.result, outcome.found))
    return own or FINDINGS[outcome.rule, outcome.result, OTHERWISE]


def _word(value: str, language: Language) -> str:
    return WORDS[value].language(language) if value in WORDS else value


def _joined(head: str, text: str, language: Language) -> str:
    colon = " : " if language == "fr" else ": "
    return f"{head}{colon}{text}"
