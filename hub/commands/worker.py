"""`hub worker`: one worker process. Hidden: `hub serve` starts it and gives it its order."""

import typer

from hub.commands.configured import connectors_of
from hub.worker import work


def worker(context: typer.Context) -> None:
    """Serve requests for `hub serve`."""
    work(connectors_of(context))
