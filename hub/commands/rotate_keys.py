"""`hub rotate-keys`: everything that the previous pseudonym key names is moved to the newest, while the hub serves.

docs/operations.md says what comes before and after it; docs/adr/0007-two-pseudonym-keys.md why nothing is lost.
"""

import time
from collections.abc import Mapping
from typing import Any

import typer
from redis.asyncio import Redis

from hub.app import pseudonyms_of
from hub.commands.configured import ConfigFile, connectors_of, load_or_exit
from hub.commands.progress import AsJson, counted_bar, fail, tell
from hub.commands.sweep import sweep
from hub.config import Settings
from hub.storage.known_keys import require_known
from hub.storage.marks import Marks
from hub.storage.renaming import Renaming
from hub.storage.rotation import PatientRotation, Progress
from hub.storage.secrets import Pseudonyms, Sealer


def rotate_keys(context: typer.Context, config: ConfigFile, *, as_json: AsJson = False) -> None:
    """Move everything from the previous pseudonym key to the newest, beside a running hub or without one.

    Without a previous key: take away the marks that a rotation left. Exit status: 0 when nothing is left, 1 when
    something is, or when it could not be done; it can always be run again.
    """
    settings = load_or_exit(config, connectors_of(context))
    pseudonyms = pseudonyms_of(settings.index)
    if pseudonyms.following:
        raise fail(
            f"hub rotate-keys: patients are still named by key {pseudonyms.key_id}; on every worker, make "
            f"{pseudonyms.following.key_id} the pseudonym_key_id and {pseudonyms.key_id} the previous_pseudonym_key_id"
        )
    with counted_bar("Moving patients", quiet=as_json) as progress:
        facts = sweep("hub rotate-keys", settings, lambda client: _run(client, settings, pseudonyms, progress))
    tell(facts, title="Rotated" if pseudonyms.previous else "Cleaned up", as_json=as_json)
    if not facts["complete"]:
        raise typer.Exit(1)


async def _run(client: Redis, settings: Settings, pseudonyms: Pseudonyms, progress: Progress) -> Mapping[str, Any]:
    started = time.monotonic()
    await require_known(client, pseudonyms)
    if pseudonyms.previous:
        sealer = Sealer(settings.index.secret.value)
        facts = await _rotated(client, pseudonyms, pseudonyms.previous, sealer, progress)
    else:
        facts = await _cleaned_up(client, pseudonyms)
    return facts | {"seconds": round(time.monotonic() - started, 2)}


async def _rotated(
    client: Redis, pseudonyms: Pseudonyms, previous: Pseudonyms, sealer: Sealer, progress: Progress
) -> dict[str, Any]:
    renaming = Renaming(client, pseudonyms=pseudonyms, previous=previous, sealer=sealer)
    parties, providers, digests = await renaming.parties(), await renaming.providers(), await renaming.digests()
    patients = await PatientRotation(client, pseudonyms=pseudonyms, previous=previous, sealer=sealer).run(progress)
    return {
        "from": previous.key_id,
        "to": pseudonyms.key_id,
        "patients_moved": patients.moved,
        "parties_moved": parties.moved,
        "providers_moved": providers.moved,
        "digests_moved": digests,
        "marks": patients.marks,
        "patients_under_both": patients.under_both,
        "patients_unreadable": patients.unreadable,
        "patients_nameless": patients.nameless,
        "parties_unreadable": parties.unreadable,
        "providers_unreadable": providers.unreadable,
        "complete": not (patients.left or parties.unreadable or providers.unreadable),
    }


async def _cleaned_up(client: Redis, pseudonyms: Pseudonyms) -> dict[str, Any]:
    forgotten = await Marks(client, key_id=pseudonyms.key_id).forget()
    left = {f"left_under_{key_id}": count for key_id, count in sorted(forgotten.left.items())}
    return {"key": pseudonyms.key_id, "marks_forgotten": forgotten.marks, **left, "complete": not left}
