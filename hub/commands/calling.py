"""What `hub token` and `hub call` have in common: who calls, in which sandbox, and what their exit status says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

import aiohttp
import typer

from hub.runtime import BelgianClock, RandomIds
from hub.sandbox.people import People
from hub.sandbox.signatories import Signatory
from hub.sandbox.tokens import TokenClient

ACCEPTED: Final = 0
REFUSED: Final = 1
CANNOT_ASK: Final = 2
SANDBOX: Final = Path(".sandbox/sandbox.json")

NameOption = Annotated[str, typer.Option("--as", help="Who calls: a name in the credentials of sandbox.json.")]
SandboxOption = Annotated[Path, typer.Option(help="The sandbox.json of a running sandbox.")]

_SECONDS = 60.0


def signatory_named(name: str, people: People, option: str = "--as") -> Signatory:
    """Somebody who can sign. Raises typer.BadParameter."""
    try:
        return people.signatories[name]
    except KeyError:
        known = ", ".join(people.signatories)
        raise typer.BadParameter(f"nobody is called {name}; there are {known}", param_hint=option) from None


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """Connections that do not wait for ever."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS, sock_connect=5)) as session:
        yield session


def token_client(session: aiohttp.ClientSession, url: str) -> TokenClient:
    """A client of the token service at an address."""
    return TokenClient(session=session, url=url, clock=BelgianClock(), ids=RandomIds())
