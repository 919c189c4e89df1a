"""`hub export`: every patient and every reference as a file that `hub import` reads (docs/bulk.md)."""

import asyncio
import gzip
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Annotated

import typer

from hub.commands.bulk import Workers, access_to, failures_told, forms_of
from hub.commands.configured import ConfigFile, connectors_of, load_or_exit
from hub.commands.index_store import open_store
from hub.commands.progress import AsJson, Bar, bar, tell
from hub.config import Settings
from hub.runtime import BelgianClock
from hub.storage.bulk.exporting import Exported, export_file
from hub.storage.bulk.line_target import TargetError, whole_file
from hub.storage.bulk.lines import Opening

_FILE = typer.Argument(help="The file, compressed when its name ends in .gz; - for standard output.", allow_dash=True)
_COMPRESSION = 2
"""Of zlib, 1 to 9: half the time of its usual one, for files that are a sixth larger."""


def export_references(
    context: typer.Context,
    file: Annotated[Path, _FILE],
    config: ConfigFile,
    *,
    workers: Workers = 0,
    as_json: AsJson = False,
) -> None:
    """Write the references of all patients to a file, beside a running hub or without one.

    The file is there when it is complete, for its owner only: it says who was treated where. What it has is told on
    standard error when the file itself goes to standard output. Exit status: 0, or 1 when there is no file.
    """
    settings = load_or_exit(config, connectors_of(context))
    with failures_told("hub export", advice="export again"), bar("Exporting", total=None, quiet=as_json) as shown:
        done = asyncio.run(_export(file, settings, workers or os.cpu_count() or 1, shown))
    facts = {
        "patients": done.patients,
        "references": done.references,
        "digest": done.digest,
        "seconds": round(done.seconds, 2),
        "references_per_s": done.references_per_second,
    }
    tell(facts, title="Exported", as_json=as_json, on_errors=file == Path("-"))


async def _export(file: Path, settings: Settings, workers: int, shown: Bar) -> Exported:
    # From here on the signals that end a process let go of the file first.
    task = asyncio.current_task()
    if task:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    opening = Opening(hub=settings.hub.id, written=BelgianClock().now().isoformat(timespec="seconds"))
    with _target(file) as target:
        async with open_store(settings) as url:
            return await export_file(
                target,
                opening,
                access=access_to(settings, url),
                load_forms=forms_of(settings),
                pack=_compressed if file.suffix == ".gz" else _as_it_is,
                workers=workers,
                progress=lambda done, total, references: shown.show(position=done, references=references, total=total),
            )


@contextmanager
def _target(file: Path) -> Iterator[IO[bytes]]:
    if file != Path("-"):
        with whole_file(file) as target:
            yield target
        return
    output = sys.stdout.buffer
    try:
        yield output
        output.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())  # what is left goes nowhere
        raise TargetError(f"standard output cannot be written: {error.strerror}") from error


def _as_it_is(lines: bytes) -> bytes:
    return lines


# Every part is compressed by itself, where it is made: gzip files may be put one behind the other.
_compressed = partial(gzip.compress, compresslevel=_COMPRESSION, mtime=0)
