"""What the national registers say about a request, all of them asked at the same time."""

import asyncio
from collections.abc import Iterable
from typing import TypeVar

from hub.domain.context import RequestContext
from hub.domain.errors import HubError
from hub.domain.exclusions import Exclusion
from hub.domain.identifiers import Ssin
from hub.domain.national import NationalConsent, NationalQuestion, NationalRegister, NationalWord, parties_among
from hub.domain.subjects import Subject
from hub.domain.therapeutic_links import TherapeuticLink
from hub.services.last_known import LastKnown

Said = TypeVar("Said")


class NationalFacts:
    """Asks the registers that are configured; without any, nothing is asked and nothing is added."""

    def __init__(
        self,
        *,
        consents: LastKnown[NationalConsent] | None = None,
        links: LastKnown[tuple[TherapeuticLink, ...]] | None = None,
        exclusions: LastKnown[tuple[Exclusion, ...]] | None = None,
    ) -> None:
        self._consents, self._links, self._exclusions = consents, links, exclusions

    async def of(self, context: RequestContext, patient: Ssin, subjects: Iterable[Subject]) -> NationalWord:
        """What they say of a patient, and of him and the subjects who ask.

        A patient who asks for himself needs no link and cannot be excluded. Raises HubError
        (national-service-unavailable) when one is down and nothing that it said counts any more.
        """
        if not (self._consents or self._links or self._exclusions):
            return NationalWord()
        parties = parties_among(subjects, patient)
        about_patient, about_parties = NationalQuestion(patient), NationalQuestion(patient, parties)
        async with asyncio.TaskGroup() as group:
            consent = group.create_task(_ask(self._consents, about_patient, context))
            links = group.create_task(_ask(self._links if parties else None, about_parties, context))
            exclusions = group.create_task(_ask(self._exclusions if parties else None, about_parties, context))
        answers = {
            NationalRegister.CONSENTS: consent.result(),
            NationalRegister.LINKS: links.result(),
            NationalRegister.EXCLUSIONS: exclusions.result(),
        }
        return NationalWord(
            consent=_said(consent.result()),
            links=_said(links.result()) or (),
            exclusions=_said(exclusions.result()) or (),
            notes=tuple(
                f"national-{register}/last-known"
                for register, answer in answers.items()
                if isinstance(answer, tuple) and answer[1]
            ),
        )


async def _ask(
    register: LastKnown[Said] | None, question: NationalQuestion, context: RequestContext
) -> tuple[Said, bool] | HubError | None:
    """The answer, or why there is none: as a value, so that one register does not cut off the others."""
    if register is None:
        return None
    try:
        return await register.ask(question, context)
    except HubError as error:
        return error


def _said(answer: tuple[Said, bool] | HubError | None) -> Said | None:
    if isinstance(answer, HubError):
        raise answer
    return answer[0] if answer else None
