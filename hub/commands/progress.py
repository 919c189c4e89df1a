"""How the commands that go through a whole index show that they get on, on a terminal only, and tell how they ended."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON object, and no progress.")]


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
        _Rate("references"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bar(progress, progress.add_task(what, total=total, references=0))


@contextmanager
def counted_bar(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A function that shows how many things of how many are done, when there is somebody to see it."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda *_: None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


class _Rate(ProgressColumn):
    """How many were done per second since the beginning: what is completed, or a field of the task."""

    def __init__(self, field: str = "") -> None:
        super().__init__()
        self._field = field

    def render(self, task: Any) -> Text:  # noqa: ANN401 - a task of the library
        """See the library."""
        done = task.fields[self._field] if self._field else task.completed
        return Text(f"{done / task.elapsed:,.0f}/s" if task.elapsed else "")


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
