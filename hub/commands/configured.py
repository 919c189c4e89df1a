"""What the commands that read a configuration have in common: the file, and how its problems are said."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console

from hub.config import ConfigurationError, Settings, load
from hub.ports.connectors import Connectors

ConfigFile = Annotated[Path, typer.Option("--config", help="The configuration file (TOML).", dir_okay=False)]


def connectors_of(context: typer.Context) -> Connectors:
    """The connectors, as `hub.__main__` handed them down."""
    return cast("Callable[[], Connectors]", context.obj)()


def load_or_exit(file: Path, connectors: Connectors) -> Settings:
    """The settings; ends the command with status 1, all problems on standard error, when they will not do."""
    try:
        return load(file, connectors=connectors)
    except ConfigurationError as error:
        console = Console(stderr=True, soft_wrap=True, highlight=False)
        console.print(str(error), markup=False)
        raise typer.Exit(1) from error
