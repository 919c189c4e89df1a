"""Explanations of access as JSON and as lines of text: the facts, each rule in order, the outcome.

Nothing says more of the patient than what was said about him and who would ask.
"""

from collections.abc import Iterator
from typing import Any, Final

from hub.domain.access import Granted
from hub.domain.access_facts import AccessFacts, Refused
from hub.domain.asker import word
from hub.domain.errors import HubError
from hub.domain.national import NationalWord
from hub.domain.patient_facts import SubjectFacts
from hub.domain.texts import Language
from hub.services.explanations import Explained
from hub.web.access_facts_texts import BREAKS, FACTS, GRANTED, ITEMS, NAMES, NO, NOTHING, REFUSED, YES
from hub.web.explanations import explain, explain_document
from hub.web.texts import sentence

LANGUAGES: Final[tuple[Language, ...]] = ("fr", "nl", "en")

Json = dict[str, Any]


def answer(explained: Explained, request_id: str) -> Json:
    """The whole answer, its sentences in all languages."""
    decision, document = explained.decision, explained.document
    return {
        "facts": facts_of(explained),
        "rules": [
            {"rule": outcome.rule, "result": outcome.result, "found": outcome.found, "values": dict(outcome.values)}
            for outcome in decision.outcomes
        ],
        "outcome": {
            "granted": isinstance(decision, Granted),
            "reason": decision.reason.value if isinstance(decision, Refused) else None,
            "decided_by": list(decision.rules),
            "breaks_the_glass": isinstance(decision, Granted) and decision.breaks_the_glass,
            "mandate": decision.mandate if isinstance(decision, Granted) else "",
        },
        "document": document
        and {
            "level": document.level,
            "rule": document.rule,
            "items": None if document.items is None else sorted(document.items),
        },
        "texts": {language: lines(explained, language, request_id) for language in LANGUAGES},
    }


def lines(explained: Explained, language: Language, request_id: str) -> list[str]:
    """The same in sentences."""
    decision, document = explained.decision, explained.document
    said = [_fact(name, value, language) for name, value in facts_of(explained).items()]
    said += explain(decision, language)
    if isinstance(decision, Refused):
        said.append(_refused(decision.error(), language, request_id))
    else:
        said.append(GRANTED.language(language))
        said += [BREAKS.language(language)] if decision.breaks_the_glass else []
    if document:
        items = f" ({ITEMS.language(language)}: {', '.join(sorted(document.items))})" if document.items else ""
        said.append(f"{explain_document(document, language)}{items}")
    return said


def _refused(error: HubError, language: Language, request_id: str) -> str:
    text = sentence(error, language, request_id)
    return REFUSED.language(language).format(reason=error.reason.value, sentence=text)


def facts_of(explained: Explained) -> Json:
    """What was found, by its name; in lists what there is several times."""
    asker, facts = explained.asker, explained.facts
    said = [(subject in asker.own, about) for subject, about in facts.registered.by_subject.items()]
    return {
        "requester": {
            "profession": word(asker.code),
            "role": asker.role.name,
            "authentication": facts.authentication.value,
            "registered": facts.standing.registered,
            "consented": facts.standing.consented,
        },
        "patient": {"deceased": facts.deceased},
        "consents": list(_consents(facts)),
        "links": [link for is_own, about in said for link in _links(facts, about, is_own=is_own)],
        "exclusions": [exclusion for is_own, about in said for exclusion in _exclusions(about, is_own=is_own)],
        "rights": [{"right": right.right} for _, about in said for right in about.rights if right.stands],
        "mandates": [mandate for is_own, about in said if is_own for mandate in _mandates(facts, about)],
        "broken_glass": [
            {"until": broken.until.isoformat(timespec="minutes"), "in_force": broken.until > facts.now}
            for is_own, about in said
            if is_own
            for broken in about.broken_glass
        ],
        "national": _national(explained.word),
    }


def _consents(facts: AccessFacts) -> Iterator[Json]:
    for consent in facts.registered.consents:
        yield {
            "kinds": sorted(consent.kinds),
            "signed_on": consent.signed_on.isoformat(),
            "revoked_on": consent.revoked_on and consent.revoked_on.isoformat(),
            "in_force": consent.is_given and consent.signed_on <= facts.today,
        }


def _links(facts: AccessFacts, about: SubjectFacts, *, is_own: bool) -> Iterator[Json]:
    for link in about.links:
        yield {
            "kind": word(link.kind),
            "by": _whose(is_own=is_own),
            "start": link.start.isoformat(),
            "end": link.last_day.isoformat(),
            "in_force": link.holds_on(facts.today),
        }


def _exclusions(about: SubjectFacts, *, is_own: bool) -> Iterator[Json]:
    for exclusion in about.exclusions:
        yield {
            "by": _whose(is_own=is_own),
            "start": exclusion.start.isoformat(),
            "lifted_on": exclusion.lifted_on and exclusion.lifted_on.isoformat(),
            "in_force": exclusion.is_in_force,
        }


def _mandates(facts: AccessFacts, about: SubjectFacts) -> Iterator[Json]:
    for mandate in about.mandates:
        yield {
            "kind": mandate.kind.value,
            "start": mandate.start.isoformat(),
            "end": mandate.end and mandate.end.isoformat(),
            "accepted": mandate.accepted,
            "in_force": mandate.holds_on(facts.today),
        }


def _national(said: NationalWord) -> Json:
    return {
        "consent": said.consent and said.consent.state.value,
        "links": len(said.links),
        "exclusions": len(said.exclusions),
        "notes": list(said.notes),
    }


def _whose(*, is_own: bool) -> str:
    return "person" if is_own else "organisation"


def _fact(name: str, value: Json | list[Json], language: Language) -> str:
    """A fact in a line, such as `Therapeutic links: kind gmd, from 2026-01-01, to 2026-12-31, in force yes`."""
    several = value if isinstance(value, list) else [value]
    text = "; ".join(_entry(each, language) for each in several) or NOTHING.language(language)
    return f"{FACTS[name].language(language)}{' :' if language == 'fr' else ':'} {text}"


def _entry(entry: Json, language: Language) -> str:
    shown = {name: _value(value, language) for name, value in entry.items()}
    return ", ".join(f"{NAMES[name].language(language)} {text}" for name, text in shown.items() if text)


def _value(value: str | float | list[str] | None, language: Language) -> str:
    match value:
        case bool():
            return (YES if value else NO).language(language)
        case list():
            return "+".join(value)
        case None:
            return ""
    return str(value)
