"""Care providers: what the hub keeps of them, and the directory that says who has which licence."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hub.domain.audit import AuditEvent
from hub.domain.providers import Provider
from hub.domain.search import PageRequest
from hub.domain.subjects import Subject

ProviderRule = Callable[[Provider | None], Provider | None]
"""What is to be kept of a provider, from what is kept (None for nothing); raises HubError to change nothing.

It may be asked again, when somebody else was faster.
"""


@dataclass(frozen=True, slots=True)
class PendingPage:
    """A page of those whose registration is pending, longest waiting first, and how many there are in all."""

    providers: Sequence[Provider]
    total: int


class ProviderRegistry(Protocol):
    """The care providers. Methods raise HubError: index-unavailable when the store cannot be reached."""

    async def get(self, subjects: Collection[Subject]) -> Mapping[Subject, Provider]:
        """Those of the subjects who are known, in one round trip."""
        ...

    async def change(self, subject: Subject, rule: ProviderRule, event: AuditEvent) -> Provider | None:
        """Keep what a rule makes of what is kept, together with the audit event or not at all; what is kept now.

        The event is recorded also where the rule changes nothing. Raises HubError (busy) besides, and what the rule
        raises: then nothing is kept and nothing recorded.
        """
        ...

    async def pending(self, page: PageRequest) -> PendingPage:
        """Those whose registration is pending."""
        ...

    def everybody(self) -> AsyncIterator[Provider]:
        """All there are, in no order."""
        ...


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """What a directory says of a number: the profession as a CD-HCPARTY code, and whether the licence is valid."""

    profession: str
    is_valid: bool


class ProviderDirectory(Protocol):
    """A directory of care providers (such as CoBRHA)."""

    async def find(self, number: str) -> DirectoryEntry | None:
        """What it says of a NIHII number of 8 or 11 digits; None when it does not know it.

        Raises HubError: source-unavailable, source-too-late, source-answer (what came makes no sense),
        source-too-large.
        """
        ...

    async def close(self) -> None:
        """Let go of its connections. Nothing is open any more when the hub calls this, once, at its end."""
        ...
