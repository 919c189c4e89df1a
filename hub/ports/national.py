"""The national registers of consents, therapeutic links and exclusions, as the hub asks them."""

from typing import Protocol, TypeVar

from hub.domain.context import RequestContext
from hub.domain.exclusions import Exclusion
from hub.domain.national import NationalConsent, NationalQuestion
from hub.domain.therapeutic_links import TherapeuticLink
from hub.ports.certificates import CertificateFiles

Said = TypeVar("Said", covariant=True)  # noqa: PLC0105 - what a register says


class NationalService(Protocol[Said]):
    """One register."""

    name: str

    async def ask(self, question: NationalQuestion, context: RequestContext) -> Said:
        """What it says now, about the parties of the question only.

        Raises HubError: source-unavailable, source-too-late, source-too-large, source-answer (nonsense).
        """
        ...

    @property
    def certificates(self) -> CertificateFiles | None:
        """What it is reached with and trusted by, when that stands in files."""
        ...

    def is_available(self) -> bool:
        """Whether the hub would try it now. Never talks to it."""
        ...

    async def close(self) -> None:
        """Let go of its connections."""
        ...


NationalConsents = NationalService[NationalConsent]
NationalLinks = NationalService[tuple[TherapeuticLink, ...]]
NationalExclusions = NationalService[tuple[Exclusion, ...]]
