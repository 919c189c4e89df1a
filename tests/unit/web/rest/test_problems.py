"""Every reason has its HTTP status, and a problem that tells no number."""

import re
from pathlib import Path
from typing import get_args

import pytest

from hub.domain.errors import HubError, Kind, Reason
from hub.domain.texts import Language
from hub.web.phrases import PHRASES
from hub.web.rest.problems import STATUSES, problem_of

LANGUAGES: tuple[Language, ...] = get_args(Language)
OF_KIND = {
    Kind.INVALID: {400, 413},
    Kind.NOT_AUTHENTICATED: {401},
    Kind.REFUSED: {403},
    Kind.NOT_FOUND: {404},
    Kind.CONFLICT: {409},
    Kind.NOT_SUPPORTED: {405, 406, 415, 422},
    Kind.UNAVAILABLE: {503},
    Kind.TOO_LATE: {504},
    Kind.INTERNAL: {500},
}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_status_of_its_kind(reason: Reason) -> None:
    assert STATUSES[reason] in OF_KIND[reason.kind]


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_told_in_every_language(reason: Reason, language: Language) -> None:
    problem = problem_of(HubError(reason, where="here"), language, "R1")
    assert (problem.status, problem.reason, problem.request_id) == (STATUSES[reason], reason.value, "R1")
    assert problem.title == STATUSES[reason].phrase
    assert problem.detail
    assert "{" not in problem.detail


def test_a_place_is_named_as_the_api_names_it() -> None:
    error = HubError(Reason.CONTENT, where="therapeuticlink/startdate", limit="a day that is not in the future")
    problem = problem_of(error, "nl", "R1")
    assert (problem.where, problem.wanted) == ("start", "een dag die niet in de toekomst ligt")
    assert "(start)" in problem.detail


def test_what_the_caller_cannot_help_names_no_place() -> None:
    problem = problem_of(HubError(Reason.INDEX_UNAVAILABLE, where="ConnectionError"), "en", "R1")
    assert (problem.where, "ConnectionError" in problem.detail) == ("", False)


def test_what_is_wanted_and_seen_is_told_in_every_language() -> None:
    """What is written as `wanted="…"` and `seen="…"`, words of JSON aside."""
    folder = Path(__file__).parents[4] / "hub" / "web" / "rest"
    written = {
        re.sub(r"{[^}]*}", "#", found)
        for path in folder.glob("*.py")
        for found in re.findall(r'(?:wanted|seen)=f?"(\w[^"]+)"', path.read_text())
    }
    assert len(written) > 5
    assert written - set(PHRASES) == {"null"}
