"""`hub import`: references in bulk, from a file of another hub or of a hospital (docs/bulk.md)."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Annotated, Any, cast

import orjson
import typer

from hub.commands.bulk import Workers, access_to, failures_told, forms_of
from hub.commands.configured import ConfigFile, connectors_of, load_or_exit
from hub.commands.index_store import open_store
from hub.commands.progress import AsJson, Bar, bar, tell
from hub.config import Settings
from hub.domain.references import VAULT
from hub.storage.bulk.importing import ImportStopped
from hub.storage.bulk.line_source import LineSource
from hub.storage.bulk.line_target import TargetError
from hub.storage.bulk.report import Counts, Rejected
from hub.storage.bulk.running import Imported, import_file

_FILE = typer.Argument(help="The file, plain or compressed with gzip; - for standard input.", allow_dash=True)
_REJECTS = typer.Option(help="Write lines that will not do here, with the reason, and go on.", dir_okay=False)


def import_references(
    context: typer.Context,
    file: Annotated[Path, _FILE],
    config: ConfigFile,
    *,
    rejects: Annotated[Path | None, _REJECTS] = None,
    workers: Workers = 0,
    as_json: AsJson = False,
) -> None:
    """Bring the references of a file into the index, beside a running hub or without one.

    Importing a file again, or going on after an interruption, changes nothing that is there. Exit status: 0 when every
    line is in the index, 1 when not.
    """
    settings = load_or_exit(config, connectors_of(context))
    with (
        failures_told("hub import", advice="import again to go on"),
        _opened(file) as source,
        _rejects(rejects) as rejected,
        bar("Importing", total=source.size, quiet=as_json) as shown,
    ):
        watcher = _Watcher(shown, rejected)
        done = asyncio.run(_import(source, settings, workers or _usual_workers(), watcher))
    tell(_facts(done), title="Imported", as_json=as_json)
    for problem in done.problems:
        typer.echo(f"hub import: {problem}", err=True)
    if not done.is_complete:
        raise typer.Exit(1)


async def _import(source: LineSource, settings: Settings, workers: int, watcher: "_Watcher") -> Imported:
    async with open_store(settings) as url:
        return await import_file(
            source,
            access=access_to(settings, url),
            load_forms=forms_of(settings),
            hub=settings.hub.id,
            sources=frozenset({*settings.sources, VAULT}),
            workers=workers,
            watcher=watcher,
        )


class _Watcher:
    """Shows progress; writes rejected lines where they go, or stops at the first. Implements `importing.Watcher`."""

    def __init__(self, shown: Bar, rejects: FileIO | None) -> None:
        self._shown, self._rejects = shown, rejects

    def progressed(self, position: int, counts: Counts) -> None:
        """See the port."""
        self._shown.show(position=position, references=counts.references)

    def rejected(self, line: Rejected) -> None:
        """See the port."""
        if self._rejects is None:
            raise ImportStopped(f"line {line.number}: {line.reason}")
        entry = ["rejected", line.number, line.reason, line.line.decode("utf-8", "replace")]
        try:
            self._rejects.write(orjson.dumps(entry) + b"\n")
        except OSError as error:
            raise ImportStopped(f"line {line.number} is rejected and cannot be kept: {error.strerror}") from error


@contextmanager
def _opened(file: Path) -> Iterator[LineSource]:
    if file == Path("-"):
        yield LineSource(cast("BufferedReader", sys.stdin.buffer))
        return
    with LineSource.open(file) as source:
        yield source


def _rejects(file: Path | None) -> AbstractContextManager[FileIO | None]:
    """The file of rejected lines, which hold people: for the owner only. What it has from an earlier run stays.

    Nothing waits in a buffer: a line that is accounted for is in the file, also when the import is killed.
    """
    if file is None:
        return nullcontext()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise TargetError(f"{file}: cannot be written: {error.strerror}") from error
    return os.fdopen(descriptor, "wb", buffering=0)


def _usual_workers() -> int:
    """One more than there are processors: now and then each waits for the store."""
    return (os.cpu_count() or 1) + 1


def _facts(done: Imported) -> dict[str, Any]:
    counts = done.counts
    return {
        "lines": counts.lines,
        "patient_lines": counts.patients,
        "references": counts.references,
        "written": counts.written,
        "added": counts.added,
        "known": counts.known,
        "refused": counts.refused,
        "rejected_lines": counts.rejected_lines,
        "resumed_behind_line": done.resumed_behind,
        "digest": done.digest,
        "verified": counts.is_verified,
        "seconds": round(done.seconds, 2),
        "references_per_s": done.references_per_second,
    }
