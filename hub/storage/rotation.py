"""All patients whom the older of two pseudonym keys names are moved to the newer one, while the hub serves.

There is no state but what is stored: what is under the older key is still to be moved. So a rotation may end anywhere,
be started again, and run more than once at a time (docs/adr/0007-two-pseudonym-keys.md).
"""

from collections.abc import Callable
from dataclasses import dataclass

from redis.asyncio import Redis

from hub.domain.errors import HubError, Reason
from hub.domain.references import Status
from hub.storage import codec, keys, patient_value
from hub.storage.connection import script, stored, translated
from hub.storage.patient_places import MOVED, Answer, PatientPlaces, Place, not_moved
from hub.storage.patient_record import open_patient
from hub.storage.patient_value import PatientValue
from hub.storage.secrets import Pseudonyms, Sealer
from hub.storage.sweeping import batches, beginnings, each

Progress = Callable[[int, int], None]
"""Told how many patients are done, and how many there were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotatedPatients:
    """Patients moved by this run, and what is under the older key now.

    There are marks where patients were, and what could not be moved, of which nothing is lost: patients with other
    references under the newer key already (a process that knew only one key has written), registrations that cannot be
    read, and references without a registration, which alone says whose they are.
    """

    moved: int
    marks: int
    under_both: int
    unreadable: int
    nameless: int

    @property
    def left(self) -> int:
        """How much could not be moved."""
        return self.under_both + self.unreadable + self.nameless


class PatientRotation:
    """Moves patients. Raises HubError (index-unavailable) when the store cannot be reached: run it again then."""

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms, previous: Pseudonyms, sealer: Sealer) -> None:
        self._client, self._previous, self._sealer = client, previous, sealer
        self._places = PatientPlaces(client, pseudonyms=pseudonyms, sealer=sealer)
        self._related = script(client, "related", only_reads=True)
        self._moved = 0
        self._under_both: set[str] = set()

    async def run(self, progress: Progress) -> RotatedPatients:
        """Move until a whole pass finds nobody who can be moved."""
        pattern = keys.patients("p", self._previous.key_id)
        total = sum([len(batch.keys) async for batch in batches(self._client, pattern)])
        while True:
            before = self._moved
            async for batch in batches(self._client, pattern):
                await each(batch.keys, self._move)
                progress(self._moved, total)
            if self._moved == before:
                return await self._state()

    async def _move(self, key: str) -> None:
        """Move the patient with a registration at a key, and clear away what was left behind."""
        with translated():
            sealed = stored(await self._client.get(key))
        if not sealed:
            return
        try:
            ssin = open_patient(sealed, self._sealer, key).ssin
        except (HubError, ValueError):
            return
        older, newer = self._places.older(ssin), self._places.newer(ssin)
        if older.patient != key:
            raise HubError(Reason.INDEX_UNAVAILABLE, where="previous pseudonym key")
        not_moved(await self._places.look(newer))
        left, is_there = await self._places.move(ssin)
        if not (is_there or await self._has_all(newer, left)):
            self._under_both.add(keys.pseudonym_in(key))
            return
        if await self._places.clear(ssin):
            self._moved += 1

    async def _has_all(self, place: Place, left: Answer) -> bool:
        """Whether the references at a place are those that were left behind, and what became of them since."""
        with translated():
            there = Answer.of(*await self._related(keys=[place.references, place.patient], args=[b""]))
        known = _as_declared(patient_value.read(there.first, there.leaves))
        return _as_declared(patient_value.read(left.first, left.leaves)).items() <= known.items()

    async def _state(self) -> RotatedPatients:
        """What there is under the older key."""
        marks, registered, referring = 0, set[str](), set[str]()
        async for batch in batches(self._client, keys.patients(key_id=self._previous.key_id)):
            by_kind = {kind: [key for key in batch.keys if key.startswith(kind)] for kind in "rpf"}
            found = await beginnings(self._client, batch._replace(keys=by_kind["r"]))
            marks += sum(value == MOVED for value in found.values())
            registered.update(map(keys.pseudonym_in, by_kind["p"]))
            referring.update(map(keys.pseudonym_in, by_kind["f"]))
            referring.update(keys.pseudonym_in(key) for key, value in found.items() if value not in (MOVED, b""))
        return RotatedPatients(
            moved=self._moved,
            marks=marks,
            under_both=len(registered & self._under_both),
            unreadable=len(registered - self._under_both),
            nameless=len(referring - registered),
        )


def _as_declared(value: PatientValue) -> dict[int, bytes]:
    """The records by serial, whatever became of them since they were registered."""
    return {
        head.serial: codec.with_statuses(codec.record_of(head), [(head._replace(offset=0), Status.CURRENT)])
        for head in value.heads()
    }
