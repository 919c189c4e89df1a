"""What the commands that go through a whole index have in common: its store, a progress bar, how they fail.

They may be ended at any moment and run again: what is left to do is seen in the index.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any, TypeVar

import uvloop
from redis.asyncio import Redis
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from hub.commands.bulk_progress import fail
from hub.commands.index_store import open_store
from hub.config import Settings
from hub.domain.errors import HubError
from hub.storage.backup_file import BackupError
from hub.storage.connection import connect, masters, translated
from hub.storage.embedded import ServerError
from hub.storage.known_keys import WrongKeyError

Result = TypeVar("Result")


def sweep(command: str, settings: Settings, work: Callable[[Redis], Awaitable[Result]]) -> Result:
    """What a piece of work on the store gives; ends the command with status 1 when it fails."""

    async def run() -> Result:
        async with _opened(settings) as client:
            return await work(client)

    try:
        return uvloop.run(run())
    except (BackupError, ServerError, WrongKeyError) as error:
        raise fail(f"{command}: {error}") from error
    except HubError as error:
        raise fail(f"{command}: {error}; run it again to go on") from error
    except KeyboardInterrupt as error:
        raise fail(f"{command}: interrupted; run it again to go on") from error


@contextmanager
def patients_bar(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A function that shows how many patients of how many are done, when there is somebody to see it."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda *_: None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


class _Rate(ProgressColumn):
    """Patients per second since the beginning."""

    def render(self, task: Any) -> Text:  # noqa: ANN401 - a task of the library
        """See the library."""
        return Text(f"{task.completed / task.elapsed:,.0f}/s" if task.elapsed else "")


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Redis]:
    """A client whose changes are answered when a replica has them, where there are replicas."""
    async with open_store(settings) as url:
        open_client = partial(connect, url, timeout=settings.redis.timeout, connections=settings.redis.connections)
        probe = open_client()
        try:
            has_replicas = await _all_have_replicas(probe)
        finally:
            await probe.aclose()
        client = open_client(wait_replicas=int(has_replicas))
        try:
            yield client
        finally:
            await client.aclose()


async def _all_have_replicas(client: Redis) -> bool:
    with translated():
        facts = [await server.info("replication") for server in await masters(client)]
    return all(fact.get("connected_slaves") for fact in facts)
