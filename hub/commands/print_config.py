"""`hub print-config`: what counts in the end, secrets masked; and the manual page of all settings."""

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.configured import connectors_of, load_or_exit
from hub.config.printing import effective, manual


def print_config(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option("--config", help="The configuration file (TOML).")] = None,
    *,
    documentation: Annotated[
        bool, typer.Option("--documentation", help="Print docs/configuration.md instead: every setting there is.")
    ] = False,
) -> None:
    """Print every setting with the value that counts, secrets masked."""
    connectors = connectors_of(context)
    if documentation:
        typer.echo(manual(connectors), nl=False)
    elif config is None:
        raise typer.BadParameter("name a file, or ask for --documentation", param_hint="--config")
    else:
        typer.echo(effective(load_or_exit(config, connectors)), nl=False)
