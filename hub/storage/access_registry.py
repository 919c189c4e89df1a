"""What was said about access, on Redis beside the references of the same patient."""

import asyncio
import random
from collections.abc import Callable, Collection, Sequence

from redis.asyncio import Redis

from hub.domain.audit import AuditEvent
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient
from hub.domain.patient_facts import ConsentRule, PatientFacts, SubjectFacts, SubjectRule
from hub.domain.subjects import Subject
from hub.storage import keys
from hub.storage.access_record import CONSENTS, read_consents, read_subject, write_consents, write_subject
from hub.storage.audit_lanes import lane_of
from hub.storage.connection import script, translated
from hub.storage.index_secrets import IndexSecrets
from hub.storage.patient_places import Answer, PatientPlaces, Place
from hub.storage.patient_record import seal_patient

_ATTEMPTS = 60

Amendment = Callable[[bytes | None], bytes | None]
"""The new value of a field from the one that stands; None to leave it as it is."""


class RedisAccessRegistry:
    """Implements `hub.ports.access_registry.AccessRegistry`."""

    def __init__(self, client: Redis, *, secrets: IndexSecrets) -> None:
        self._places = PatientPlaces(client, pseudonyms=secrets.pseudonyms, sealer=secrets.sealer)
        self._sealer, self._records, self._events = secrets.sealer, secrets.access, secrets.events
        self._access = script(client, "access", only_reads=True)
        self._amend = script(client, "amend")

    async def facts(self, patient: Ssin, subjects: Collection[Subject]) -> PatientFacts:
        """See the port."""
        fields = self._records.fields(patient, subjects)
        return self._records.facts(patient, zip(fields, await self._read(patient, fields), strict=True))

    async def everything(self, patient: Ssin) -> PatientFacts:
        """See the port."""
        found = await self._read(patient, ())
        pairs = zip(found[::2], found[1::2], strict=True)
        return self._records.facts(patient, ((field or b"", value) for field, value in pairs))

    async def change_consent(
        self, patient: Ssin, rule: ConsentRule, event: AuditEvent, *, register: Patient | None = None
    ) -> None:
        """See the port."""

        def amended(value: bytes | None) -> bytes | None:
            before = read_consents(value) if value else ()
            after = rule(before)
            return None if after == before else write_consents(after)

        await self._change(patient, CONSENTS, amended, event, register)

    async def change_subject(self, patient: Ssin, subject: Subject, rule: SubjectRule, event: AuditEvent) -> None:
        """See the port."""

        def amended(value: bytes | None) -> bytes | None:
            before = read_subject(value)[1] if value else SubjectFacts()
            after = rule(before)
            return None if after == before else write_subject(subject, after)

        await self._change(patient, self._records.field(patient, subject), amended, event, None)

    async def _change(
        self, patient: Ssin, field: bytes, amended: Amendment, event: AuditEvent, register: Patient | None
    ) -> None:
        """Ask the rule, store what it says and the event; ask again when somebody was faster."""
        for attempt in range(_ATTEMPTS):
            place = await self._places.to_change(patient)
            (sealed,) = await self._read(patient, (field,))
            before = self._records.open(patient, field, sealed) if sealed else None
            after = amended(before)
            written = sealed or b"" if after is None else self._records.seal(patient, field, after)
            done = await self._store(place, (field, sealed or b"", written), event, register)
            if done < 0:
                raise HubError(Reason.PATIENT_UNKNOWN)
            if done:
                return
            await asyncio.sleep(random.uniform(0, 0.002 * min(attempt, 10)))  # noqa: S311 - spreading retries
        raise HubError(Reason.BUSY)

    async def _store(
        self,
        place: Place,
        change: tuple[bytes, bytes, bytes],
        event: AuditEvent,
        register: Patient | None,
    ) -> int:
        registration = seal_patient(register, self._sealer, place.patient) if register else b""
        lane = lane_of(keys.pseudonym_in(place.references))
        with translated():
            done: int = await self._amend(
                keys=[place.references, place.patient, place.access, lane],
                args=[*self._events.written(event), registration, *change],
            )
        return done

    async def _read(self, patient: Ssin, fields: Sequence[bytes]) -> Sequence[bytes | None]:
        async def read(place: Place) -> Answer:
            with translated():
                sealed, first, access = await self._access(
                    keys=[place.references, place.patient, place.access], args=fields
                )
            return Answer(sealed, first, access=access)

        _, answer = await self._places.ask(patient, read)
        return answer.access
