"""How imports and exports show that they get on: a bar on a terminal, nothing elsewhere."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class Bar:
    """Tells of a number of things done, out of so much when that is known."""

    def __init__(self, progress: Progress | None, task: TaskID | None) -> None:
        self._progress, self._task = progress, task

    def show(self, *, position: int, references: int, total: int | None = None) -> None:
        """So far it is; `total` when it was not known before."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, total=total, completed=position, references=references)


@contextmanager
def bar(what: str, *, total: int | None, quiet: bool) -> Iterator[Bar]:
    """A bar while something goes on; `total` in whatever unit positions are told."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield Bar(None, None)
        return
    columns = (
        TextColumn(what),
        BarColumn(),
        TextColumn("{task.fields[references]:,} references"),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bar(progress, progress.add_task(what, total=total, references=0))


class _Rate(ProgressColumn):
    """References per second since the beginning."""

    def render(self, task: Any) -> Text:  # noqa: ANN401 - a task of the library
        """See the library."""
        seconds = task.elapsed or 0
        return Text(f"{task.fields['references'] / seconds:,.0f}/s" if seconds else "")


def tell(facts: Mapping[str, Any], *, title: str, as_json: bool, on_errors: bool = False) -> None:
    """The result, on standard output or standard error: one JSON object, or a line for each fact."""
    if as_json:
        typer.echo(json.dumps(dict(facts)), err=on_errors)
        return
    width = max(map(len, facts))
    typer.echo(title, err=on_errors)
    for name, value in facts.items():
        shown = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value
        typer.echo(f"  {name.replace('_', ' '):<{width}}  {shown}", err=on_errors)


def fail(problem: str) -> typer.Exit:
    """Says on standard error what is wrong; to be raised."""
    sys.stdout.flush()
    typer.echo(problem, err=True)
    return typer.Exit(1)
