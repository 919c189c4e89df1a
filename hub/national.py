"""The national registers as they are configured: reached, metered and remembered (docs/national.md)."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from operator import not_
from typing import TypeVar

from hub.certificates.watch import CertificateWatch
from hub.config.national_settings import NationalSettings
from hub.domain.consent import ConsentState
from hub.domain.national import NationalConsent, NationalRegister
from hub.observability.events import Logger
from hub.observability.metered import MeteredNationalService
from hub.observability.metrics import Metrics
from hub.ports.connectors import Connectors
from hub.ports.national import NationalService
from hub.ports.runtime import Clock
from hub.services.last_known import LastKnown, Patience
from hub.services.national_facts import NationalFacts

Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class OpenRegisters:
    """What they say, and the registers themselves, to see how they are."""

    facts: NationalFacts
    services: Sequence[NationalService[object]]


@asynccontextmanager
async def open_registers(
    settings: Mapping[NationalRegister, NationalSettings],
    connectors: Connectors,
    *,
    clock: Clock,
    watch: CertificateWatch,
    metrics: Metrics,
    logger: Logger,
) -> AsyncIterator[OpenRegisters]:
    """The registers that have settings, their certificates watched; closed at the end.

    Raises ValueError or OSError when settings cannot be used.
    """
    services: list[NationalService[object]] = []

    def opened(
        register: NationalRegister,
        build: Callable[[object], NationalService[Said]],
        lets_in: Callable[[Said], bool],
    ) -> LastKnown[Said] | None:
        if (configured := settings.get(register)) is None:
            return None
        service = build(configured.connector)
        stack.push_async_callback(service.close)
        if service.certificates is not None:
            watch.add(service.certificates)
        metered = MeteredNationalService(service, metrics=metrics, logger=logger)
        services.append(metered)
        return LastKnown(register, metered, patience=_patience(configured), lets_in=lets_in)

    async with AsyncExitStack() as stack:
        facts = NationalFacts(
            consents=opened(
                NationalRegister.CONSENTS, lambda part: connectors.national_consents(part, clock=clock), _is_given
            ),
            links=opened(NationalRegister.LINKS, lambda part: connectors.national_links(part, clock=clock), bool),
            exclusions=opened(
                NationalRegister.EXCLUSIONS, lambda part: connectors.national_exclusions(part, clock=clock), not_
            ),
        )
        yield OpenRegisters(facts, services)


def _is_given(consent: NationalConsent) -> bool:
    return consent.state is ConsentState.GIVEN


def _patience(settings: NationalSettings) -> Patience:
    return Patience(
        remembered=settings.remembered,
        nothing_remembered=settings.nothing_remembered,
        last_known=settings.last_known_minutes * 60,
    )
