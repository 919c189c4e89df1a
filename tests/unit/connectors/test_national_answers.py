"""What adapters of national registers may answer, and what is nonsense."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.national.answers import MOST_ENTRIES, Nonsense, read_consent, read_exclusions, read_links
from hub.domain.consent import ConsentKind, ConsentState
from hub.domain.national import NationalQuestion
from hub.domain.recorded import Recorded
from hub.domain.subjects import Subject, SubjectKind
from hub.domain.therapeutic_links import Proof
from tests.builders import GP_NIHII, JAN, MILA

GP = Subject(SubjectKind.NIHII, GP_NIHII[:8])
QUESTION = NationalQuestion(JAN, frozenset({GP}))
NOW = Recorded(datetime(2026, 3, 3, 9, 30, tzinfo=UTC), ())
READERS = (read_consent, read_links, read_exclusions)
PARTY = {"nihii": GP_NIHII[:8]}
CONSENT: dict[str, object] = {
    "patient": JAN.digits,
    "status": "given",
    "types": ["retrospective"],
    "signed_on": "2024-05-01",
}
LINK: dict[str, object] = {"party": PARTY, "type": "gmd", "begin": "2026-01-01", "end": "2026-12-31"}
LINKS: dict[str, object] = {"patient": JAN.digits, "links": [LINK]}
EXCLUSION: dict[str, object] = {"party": {"nihii": GP_NIHII}, "begin": "2026-01-01"}
EXCLUSIONS: dict[str, object] = {"patient": JAN.digits, "exclusions": [EXCLUSION]}


def written(answer: object) -> bytes:
    return json.dumps(answer).encode()


def test_a_consent_that_is_given() -> None:
    said = read_consent(written(CONSENT | {"more": 1}), QUESTION, NOW)
    assert (said.state, said.ended_on) == (ConsentState.GIVEN, None)
    assert said.consent is not None
    assert said.consent.kinds == {ConsentKind.RETROSPECTIVE}
    assert (said.consent.signed_on, said.consent.recorded) == (date(2024, 5, 1), NOW)


@pytest.mark.parametrize("status", ["none", "revoked", "deceased"])
def test_a_consent_that_is_not_given(status: str) -> None:
    ended = {} if status == "none" else {"revoked_on": "2025-01-31"}
    said = read_consent(written({"patient": JAN.digits, "status": status} | ended), QUESTION, NOW)
    assert (said.state, said.consent) == (ConsentState(status), None)
    assert said.ended_on == (date(2025, 1, 31) if ended else None)


def test_links_and_exclusions_of_the_parties_that_were_asked_about() -> None:
    (link,) = read_links(written(LINKS), QUESTION, NOW)
    assert (link.kind, link.start, link.end) == ("gmd", date(2026, 1, 1), date(2026, 12, 31))
    assert (link.proof, link.recorded) == (Proof.AUTHENTIC_SOURCE, NOW)
    (exclusion,) = read_exclusions(written(EXCLUSIONS), QUESTION, NOW)
    assert (exclusion.start, exclusion.is_in_force) == (date(2026, 1, 1), True)
    assert read_links(written(LINKS | {"links": []}), QUESTION, NOW) == ()
    assert read_exclusions(written(EXCLUSIONS | {"exclusions": []}), QUESTION, NOW) == ()


SHAPES = {
    "nothing": b"",
    "not JSON": b"<html>",
    "not all of it": written(CONSENT)[:-1],
    "not UTF-8": b'{"patient": "\xff"}',
    "a list": b"[]",
    "nothing in it": b"{}",
    "a number as patient": written({**CONSENT, **LINKS, **EXCLUSIONS, "patient": int(JAN.digits)}),
    "another patient": written({**CONSENT, **LINKS, **EXCLUSIONS, "patient": MILA.digits}),
    "brackets without end": b'{"more": ' + b"[" * 200_000,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("case", SHAPES)
def test_what_has_another_shape_is_nonsense(case: str, reader: Any) -> None:
    with pytest.raises(Nonsense) as told:
        reader(SHAPES[case], QUESTION, NOW)
    assert MILA.digits not in str(told.value)


CONSENTS: dict[str, dict[str, object]] = {
    "a status nobody knows": {"status": "perhaps 45123199772"},
    "given without a type": {"types": []},
    "a type nobody knows": {"types": ["local"]},
    "given without a day": {"signed_on": None},
    "given and revoked": {"revoked_on": "2025-01-01"},
    "a day that does not exist": {"signed_on": "2026-02-30"},
    "a moment for a day": {"signed_on": "2026-02-03T10:00:00"},
    "signed in the future": {"signed_on": "2026-03-05"},
    "nothing, with types": {"status": "none"},
    "revoked, with a day of signing": {"status": "revoked", "types": [], "revoked_on": "2025-01-01"},
    "nothing, and revoked": {"status": "none", "types": [], "signed_on": None, "revoked_on": "2025-01-01"},
    "revoked in the future": {"status": "revoked", "types": [], "signed_on": None, "revoked_on": "2026-04-01"},
}


@pytest.mark.parametrize("case", CONSENTS)
def test_a_consent_that_contradicts_itself_is_nonsense(case: str) -> None:
    with pytest.raises(Nonsense) as told:
        read_consent(written(CONSENT | CONSENTS[case]), QUESTION, NOW)
    assert JAN.digits not in str(told.value)


def test_a_clock_that_is_ahead_a_little_is_not_nonsense() -> None:
    assert read_consent(written(CONSENT | {"signed_on": "2026-03-04"}), QUESTION, NOW).consent


PARTIES: dict[str, object] = {
    "nobody": {},
    "wrong check digits": {"nihii": "19990117"},
    "somebody who was not asked about": {"nihii": "19990215"},
    "two numbers that are two parties": {"nihii": "19990215003", "inss": JAN.digits},
    "a number": {"nihii": 19990116},
    "a text": GP_NIHII,
}


@pytest.mark.parametrize("case", PARTIES)
def test_a_party_that_cannot_be_meant_is_nonsense(case: str) -> None:
    with pytest.raises(Nonsense):
        read_links(written(LINKS | {"links": [LINK | {"party": PARTIES[case]}]}), QUESTION, NOW)
    with pytest.raises(Nonsense):
        read_exclusions(written(EXCLUSIONS | {"exclusions": [EXCLUSION | {"party": PARTIES[case]}]}), QUESTION, NOW)


@pytest.mark.parametrize("change", [{"end": "2025-12-31"}, {"type": " "}, {"type": None}, {"begin": 1}, {"end": None}])
def test_a_link_that_cannot_be_is_nonsense(change: dict[str, object]) -> None:
    with pytest.raises(Nonsense):
        read_links(written(LINKS | {"links": [LINK, LINK | change]}), QUESTION, NOW)


def test_more_entries_than_registers_give_are_nonsense() -> None:
    assert len(read_links(written(LINKS | {"links": [LINK] * MOST_ENTRIES}), QUESTION, NOW)) == MOST_ENTRIES
    with pytest.raises(Nonsense, match="1000"):
        read_links(written(LINKS | {"links": [LINK] * (MOST_ENTRIES + 1)}), QUESTION, NOW)
    with pytest.raises(Nonsense, match="1000"):
        read_exclusions(written(EXCLUSIONS | {"exclusions": [EXCLUSION] * (MOST_ENTRIES + 1)}), QUESTION, NOW)


def test_what_is_wrong_is_said_with_its_place() -> None:
    with pytest.raises(Nonsense, match=r"links\[1\]\.begin"):
        read_links(written(LINKS | {"links": [LINK, LINK | {"begin": "?"}]}), QUESTION, NOW)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["given", "2026-01-01", PARTY]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*CONSENT, *LINKS, *LINK]), inner),
    max_leaves=10,
)


@given(change=st.dictionaries(st.sampled_from([*CONSENT, "links", "exclusions", "revoked_on"]), VALUES))
def test_any_answer_is_read_or_nonsense(change: dict[str, object]) -> None:
    for reader in READERS:
        with suppress(Nonsense):
            reader(written({**CONSENT, **LINKS, **EXCLUSIONS} | change), QUESTION, NOW)


@given(body=st.binary(max_size=200))
def test_any_bytes_are_read_or_nonsense(body: bytes) -> None:
    for reader in READERS:
        with pytest.raises(Nonsense):
            reader(body, QUESTION, NOW)
