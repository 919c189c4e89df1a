"""A directory of care providers, asked by number; its answers are remembered for a while.

The protocol is ours, since that of the national directory is not public (docs/providers.md):

    GET URL/NUMBER   ->  200 {"number": "19991106", "profession": "persphysician", "licence": "valid" | "ended"}
                         404 it knows no such number
"""

import asyncio
import json

from cachetools import TTLCache

from connectors.provider_directory.settings import HttpProviderDirectorySettings
from connectors.transport import Transport
from hub.domain.errors import HubError, Reason
from hub.domain.parties import licence
from hub.ports.providers import DirectoryEntry

_NAME = "provider directory"
_MOST = 4096


class HttpProviderDirectory:
    """Implements `hub.ports.providers.ProviderDirectory`."""

    def __init__(self, *, settings: HttpProviderDirectorySettings) -> None:
        self._url, self._seconds = settings.url.rstrip("/"), settings.total_timeout
        self._transport = Transport(source=_NAME, settings=settings)
        self._headers = {"Accept": "application/json"}
        if settings.token_file is not None:
            self._headers["Authorization"] = f"Bearer {settings.token_file.read_text().strip()}"
        self._known: TTLCache[str, DirectoryEntry | None] = TTLCache(_MOST, settings.remembered_seconds)

    async def find(self, number: str) -> DirectoryEntry | None:
        """See the port."""
        number = licence(number)
        try:
            return self._known[number]
        except KeyError:
            entry = self._known[number] = await self._ask(number)
            return entry

    async def close(self) -> None:
        """See the port."""
        await self._transport.close()

    async def _ask(self, number: str) -> DirectoryEntry | None:
        deadline = asyncio.get_running_loop().time() + self._seconds
        url = f"{self._url}/{number}"
        async with self._transport.exchange("GET", url, deadline=deadline, headers=self._headers) as answer:
            if answer.status == 404:
                return None
            if answer.status != 200 or answer.media_type != "application/json":
                raise _nonsense(f"HTTP status {answer.status}, {answer.media_type or 'no media type'}")
            return _entry(b"".join([chunk async for chunk in answer.chunks()]), number)


def _entry(content: bytes, number: str) -> DirectoryEntry:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _nonsense("no JSON") from error
    match said:
        case {"number": str(about), "profession": str(profession), "licence": "valid" | "ended" as state}:
            if licence(about) != number:
                raise _nonsense("the entry of another number")
            return DirectoryEntry(profession=profession, is_valid=state == "valid")
        case _:
            raise _nonsense("no entry as agreed")


def _nonsense(problem: str) -> HubError:
    return HubError(Reason.SOURCE_ANSWER, source=_NAME, problem=problem)
