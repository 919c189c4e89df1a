"""Where the staff works with what the hub knows about access, for one command: the stores, and who acts."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import typer

from hub.app import identity
from hub.commands.access_stores import OpenStores, open_access_stores
from hub.commands.configured import connectors_of, load_or_exit
from hub.commands.progress import fail
from hub.config import Settings
from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin
from hub.domain.staff import Staff
from hub.operations import Stores
from hub.runtime import BelgianClock, RandomIds
from hub.services.attempts import Attempts
from hub.services.auditing import Auditing
from hub.services.permissions import Permissions
from hub.storage.embedded import ServerError
from hub.storage.known_keys import WrongKeyError
from hub.web.texts import sentence

Result = TypeVar("Result")

_SIGNS_OF_A_PSEUDONYM = 12


class Desk:
    """What the staff works with; every attempt here is in the audit trail under the name of `staff`."""

    def __init__(self, opened: OpenStores, staff: Staff) -> None:
        self.staff, self.clock = staff, BelgianClock()
        self._opened = opened

    @property
    def stores(self) -> Stores:
        """The ports on what surrounds the hub."""
        return self._opened.stores

    def attempts(self, permissions: Permissions) -> Attempts:
        """What a service of this desk tries with."""
        return Attempts(permissions=permissions, auditing=Auditing(clock=self.clock), trail=self.stores.trail)

    def called(self, person: Ssin, *, show: bool) -> str:
        """What to print of a person: his national number when it is to be shown, else his pseudonym."""
        return person.digits if show else self._opened.secrets.events.patient_mark(person).hex()[:_SIGNS_OF_A_PSEUDONYM]


def work_at_desk(
    command: str, context: typer.Context, config: Path, work: Callable[[Desk], Awaitable[Result]], *, by: str
) -> Result:
    """What a piece of work gives, done by somebody, or by who has logged in.

    Ends the command, of this name, with status 1 and one sentence when it fails.
    """
    settings, request_id = load_or_exit(config, connectors_of(context)), RandomIds().new_id()
    staff = Staff(hub=identity(settings).party, name=by or getpass.getuser(), request_id=request_id)
    try:
        return asyncio.run(_work(settings, staff, work))
    except HubError as error:
        raise fail(f"{command}: {sentence(error, 'en', request_id)}") from error
    except (ServerError, WrongKeyError) as error:
        raise fail(f"{command}: {error}") from error


async def _work(settings: Settings, staff: Staff, work: Callable[[Desk], Awaitable[Result]]) -> Result:
    async with open_access_stores(settings) as opened:
        return await work(Desk(opened, staff))
