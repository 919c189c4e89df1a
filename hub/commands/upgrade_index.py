"""`hub upgrade-index`: references that an older version of the hub has written are written in the formats of this one.

Never needed for reading: this version reads what older ones wrote. It is for the day before one that does not any more.
"""

import time
from collections.abc import Mapping
from typing import Any

import typer
from redis.asyncio import Redis

from hub.commands.configured import ConfigFile, connectors_of, load_or_exit
from hub.commands.progress import AsJson, counted_bar, tell
from hub.commands.sweep import sweep
from hub.storage.rotation import Progress
from hub.storage.upgrading import Upgrade


def upgrade_index(context: typer.Context, config: ConfigFile, *, as_json: AsJson = False) -> None:
    """Write anew what older versions have written, beside a running hub or without one.

    Exit status: 0 when everything is in the formats of this version, 1 when something is not, or when it could not be
    done; it can always be run again.
    """
    settings = load_or_exit(config, connectors_of(context))
    with counted_bar("Looking at patients", quiet=as_json) as progress:
        facts = sweep("hub upgrade-index", settings, lambda client: _run(client, progress))
    tell(facts, title="Upgraded", as_json=as_json)
    if not facts["complete"]:
        raise typer.Exit(1)


async def _run(client: Redis, progress: Progress) -> Mapping[str, Any]:
    started = time.monotonic()
    upgraded = await Upgrade(client).run(progress)
    return {
        "patients_upgraded": upgraded.patients,
        "patients_unreadable": upgraded.unreadable,
        "complete": not upgraded.unreadable,
        "seconds": round(time.monotonic() - started, 2),
    }
