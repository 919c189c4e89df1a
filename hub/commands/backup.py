"""`hub backup`: the whole index in one file, made while the hub serves (docs/adr/0008-backups-key-by-key.md)."""

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
from hub.storage.backing_up import BackingUp, Progress
from hub.storage.backup_file import written

_FILE = typer.Argument(help="The file to be written; only its owner may read it.", dir_okay=False)


def backup(
    context: typer.Context,
    file: Annotated[Path, _FILE],
    config: ConfigFile,
    *,
    as_json: AsJson = False,
) -> None:
    """Write the index into a file, beside a running hub or without one; not the documents of the vault.

    All that was acknowledged before it began is in it. Exit status: 0 when it is whole and on disk, 1 when there is
    none.
    """
    settings = load_or_exit(config, connectors_of(context))
    with counted_bar("Backing up keys", quiet=as_json) as progress:
        facts = sweep("hub backup", settings, lambda client: _run(client, file, settings, progress))
    tell(facts, title="Backed up", as_json=as_json)


async def _run(client: Redis, file: Path, settings: Settings, progress: Progress) -> Mapping[str, Any]:
    started = time.monotonic()
    with written(file) as opened:
        counts = await BackingUp(client, pseudonyms=pseudonyms_of(settings.index)).run(opened, progress)
        size = opened.tell()
    return {
        "patients": counts.patients,
        "keys": counts.keys,
        "bytes": size,
        "seconds": round(time.monotonic() - started, 2),
    }
