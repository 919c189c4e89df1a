"""Whether a requester is registered and has consented, remembered for a short time.

A list asks for it every time, and must not pay a second round trip for it.
"""

import time
from collections.abc import Callable

from cachetools import TTLCache

from hub.domain.access_facts import ProviderStanding
from hub.domain.parties import HcParty, Requester
from hub.domain.providers import standing_of
from hub.domain.subjects import Subject, SubjectKind, subjects_of
from hub.ports.providers import ProviderRegistry

_MOST = 4096
_KINDS = (SubjectKind.NIHII, SubjectKind.INSS)


class ProviderStandings:
    """Reads the standing of requesters.

    Organisations of the professions in `circles_of_trust` answer for their people. A good standing is remembered for so
    many seconds: by then an end of it counts in every process. One that is not good is asked for again, so that an
    approval counts at once.
    """

    def __init__(
        self,
        *,
        registry: ProviderRegistry,
        circles_of_trust: frozenset[str],
        seconds: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry, self._circles = registry, circles_of_trust
        self._good: TTLCache[tuple[str, ...], ProviderStanding] = TTLCache(_MOST, seconds, timer=now)

    async def of(self, requester: Requester) -> ProviderStanding:
        """The standing of the person who asks or the organisation that answers for him; of one without a number none.

        Raises HubError (index-unavailable) when it is neither remembered nor to be had: then nobody may see anything.
        """
        person, organisation = requester.person, self._answering(requester)
        numbers = (*_numbers(person), *_numbers(organisation))
        known = self._good.get(numbers)
        if known is not None:
            return known
        own, answering = _subjects(person), _subjects(organisation)
        found = await self._registry.get(own | answering)
        standing = standing_of(
            [found[subject] for subject in own if subject in found],
            [found[subject] for subject in answering if subject in found],
        )
        if standing.is_good:
            self._good[numbers] = standing
        return standing

    def _answering(self, requester: Requester) -> HcParty | None:
        organisation = requester.organisation
        answers = organisation is not None and (requester.person is None or organisation.profession in self._circles)
        return organisation if answers else None


def _numbers(party: HcParty | None) -> tuple[str, str]:
    """Texts, by which what is remembered is found faster than by subjects."""
    return (party.number, party.id_value("INSS")) if party else ("", "")


def _subjects(party: HcParty | None) -> frozenset[Subject]:
    if party is None:
        return frozenset()
    return frozenset(subject for subject in subjects_of((party,)) if subject.kind in _KINDS)
