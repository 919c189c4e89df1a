"""The search for an order, one operation after the other, that explains what every caller was told.

Linearizability (Herlihy and Wing): each operation takes effect at one moment between its call and its return. The
search of Wing and Gong, in the order of time as Lowe does it: at each return all explanations that are still possible
are known, and those that the returned operation contradicts are dropped. Explanations that agree are one.
"""

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State", bound=Hashable)
Call = TypeVar("Call")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[Call, Answer]):
    """What a caller asked and was told, and when, by one clock for all callers.

    Of an operation without an answer (`is_known` is false) nobody knows whether it took effect: if it did, then before
    it `returned`.
    """

    call: Call
    invoked: float
    returned: float
    answer: Answer | None = None
    is_known: bool = True


Specification = Callable[[State, Call], tuple[State, Answer]]
"""What a call does to a state, and what it answers, when nothing else happens."""

_Explanation = tuple[int, frozenset[int]]
"""The number of a state, and those operations under way that have taken effect in it."""


def first_unexplained(
    history: Sequence[Operation[Call, Answer]], initial: State, specification: Specification[State, Call, Answer]
) -> Operation[Call, Answer] | None:
    """The operation at whose return no explanation is left; None when the whole history can be explained."""
    search = _Search(history, initial, specification)
    explanations: set[_Explanation] = {(0, frozenset())}
    under_way: set[int] = set()
    calls = [(operation.invoked, False, number) for number, operation in enumerate(history)]
    returns = [(operation.returned, True, number) for number, operation in enumerate(history)]
    for _, has_returned, number in sorted(calls + returns):
        if not has_returned:
            under_way.add(number)
            continue
        explanations = {
            (state, effective - {number}) for state, effective in search.at_return(number, explanations, under_way)
        }
        under_way.remove(number)
        if not explanations:
            return history[number]
    return None


class _Search(Generic[State, Call, Answer]):
    """Explanations of a history. States are numbered, so that a large one is compared only once."""

    def __init__(
        self,
        history: Sequence[Operation[Call, Answer]],
        initial: State,
        specification: Specification[State, Call, Answer],
    ) -> None:
        self._history, self._specification = history, specification
        self._states, self._numbers = [initial], {initial: 0}
        self._steps: dict[tuple[int, int], int | None] = {}

    def at_return(
        self, returned: int, explanations: Collection[_Explanation], under_way: Collection[int]
    ) -> Iterator[_Explanation]:
        """The explanations in which an operation took effect, or may have been lost, before it returned."""
        open_ends, seen = list(explanations), set(explanations)
        while open_ends:
            state, effective = open_ends.pop()
            if returned in effective:
                yield state, effective
                continue
            if not self._history[returned].is_known and (state, effective) in explanations:
                yield state, effective
            for number in under_way:
                after = None if number in effective else self._step(state, number)
                if after is None or (further := (after, effective | {number})) in seen:
                    continue
                seen.add(further)
                open_ends.append(further)

    def _step(self, state: int, number: int) -> int | None:
        """The state after an operation; None when it would have been answered otherwise, or nothing would be lost."""
        if (state, number) not in self._steps:
            self._steps[state, number] = self._taken(state, self._history[number])
        return self._steps[state, number]

    def _taken(self, state: int, operation: Operation[Call, Answer]) -> int | None:
        after, answer = self._specification(self._states[state], operation.call)
        if operation.is_known and answer != operation.answer:
            return None
        number = self._numbers.setdefault(after, len(self._states))
        if number == len(self._states):
            self._states.append(after)
        return None if number == state and not operation.is_known else number
