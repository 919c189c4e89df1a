"""A national register that is asked as rarely as its answers allow, and what counts while it is down."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Kind, Reason
from hub.domain.national import NationalQuestion, NationalRegister
from hub.ports.national import NationalService

Said = TypeVar("Said")

MOST_REMEMBERED = 100_000
"""Answers that one process remembers of one register; the oldest are forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long answers count, in seconds.

    `remembered` is for those that let somebody in, `nothing_remembered` for all others: a link that was just made is
    noticed soon. While the register is down an answer counts for `last_known`; 0 refuses at once.
    """

    remembered: float
    nothing_remembered: float
    last_known: float


class _Answer(NamedTuple, Generic[Said]):
    """What was said, and when."""

    said: Said
    at: float


class _Asking:
    """Those who ask the same at the same time: one after the other, and one failure is everybody's."""

    def __init__(self) -> None:
        self.number = 0
        self.turn = asyncio.Lock()
        self.failure: HubError | None = None


class LastKnown(Generic[Said]):
    """Asks a register and remembers its answers, in this process alone.

    `lets_in` tells whether an answer lets anybody in. `now` counts seconds.
    """

    def __init__(
        self,
        register: NationalRegister,
        service: NationalService[Said],
        *,
        patience: Patience,
        lets_in: Callable[[Said], bool],
        now: Callable[[], float] = time.monotonic,
        most: int = MOST_REMEMBERED,
    ) -> None:
        self._register, self._service = register, service
        self._patience, self._lets_in = patience, lets_in
        self._now, self._most = now, most
        self._answers: dict[NationalQuestion, _Answer[Said]] = {}
        self._asking: dict[NationalQuestion, _Asking] = {}

    async def ask(self, question: NationalQuestion, context: RequestContext) -> tuple[Said, bool]:
        """What the register says, and whether that is what it said before it went down.

        Raises HubError (national-service-unavailable) when it is down and nothing it said counts any more.
        """
        if (fresh := self._fresh(question)) is not None:
            return fresh.said, False
        with self._together(question) as asking:
            async with asking.turn:
                fresh = self._fresh(question)
                if fresh is None and asking.failure is None:
                    fresh = await self._renewed(question, context, asking)
        if fresh is not None:
            return fresh.said, False
        known = self._answers.get(question)
        if known is not None and self._age(known) < self._patience.last_known:
            return known.said, True
        raise HubError(Reason.NATIONAL_SERVICE_UNAVAILABLE, service=f"of {self._register}") from asking.failure

    @contextmanager
    def _together(self, question: NationalQuestion) -> Iterator[_Asking]:
        asking = self._asking.setdefault(question, _Asking())
        asking.number += 1
        try:
            yield asking
        finally:
            asking.number -= 1
            if not asking.number:
                del self._asking[question]

    async def _renewed(
        self, question: NationalQuestion, context: RequestContext, asking: _Asking
    ) -> _Answer[Said] | None:
        """A new answer; None when the register is down, which is then known to those who wait for the same."""
        try:
            answer = _Answer(await self._service.ask(question, context), self._now())
        except HubError as error:
            if error.kind not in (Kind.UNAVAILABLE, Kind.TOO_LATE):
                raise
            asking.failure = error
            return None
        self._answers.pop(question, None)
        self._answers[question] = answer
        if len(self._answers) > self._most:
            del self._answers[next(iter(self._answers))]
        return answer

    def _fresh(self, question: NationalQuestion) -> _Answer[Said] | None:
        known, patience = self._answers.get(question), self._patience
        if known is None:
            return None
        counts = patience.remembered if self._lets_in(known.said) else patience.nothing_remembered
        return known if self._age(known) < counts else None

    def _age(self, answer: _Answer[Said]) -> float:
        return self._now() - answer.at
