"""Asking the sources to publish (RequestPublication)."""

import asyncio
from dataclasses import dataclass

from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.search import PublicationWish
from hub.services.routing import Routing, Source


@dataclass(frozen=True, slots=True)
class PublicationAnswer:
    """What one source said to a wish: nothing when it accepted, else why not."""

    source: str
    refusal: Reason | None


class PublicationRequests:
    """Passes wishes on to the sources they are meant for, all at once."""

    def __init__(self, *, routing: Routing) -> None:
        self._routing = routing

    async def ask(self, context: RequestContext, wish: PublicationWish) -> tuple[PublicationAnswer, ...]:
        """What each source answered: the institution named as author, or every source when none is named."""
        sources = self._routing.sources_named(wish.criteria.author)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_ask(source, wish, context)) for source in sources]
        return tuple(task.result() for task in tasks)


async def _ask(source: Source, wish: PublicationWish, context: RequestContext) -> PublicationAnswer:
    try:
        async with asyncio.timeout_at(context.deadline):
            await source.documents.request_publication(wish, context)
    except TimeoutError:
        return PublicationAnswer(source.name, Reason.SOURCE_TOO_LATE)
    except HubError as error:
        return PublicationAnswer(source.name, error.reason)
    return PublicationAnswer(source.name, None)
