"""`hub check-config`: everything that is wrong with a configuration, without any network."""

import typer
from rich.console import Console

from hub.commands.configured import ConfigFile, connectors_of, load_or_exit


def check_config(context: typer.Context, config: ConfigFile) -> None:
    """Check a configuration file. Exit status: 0 it will do, 1 it will not; every problem is named."""
    settings = load_or_exit(config, connectors_of(context))
    sources = ", ".join(settings.sources) or "none"
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"{config}: will do. Hub {settings.hub.id}, sources: {sources}.", markup=False)
    if not settings.strict:
        console.print("Strict mode is off: for a sandbox or a test only.", markup=False)
