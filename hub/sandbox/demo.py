"""The main scenario, played on a running sandbox: a patient, those who care for him, and what they may see."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp

from hub.domain.errors import HubError
from hub.sandbox.answers import NotAccepted, UnexpectedAnswer
from hub.sandbox.demo_admission import Admission
from hub.sandbox.demo_rules import Rules
from hub.sandbox.demo_sharing import Sharing
from hub.sandbox.demo_story import Exchange, Step, StepFailed, Story
from hub.wire.security.token_messages import TokenRefused

_FAILURES = (
    StepFailed,
    NotAccepted,
    UnexpectedAnswer,
    TokenRefused,
    HubError,
    aiohttp.ClientError,
    TimeoutError,
)


@dataclass(frozen=True, slots=True)
class Played:
    """A step of the scenario that was played; `failure` says what did not hold."""

    title: str
    exchange: Exchange | None
    failure: str = ""


class Scenario:
    """The story in its acts. Each step relies on the ones before."""

    def __init__(self, story: Story) -> None:
        self.steps: list[Step] = [*Admission(story).steps, *Sharing(story).steps, *Rules(story).steps]

    async def play(self) -> AsyncIterator[Played]:
        """Play until the end or the first step that does not hold."""
        for title, step in self.steps:
            try:
                yield Played(title, await step())
            except _FAILURES as error:
                yield Played(title, None, failure=str(error) or type(error).__name__)
                return
