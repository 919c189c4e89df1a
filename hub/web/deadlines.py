"""Work that has to be done by a deadline."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.domain.errors import HubError, Reason


@asynccontextmanager
async def until(deadline: float) -> AsyncIterator[None]:
    """What is not done by then, on the clock of the event loop, is not done. Raises HubError (too-late)."""
    try:
        async with asyncio.timeout_at(deadline):
            yield
    except TimeoutError as error:
        raise HubError(Reason.TOO_LATE) from error
