"""The quick part of fuzzing: what was found before, what is large, and some inputs that are new in every run."""

from base64 import b64encode
from pathlib import Path

import pytest

from hub.wire.security.refusal import Cause
from tests.fuzz.generated import judge_generated
from tests.fuzz.seeds import INSIDERS
from tests.fuzz.shapes import shapes
from tests.fuzz.target import ACCEPTED, CORPUS, GENUINE, Finding, Target, read_corpus

UNREACHED = {Cause.REPLAYED, Cause.CLIENT_CERTIFICATE, Cause.REVOCATION_UNKNOWN}
"""Causes that other parts find: the memory of messages, TLS; and a list that is too old, which here it never is."""


@pytest.fixture(scope="module")
def corpus() -> dict[str, bytes]:
    return read_corpus([CORPUS])


@pytest.fixture(scope="module")
def target(corpus: dict[str, bytes]) -> Target:
    return Target(corpus)


def test_the_corpus_is_accepted_where_it_is_genuine_and_refused_where_not(
    target: Target, corpus: dict[str, bytes]
) -> None:
    outcomes = {name: target.judge(data).label for name, data in corpus.items()}
    for folder, is_accepted in ((GENUINE, True), ("attacks", False), ("mistakes", False)):
        labels = {name: label for name, label in outcomes.items() if Path(name).parts[0] == folder}
        assert labels
        assert {name for name, label in labels.items() if (label == ACCEPTED) is not is_accepted} == set()


def test_what_nobody_signed_is_a_finding_that_notes_its_input(corpus: dict[str, bytes]) -> None:
    """A judge that has never seen a genuine message takes it for a false accept."""
    message = corpus[f"{GENUINE}/gp_nl.xml"]
    with pytest.raises(Finding, match="never signed this body") as found:
        Target({}).judge(message)
    assert found.value.__notes__ == [f"in base64: {b64encode(message).decode()}"]


def test_the_corpus_meets_every_cause(target: Target, corpus: dict[str, bytes]) -> None:
    labels = {target.judge(data).label for data in corpus.values()}
    assert {cause.label for cause in set(Cause) - UNREACHED} - labels == set()


def test_the_corpus_stays_small(corpus: dict[str, bytes]) -> None:
    assert len(corpus) < 400
    assert sum(map(len, corpus.values())) < 2_000_000


def test_nothing_costs_the_square_of_its_number(target: Target, corpus: dict[str, bytes]) -> None:
    """Of so many, a square takes longer than the judge allows for anything."""
    for _, data in shapes(corpus[INSIDERS[0]], 20_000):
        target.judge(data)


def test_new_inputs_keep_the_properties() -> None:
    assert judge_generated(300).inputs >= 300
