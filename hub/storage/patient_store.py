"""What is stored of one patient, read and changed by atomic scripts: one round trip each.

This is where registrations are sealed and opened; where the patient is found is the matter of `patient_places`.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from redis.asyncio import Redis

from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient
from hub.storage import patient_value
from hub.storage.connection import script, translated
from hub.storage.patient_change import Stored
from hub.storage.patient_places import Answer, PatientPlaces, Place
from hub.storage.patient_record import open_patient, seal_patient
from hub.storage.patient_value import Block, Header, PatientValue
from hub.storage.secrets import Pseudonyms, Sealer


class Listed(NamedTuple):
    """What a list needs: the registration, None for an unknown patient, and the references of a page or a time.

    `passed` counts the current references in leaves that were passed over, which are newer than all in `blocks`.
    """

    registered: Patient | None
    passed: int
    header: Header
    blocks: Sequence[Block]


class Related(NamedTuple):
    """The registration, None for an unknown patient, and the references that may have to do with something."""

    registered: Patient | None
    value: PatientValue


class PatientStore:
    """The keys of a patient. Every method raises HubError (index-unavailable) when the store cannot be reached."""

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms, sealer: Sealer) -> None:
        self._sealer = sealer
        self._places = PatientPlaces(client, pseudonyms=pseudonyms, sealer=sealer)
        self._list, self._related, self._leaves = (
            script(client, name, only_reads=True) for name in ("list", "related", "leaves")
        )
        self._commit = script(client, "commit")

    async def page(self, patient: Ssin, *, skip: int, size: int) -> Listed:
        """At least the current references from a place of the list on, newest first."""
        return await self._listed(patient, "page", skip, size)

    async def period(self, patient: Ssin, *, first: int, last: int) -> Listed:
        """At least the references of a time, both ends included, in seconds as packed."""
        return await self._listed(patient, "time", first, last)

    async def related(self, patient: Ssin, patterns: Iterable[bytes] = ()) -> Related:
        """A short record whole; of a long one the directory and the leaves in which one of the patterns occurs."""
        arguments = list(patterns)

        async def related(place: Place) -> Answer:
            with translated():
                return Answer.of(*await self._related(keys=[place.references, place.patient], args=arguments))

        place, answer = await self._places.ask(patient, related)
        return Related(self._opened(answer, place), patient_value.read(answer.first, answer.leaves))

    async def with_leaves(self, patient: Ssin, value: PatientValue, numbers: Iterable[int]) -> PatientValue | None:
        """The value, which is to be changed, with more of its leaves read; None when one of them is no longer there."""
        place = await self._places.to_change(patient)
        wanted = list(numbers)
        with translated():
            leaves = await self._leaves(keys=[place.references], args=wanted)
        found = {number: leaf for number, leaf in zip(wanted, leaves, strict=False) if leaf}
        return value.with_leaves(found) if len(found) == len(wanted) else None

    async def commit(self, patient: Ssin, value: PatientValue, change: Stored, register: Patient | None) -> bool:
        """Store a change, and register the patient if told to and not registered; False when somebody was faster."""
        place = await self._places.to_change(patient)
        sealed = seal_patient(register, self._sealer, place.patient) if register else b""
        leaves = (part for leaf in change.leaves.items() for part in leaf)
        arguments = [value.based_on, sealed, change.first, *leaves]
        with translated():
            return bool(await self._commit(keys=[place.references, place.patient], args=arguments))

    async def _listed(self, patient: Ssin, *arguments: str | int) -> Listed:
        async def listed(place: Place) -> Answer:
            with translated():
                sealed, passed, *rest = await self._list(keys=[place.references, place.patient], args=arguments)
            return Answer.of(sealed, *rest, passed=passed)

        place, answer = await self._places.ask(patient, listed)
        header, blocks = patient_value.read_list(answer.first, answer.leaves)
        return Listed(self._opened(answer, place), answer.passed, header, blocks)

    def _opened(self, answer: Answer, place: Place) -> Patient | None:
        return open_patient(answer.sealed, self._sealer, place.patient) if answer.sealed else None
