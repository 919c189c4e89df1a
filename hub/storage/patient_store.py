"""What is stored of one patient, read and changed by atomic scripts: one round trip each.

This is where registrations are sealed and opened; where the patient is found is the matter of `patient_places`.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from redis.asyncio import Redis

from hub.domain.audit import AuditEvent
from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient
from hub.domain.patient_facts import PatientFacts
from hub.domain.subjects import Subject
from hub.storage import keys, patient_value
from hub.storage.audit_lanes import lane_of
from hub.storage.connection import script, translated
from hub.storage.index_secrets import IndexSecrets
from hub.storage.patient_change import Stored
from hub.storage.patient_places import Answer, PatientPlaces, Place
from hub.storage.patient_record import open_patient, seal_patient
from hub.storage.patient_value import Block, Header, PatientValue


class Listed(NamedTuple):
    """What a list needs: the registration, None for an unknown patient, and the references of a page or a time.

    `facts` are what was said about the subjects that were asked for. `passed` counts the current references in leaves
    that were passed over, which are newer than all in `blocks`. `profiles` are those of all references of a long
    record, whatever became of them; None for a short record, which is always whole.
    """

    registered: Patient | None
    facts: PatientFacts
    passed: int
    header: Header
    blocks: Sequence[Block]
    profiles: frozenset[int] | None


class Related(NamedTuple):
    """The registration, None for an unknown patient, and the references that may have to do with something."""

    registered: Patient | None
    value: PatientValue


class PatientStore:
    """The keys of a patient. Every method raises HubError (index-unavailable) when the store cannot be reached."""

    def __init__(self, client: Redis, *, secrets: IndexSecrets) -> None:
        self._sealer, self._access, self._events = secrets.sealer, secrets.access, secrets.events
        self._places = PatientPlaces(client, pseudonyms=secrets.pseudonyms, sealer=secrets.sealer)
        self._list, self._related, self._leaves = (
            script(client, name, only_reads=True) for name in ("list", "related", "leaves")
        )
        self._commit = script(client, "commit")

    async def page(self, patient: Ssin, *, skip: int, size: int, about: Collection[Subject]) -> Listed:
        """At least the current references from a place of the list on, newest first."""
        return await self._listed(patient, about, "page", skip, size)

    async def period(self, patient: Ssin, *, first: int, last: int, about: Collection[Subject]) -> Listed:
        """At least the references of a time, both ends included, in seconds as packed."""
        return await self._listed(patient, about, "time", first, last)

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

    async def commit(
        self,
        patient: Ssin,
        value: PatientValue,
        change: Stored,
        *,
        register: Patient | None,
        event: AuditEvent | None,
    ) -> bool:
        """Store a change with its audit event, and register the patient if told to and not registered.

        False when somebody was faster.
        """
        place = await self._places.to_change(patient)
        sealed = seal_patient(register, self._sealer, place.patient) if register else b""
        leaves = (part for leaf in change.leaves.items() for part in leaf)
        written = self._events.written(event) if event else (b"", b"")
        lane = lane_of(keys.pseudonym_in(place.references))
        with translated():
            done = await self._commit(
                keys=[place.references, place.patient, lane],
                args=[*written, value.based_on, sealed, change.first, *leaves],
            )
        return bool(done)

    async def _listed(self, patient: Ssin, about: Collection[Subject], *part: str | int) -> Listed:
        fields = self._access.fields(patient, about)

        async def listed(place: Place) -> Answer:
            with translated():
                sealed, access, passed, latest, *rest = await self._list(
                    keys=[place.references, place.patient, place.access], args=[*part, *fields]
                )
            return Answer.of(sealed, *rest)._replace(access=access, passed=passed, latest=latest)

        place, answer = await self._places.ask(patient, listed)
        header, blocks = patient_value.read_list(answer.first, answer.leaves)
        return Listed(
            self._opened(answer, place),
            self._access.facts(patient, zip(fields, answer.access, strict=True)),
            answer.passed,
            header,
            blocks,
            patient_value.read_profiles(answer.latest) if answer.latest else None,
        )

    def _opened(self, answer: Answer, place: Place) -> Patient | None:
        return open_patient(answer.sealed, self._sealer, place.patient) if answer.sealed else None
