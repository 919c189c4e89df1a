"""Every reason has its sentence in every language, and its place in SOAP."""

import re
from pathlib import Path
from typing import get_args

import pytest

from hub.domain.errors import HubError, Kind, Reason
from hub.domain.findings import Finding, Severity
from hub.domain.texts import Language, Text
from hub.web.phrases import PHRASES, phrase
from hub.web.soap.faults import Refusals, is_fault, is_refusal
from hub.web.texts import REASON_TEXTS, sentence
from hub.wire.namespaces import SOAP
from hub.wire.xml import parse

LANGUAGES: tuple[Language, ...] = get_args(Language)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_kind_and_a_sentence_in_four_languages(reason: Reason) -> None:
    assert reason.kind in Kind
    sentences = {REASON_TEXTS[reason].language(language) for language in LANGUAGES}
    assert len(sentences) == len(LANGUAGES)
    places = [set(re.findall(r"{(\w+)}", REASON_TEXTS[reason].language(language))) for language in LANGUAGES]
    assert all(place == places[0] for place in places), "the same places are filled in all languages"


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_can_be_told(reason: Reason, language: Language) -> None:
    refusals = Refusals(codes={})
    error = HubError(reason, where="here", source="chu")
    fault, status = refusals.fault(error, language, "R1")
    assert status in (500, 413)
    assert parse(fault.to_bytes()).find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault") is not None
    (entry,) = refusals.entries(error, language, "R1")
    assert entry.text
    assert "{" not in entry.text


def test_faults_are_what_could_not_be_understood_authenticated_or_processed() -> None:
    faults = {reason for reason in Reason if is_fault(HubError(reason))}
    assert {reason.kind for reason in faults} == {Kind.INVALID, Kind.NOT_AUTHENTICATED, Kind.INTERNAL}
    assert not any(is_fault(HubError(reason)) for reason in Reason if reason.kind is Kind.REFUSED)


def test_codes_are_the_configured_ones() -> None:
    refusals = Refusals(codes={Reason.PATIENT_UNKNOWN: "4711"})
    (entry,) = refusals.entries(HubError(Reason.PATIENT_UNKNOWN), "en", "R1")
    assert entry.code.value == "4711"
    (entry,) = refusals.entries(HubError(Reason.TRANSACTION_UNKNOWN), "en", "R1")
    assert entry.code.value == "406"


def test_findings_are_told_one_by_one_without_the_warnings() -> None:
    wanted = Text(fr="a", nl="b", en="c")
    findings = (
        Finding(Severity.ERROR, "kmehr.link-empty", "/kmehrmessage/folder/transaction/lnk", "", wanted),
        Finding(Severity.WARNING, "kmehr.future-date", "/kmehrmessage/header/date", "2099", wanted),
    )
    (entry,) = Refusals(codes={}).entries(HubError(Reason.CONTENT, findings=findings), "nl", "R1")
    assert (entry.code.value, entry.url) == ("kmehr.link-empty", "/kmehrmessage/folder/transaction/lnk")
    assert entry.text.endswith(": b")


def test_what_the_caller_cannot_help_names_no_place_in_the_request() -> None:
    assert not is_refusal(HubError(Reason.SOURCE_TOO_LATE))
    (entry,) = Refusals(codes={}).entries(HubError(Reason.INDEX_UNAVAILABLE, where="ConnectionError"), "en", "R1")
    assert entry.url == ""


@pytest.mark.parametrize("english", PHRASES)
def test_every_phrase_has_its_numbers_in_every_language(english: str) -> None:
    for language in LANGUAGES:
        assert PHRASES[english].language(language).count("#") == english.count("#")


def test_a_phrase_is_told_in_the_callers_language() -> None:
    error = HubError(Reason.CONTENT, where="request/maxrows", limit="a whole number from 1")
    assert "un nombre entier à partir de 1" in sentence(error, "fr", "R1")
    assert "een geheel getal vanaf 1" in sentence(error, "nl", "R1")
    assert phrase("whatever a parser says", "fr") == "whatever a parser says"


def test_every_phrase_that_the_hub_writes_itself_is_translated() -> None:
    """What is written as `limit="…"` in the code, numbers and names of numbers aside."""
    root = Path(__file__).parents[3]
    written = [
        re.sub(r"{[^}]*}|\d+", "#", found)
        for path in (root / "hub").rglob("*.py")
        for found in re.findall(r'limit=f?"([^"]+)"', path.read_text())
    ]
    assert written
    assert [text for text in written if text not in PHRASES and text not in ("# MiB", "# KiB")] == []
