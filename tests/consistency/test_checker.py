"""The checker itself: on a register and on a counter, histories that can be explained and those that cannot."""

import random
from typing import Literal

import pytest

from tests.consistency.checker import Operation, first_unexplained

Call = tuple[Literal["write", "read", "add"], int]
History = list[Operation[Call, int]]


def register(state: int, call: Call) -> tuple[int, int]:
    """Writing answers 0, reading what was written last, adding one what it was before."""
    what, value = call
    match what:
        case "write":
            return value, 0
        case "add":
            return state + value, state
        case "read":
            return state, state


def write(value: int, invoked: float, returned: float) -> Operation[Call, int]:
    return Operation(call=("write", value), invoked=invoked, returned=returned, answer=0)


def add(before: int, invoked: float, returned: float) -> Operation[Call, int]:
    return Operation(call=("add", 1), invoked=invoked, returned=returned, answer=before)


def read(value: int, invoked: float, returned: float) -> Operation[Call, int]:
    return Operation(call=("read", 0), invoked=invoked, returned=returned, answer=value)


def lost(value: int, invoked: float, returned: float) -> Operation[Call, int]:
    """A write that nobody was answered."""
    return Operation(call=("write", value), invoked=invoked, returned=returned, is_known=False)


@pytest.mark.parametrize(
    "history",
    [
        pytest.param([], id="nothing happened"),
        pytest.param([write(1, 0, 1), read(1, 2, 3)], id="what was written is read"),
        pytest.param([write(1, 0, 9), read(0, 1, 2), read(1, 3, 4)], id="a write takes effect while it is under way"),
        pytest.param([write(1, 0, 9), write(2, 0, 9), read(2, 10, 11)], id="of two writes at once either is last"),
        pytest.param([write(1, 0, 9), write(2, 0, 9), read(1, 10, 11)], id="or the other"),
        pytest.param([write(1, 0, 2), read(1, 1, 3), read(1, 2.5, 4)], id="seen by all who come after"),
        pytest.param([add(0, 0, 9), add(2, 0, 9), add(1, 0, 9)], id="three counted one after the other"),
        pytest.param([lost(1, 0, 5), read(0, 1, 2), read(1, 3, 4)], id="a lost write may take effect"),
        pytest.param([lost(1, 0, 5), read(0, 6, 7)], id="or never"),
        pytest.param([lost(1, 0, 5), read(1, 6, 7), read(1, 8, 9)], id="or at the last moment"),
        pytest.param([write(1, 1, 1), read(1, 1, 1)], id="of one moment nobody knows the order"),
    ],
)
def test_what_can_be_explained_is_accepted(history: History) -> None:
    assert first_unexplained(history, 0, register) is None


@pytest.mark.parametrize(
    ("history", "at"),
    [
        pytest.param([read(1, 0, 1)], 0, id="read what nobody wrote"),
        pytest.param([write(1, 0, 1), read(0, 2, 3)], 1, id="an acknowledged write is not there"),
        pytest.param([write(1, 0, 9), read(1, 1, 2), read(0, 3, 4)], 2, id="seen and gone again"),
        pytest.param([write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)], 2, id="an older write comes back"),
        pytest.param([add(0, 0, 9), add(0, 0, 9)], 1, id="two counted the same"),
        pytest.param([add(0, 0, 1), add(2, 2, 3)], 1, id="one counted what nobody added"),
        pytest.param([write(1, 0, 9), write(2, 0, 9), read(1, 10, 11), read(2, 12, 13)], 3, id="the last changes"),
        pytest.param([write(1, 0, 9), write(2, 0, 9), read(1, 1, 2), read(2, 3, 4), read(1, 5, 6)], 4, id="both twice"),
        pytest.param([lost(1, 0, 5), read(1, 1, 2), read(0, 6, 7)], 2, id="a lost write that was seen is gone"),
        pytest.param([lost(1, 0, 5), read(0, 6, 7), read(1, 8, 9)], 2, id="a lost write comes after its time"),
        pytest.param([lost(1, 4, 5), read(1, 1, 2)], 1, id="a lost write comes before its time"),
    ],
)
def test_what_cannot_be_explained_is_refused_where_it_shows(history: History, at: int) -> None:
    assert first_unexplained(history, 0, register) is history[at]


@pytest.mark.parametrize("seed", range(20))
def test_every_history_of_a_real_register_is_accepted_and_a_wrong_answer_in_it_is_not(seed: int) -> None:
    """Operations take effect at random moments; then one read is answered with a value that was never written."""
    chance = random.Random(seed)
    moments = sorted((chance.random() * 20, number) for number in range(60))
    state = 0
    history: History = []
    for moment, number in moments:
        calls: list[Call] = [("write", number + 1), ("add", 1), ("read", 0)]
        call = chance.choice(calls)
        state, answer = register(state, call)
        invoked, returned = moment - chance.random(), moment + chance.random()
        history.append(Operation(call=call, invoked=invoked, returned=returned, answer=answer))
    assert first_unexplained(history, 0, register) is None
    wrong = read(1000, 0, 30)
    assert first_unexplained([*history, wrong], 0, register) is wrong
