"""`hub restore`: the index as a backup has it, in an empty store (docs/adr/0008-backups-key-by-key.md)."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from redis.asyncio import Redis

from hub.app import pseudonyms_of
from hub.commands.configured import ConfigFile, connectors_of, load_or_exit
from hub.commands.progress import AsJson, counted_bar, tell
from hub.commands.sweep import sweep
from hub.config import Settings
from hub.storage.backup_file import read
from hub.storage.restoring import Progress, Restoring

_FILE = typer.Argument(help="A file that hub backup has written.", dir_okay=False)


def restore(
    context: typer.Context,
    file: Annotated[Path, _FILE],
    config: ConfigFile,
    *,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back into an empty index, while no hub runs on it.

    The file is checked before anything is written, and no hub starts on an index that is not whole. Exit status: 0 when
    all of it is there, 1 when not; it can be run again with the same file.
    """
    settings = load_or_exit(config, connectors_of(context))
    with counted_bar("Restoring keys", quiet=as_json) as progress:
        facts = sweep("hub restore", settings, lambda client: _run(client, file, settings, progress))
    tell(facts, title="Restored", as_json=as_json)


async def _run(client: Redis, file: Path, settings: Settings, progress: Progress) -> Mapping[str, Any]:
    started = time.monotonic()
    backup = read(file)
    await Restoring(client, pseudonyms=pseudonyms_of(settings.index)).run(backup, progress)
    return {
        "patients": backup.counts.patients,
        "keys": backup.counts.keys,
        "seconds": round(time.monotonic() - started, 2),
    }
