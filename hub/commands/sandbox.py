"""`hub sandbox`: the whole network on this machine, until it is interrupted (contract: design, part 8)."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import aiohttp
import typer

from hub.sandbox.answers import NotAccepted, UnexpectedAnswer
from hub.sandbox.network import running_network
from hub.sandbox.processes import SandboxError, cancel_on_signals
from hub.wire.security.token_messages import TokenRefused

_FOLDER = Path(".sandbox")
_TROUBLES = (SandboxError, NotAccepted, UnexpectedAnswer, TokenRefused, OSError, ValueError, aiohttp.ClientError)


def sandbox(
    *,
    folder: Annotated[Path, typer.Option("--dir", help="Keeps everything; used again by the next start.")] = _FOLDER,
    port: Annotated[int, typer.Option(help="Port of the hub services; a free one when 0.", min=0, max=65535)] = 0,
    empty: Annotated[bool, typer.Option("--empty", help="Without sample people and documents.")] = False,
) -> None:
    """Run a hub, its vault, a token service, a directory, two hospitals and Redis, until interrupted.

    All people are invented. When ready, writes DIR/sandbox.json and prints the same.
    """
    raise typer.Exit(asyncio.run(_run(folder.resolve(), port=port, empty=empty)))


async def _run(folder: Path, *, port: int, empty: bool) -> int:
    """The exit status: 0 when interrupted, 1 when a part failed."""
    cancel_on_signals()
    started = time.monotonic()
    try:
        async with running_network(folder, port=port, empty=empty) as network:
            typer.echo(network.to_json(), nl=False)
            if network.without_seals:
                typer.echo(f"No sealed folders: {network.without_seals}.", err=True)
            typer.echo(f"Ready in {time.monotonic() - started:.1f} s. Ctrl-C ends it.", err=True)
            await network.watch()
    except asyncio.CancelledError:
        typer.echo("Stopped.", err=True)
        return 0
    except _TROUBLES as error:
        typer.echo(f"hub sandbox: {str(error) or type(error).__name__}", err=True)
    return 1
