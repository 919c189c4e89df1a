"""Directories of care providers: one that tells what it is told, and a server that says whatever a test wants."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from hub.domain.errors import HubError, Reason
from hub.ports.providers import DirectoryEntry


@dataclass
class ScriptedDirectory:
    """Implements `hub.ports.providers.ProviderDirectory`; silent for a reason, or with entries."""

    entries: dict[str, DirectoryEntry] = field(default_factory=dict)
    refuses: Reason | None = None

    async def find(self, number: str) -> DirectoryEntry | None:
        """See the port."""
        if self.refuses:
            raise HubError(self.refuses, source="provider directory")
        return self.entries.get(number)

    async def close(self) -> None:
        """See the port."""


@dataclass
class DirectoryServer:
    """What it answers, and what it was asked."""

    url: str = ""
    status: int = 200
    body: str = ""
    media_type: str = "application/json"
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    async def get(self, request: web.Request) -> web.Response:
        """Answer one GET."""
        self.asked.append((request.match_info["number"], dict(request.headers)))
        return web.Response(status=self.status, text=self.body, content_type=self.media_type)


@asynccontextmanager
async def running_directory() -> AsyncIterator[DirectoryServer]:
    """A directory on loopback."""
    server = DirectoryServer()
    app = web.Application()
    app.router.add_get("/providers/{number}", server.get)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/providers"
        yield server
    finally:
        await runner.cleanup()
