"""`hub serve`: the hub in production. Runs until SIGTERM or SIGINT, drains, and exits with status 0."""

import asyncio
import sys

import typer

from hub.commands.configured import ConfigFile, connectors_of, load_or_exit
from hub.observability.events import HUB_REFUSED, emit
from hub.observability.logging import adopt_library_logs, open_log
from hub.supervisor import StartFailed, supervise

WORKER_COMMAND = (sys.executable, "-m", "hub", "worker")
ARCHIVER_COMMAND = (sys.executable, "-m", "hub", "archiver")


def serve(context: typer.Context, config: ConfigFile) -> None:
    """Run the hub: Redis when none is configured, the workers, and the operators' endpoints."""
    settings = load_or_exit(config, connectors_of(context))
    logger = open_log(process="supervisor")
    adopt_library_logs(logger)
    try:
        asyncio.run(supervise(settings, logger=logger, worker=WORKER_COMMAND, archiver=ARCHIVER_COMMAND))
    except StartFailed as error:
        emit(logger, HUB_REFUSED, problem=str(error))
        raise typer.Exit(1) from error
