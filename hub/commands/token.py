"""`hub token`: an assertion of the sandbox's token service, as it was issued."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import aiohttp
import typer

from hub.commands.calling import (
    ACCEPTED,
    CANNOT_ASK,
    REFUSED,
    SANDBOX,
    NameOption,
    SandboxOption,
    open_session,
    signatory_named,
    token_client,
)
from hub.sandbox.certified import claims_of
from hub.sandbox.credentials import CredentialFiles
from hub.sandbox.description import Description
from hub.sandbox.people import load_people
from hub.sandbox.signatories import Signatory
from hub.wire.security.token_messages import TokenRefused


def token(
    *,
    name: NameOption,
    sandbox: SandboxOption = SANDBOX,
    sts: Annotated[str, typer.Option(help="Another token service than the sandbox's, by its address.")] = "",
    key: Annotated[Path | None, typer.Option(help="Another private key than the sandbox's, in PEM.")] = None,
    certificate: Annotated[Path | None, typer.Option("--cert", help="The certificate of that key, in PEM.")] = None,
) -> None:
    """Ask the token service of a sandbox for an assertion and print it.

    Exit status: 0 issued, 1 refused, 2 the token service could not be asked.
    """
    if (key is None) != (certificate is None):
        raise typer.BadParameter("a key and its certificate are given together", param_hint="--key")
    files = CredentialFiles(key, certificate) if key and certificate else None
    raise typer.Exit(asyncio.run(_run(signatory_named(name, load_people()), sandbox, sts, files)))


async def _run(signatory: Signatory, sandbox: Path, sts: str, files: CredentialFiles | None) -> int:
    try:
        if not sts or files is None:
            description = Description.read(sandbox)
            sts, files = sts or description.sts, files or description.credentials[signatory.key]
        async with open_session() as session:
            issued = await token_client(session, sts).ask(files.read(), claims_of(signatory))
    except TokenRefused as refusal:
        typer.echo(f"hub token: refused: {refusal}", err=True)
        return REFUSED
    except (OSError, ValueError, aiohttp.ClientError) as error:
        typer.echo(f"hub token: {str(error) or type(error).__name__}", err=True)
        return CANNOT_ASK
    sys.stdout.buffer.write(issued.assertion + b"\n")
    return ACCEPTED
