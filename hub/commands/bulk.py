"""What `hub import` and `hub export` have in common: the index, the wire formats, and how they fail."""

from asyncio import CancelledError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated

import typer

from hub.app import pseudonyms_of
from hub.commands.progress import fail
from hub.config import Settings
from hub.domain.errors import HubError
from hub.storage.bulk.importing import ImportStopped
from hub.storage.bulk.index_access import IndexAccess, KeyReplacedError
from hub.storage.bulk.line_source import SourceError
from hub.storage.bulk.line_target import TargetError
from hub.storage.bulk.worker_process import WorkerEnded
from hub.storage.embedded import ServerError
from hub.storage.known_keys import WrongKeyError
from hub.wire.hubservices.bulk_forms import BulkForms
from hub.wire.schemas import SchemaFolderError, default_schema_folder

Workers = Annotated[int, typer.Option(help="Worker processes; as many as suit this machine when 0.", min=0, max=64)]


def access_to(settings: Settings, url: str) -> IndexAccess:
    """The index of a hub, for worker processes."""
    return IndexAccess(
        url=url,
        timeout=settings.redis.timeout,
        wait_replicas=settings.redis.wait_replicas,
        pseudonyms=pseudonyms_of(settings.index),
        secret=settings.index.secret.value,
    )


def forms_of(settings: Settings) -> Callable[[], BulkForms]:
    """Loads the wire formats, in whatever process."""
    return partial(BulkForms.load, settings.schemas.folder or default_schema_folder())


@contextmanager
def failures_told(command: str, *, advice: str) -> Iterator[None]:
    """Ends the command with status 1 and a sentence when it fails; `advice` is for what passes."""
    try:
        yield
    except KeyReplacedError as error:
        raise fail(f"{command}: the pseudonym key is being replaced: run it before or after that") from error
    except (ImportStopped, SourceError, TargetError, ServerError, WrongKeyError, SchemaFolderError) as error:
        raise fail(f"{command}: {error}") from error
    except WorkerEnded as error:
        raise fail(f"{command}: a worker process has ended; {advice}") from error
    except HubError as error:
        raise fail(f"{command}: {error}; {advice}") from error
    except (KeyboardInterrupt, CancelledError) as error:
        raise fail(f"{command}: interrupted; {advice}") from error
