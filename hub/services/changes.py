"""Rules of the registry that remember what became of them: a caller is told whether he changed anything."""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from hub.domain.context import RequestContext
from hub.domain.recorded import Recorded

State = TypeVar("State")


class Remembered(Generic[State]):
    """A rule; `changed` says whether it changed anything when it was asked last."""

    def __init__(self, rule: Callable[[State], State]) -> None:
        self._rule, self.changed = rule, False

    def __call__(self, before: State) -> State:
        """What is to stand."""
        after = self._rule(before)
        self.changed = after != before
        return after


def recorded_by(context: RequestContext, now: datetime) -> Recorded:
    """Said now by who asks."""
    return Recorded(now, context.requester.parties)
