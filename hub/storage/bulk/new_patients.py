"""Patients the index does not know, written whole: registration and references by one script, and read back at once."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, NamedTuple

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, ResponseError

from hub.domain.errors import HubError, Reason
from hub.domain.parties import Patient
from hub.storage.bulk.execution import Command, Execution
from hub.storage.connection import masters, translated
from hub.storage.patient_change import Stored
from hub.storage.patient_places import Place
from hub.storage.patient_record import seal_patient
from hub.storage.secrets import Pseudonyms, Sealer


class NewPatient(NamedTuple):
    """A patient, and what is to be stored of their references; None for a mere registration."""

    patient: Patient
    stored: Stored | None


class Outcome(NamedTuple):
    """What became of a patient: written now, or what the index has is `as_wanted`; else there is something else."""

    is_written: bool
    is_as_wanted: bool


class NewPatients:
    """Writes patients. Raises HubError (index-unavailable)."""

    def __init__(self, client: Redis, execution: Execution, *, pseudonyms: Pseudonyms, sealer: Sealer) -> None:
        self._client, self._execute = client, execution
        self._pseudonyms, self._sealer = pseudonyms, sealer
        self._script = files("hub.storage").joinpath("scripts", "commit.lua").read_bytes()
        self._sha = ""

    async def write(self, newcomers: Sequence[NewPatient]) -> list[Outcome]:
        """Write those of whom the index has no references; nothing is done to the others. All of them are read back."""
        if not self._sha:
            await self._load_script()
        places = [Place.of(self._pseudonyms.of(newcomer.patient.ssin.digits)) for newcomer in newcomers]
        groups = [self._commands(newcomer, place) for newcomer, place in zip(newcomers, places, strict=True)]
        answers = await self._execute(groups)
        if any(isinstance(group[0], NoScriptError) for group in answers):
            await self._load_script()
            answers = await self._execute(groups)
        return [_outcome(newcomer, *group) for newcomer, group in zip(newcomers, answers, strict=True)]

    def _commands(self, newcomer: NewPatient, place: Place) -> list[Command]:
        sealed = seal_patient(newcomer.patient, self._sealer, place.patient)
        if newcomer.stored is None:
            return [("SET", place.patient, sealed, "NX"), ("EXISTS", place.patient)]
        first, leaves = newcomer.stored
        arguments = (part for leaf in leaves.items() for part in leaf)
        commit = ("EVALSHA", self._sha, 2, place.references, place.patient, b"", b"", b"", sealed, first, *arguments)
        return [commit, ("HGETALL" if leaves else "GET", place.references)]

    async def _load_script(self) -> None:
        with translated():
            for server in await masters(self._client):
                self._sha = await server.script_load(self._script.decode())


def _outcome(newcomer: NewPatient, written: Any, found: Any) -> Outcome:  # noqa: ANN401 - as Redis answers
    if isinstance(written, ResponseError):
        raise HubError(Reason.INDEX_UNAVAILABLE, where=type(written).__name__) from written
    if newcomer.stored is None:
        return Outcome(written is not None, is_as_wanted=bool(found))
    first, leaves = newcomer.stored
    if leaves:
        wanted = {b"d": first} | {b"%d" % number: leaf for number, leaf in leaves.items()}
        return Outcome(bool(written), is_as_wanted=_fields(found) == wanted)
    return Outcome(bool(written), is_as_wanted=found == first)


def _fields(found: Any) -> object:  # noqa: ANN401 - as Redis answers
    """The fields of a hash, whether the client made a dictionary of them or left them in a row."""
    return dict(zip(found[::2], found[1::2], strict=True)) if isinstance(found, list) else found
