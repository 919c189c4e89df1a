"""How a benchmark runs as a command: in a folder of its own that is gone afterwards, its problems told in one line."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.figures import show, tell
from bench.processes import BenchmarkError, MissingTool
from hub.sandbox.processes import cancel_on_signals

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON object, and nothing else.")]
_MISSING = 3
_INTERRUPTED = 130


def run(measured: Callable[[Path], Awaitable[Mapping[str, Any]]], *, title: str, as_json: bool) -> None:
    """Measure and show the figures.

    Exit status: 1 when it cannot be measured, 3 when a program is missing, 130 when interrupted.
    """
    try:
        figures = asyncio.run(_in_folder(measured))
    except MissingTool as error:
        raise _failed(error, _MISSING) from error
    except BenchmarkError as error:
        raise _failed(error, 1) from error
    except asyncio.CancelledError:
        raise typer.Exit(_INTERRUPTED) from None
    show(figures, title=title, as_json=as_json)


async def _in_folder(measured: Callable[[Path], Awaitable[Mapping[str, Any]]]) -> Mapping[str, Any]:
    cancel_on_signals()
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        return await measured(Path(folder))


def _failed(error: BenchmarkError, status: int) -> typer.Exit:
    tell(f"hub bench: {error}")
    return typer.Exit(status)
