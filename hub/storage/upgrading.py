"""Values that older versions of the hub have written, written anew in the formats of this one, while the hub serves.

Each is an empty change like any other: compared, and tried again when somebody was faster. What is not in a format of
this version is what is left to do, so the work may end anywhere and be started again.
"""

from dataclasses import dataclass

from redis.asyncio import Redis

from hub.domain.errors import HubError
from hub.storage import keys, patient_change, patient_value
from hub.storage.connection import script, translated
from hub.storage.patient_places import MOVED, Answer
from hub.storage.patient_value import LONG, SHORT
from hub.storage.rotation import Progress
from hub.storage.sweeping import batches, beginnings, each

_WRITTEN_NOW = (bytes((SHORT,)), bytes((LONG,)), MOVED, b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """Patients whose references were written anew by this run, and those whose references cannot be read."""

    patients: int
    unreadable: int


class Upgrade:
    """Writes anew. Raises HubError (index-unavailable) when the store cannot be reached: run it again then."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._related, self._commit = script(client, "related", only_reads=True), script(client, "commit")
        self._upgraded = 0
        self._unreadable: set[str] = set()

    async def run(self, progress: Progress) -> Upgraded:
        """Write anew until a whole pass finds nothing that is in an older format."""
        total = sum([len(batch.keys) async for batch in batches(self._client, keys.patients("r"))])
        while True:
            before, done = self._upgraded, 0
            async for batch in batches(self._client, keys.patients("r")):
                found = await beginnings(self._client, batch)
                await each([key for key, value in found.items() if value not in _WRITTEN_NOW], self._write_anew)
                done += len(batch.keys)
                progress(done, total)
            if self._upgraded == before:
                return Upgraded(patients=self._upgraded, unreadable=len(self._unreadable))

    async def _write_anew(self, key: str) -> None:
        """One attempt: when somebody else has just changed the references, they are in a format of today."""
        patient = keys.patient(keys.pseudonym_in(key))
        with translated():
            answer = Answer.of(*await self._related(keys=[key, patient], args=[b""]))
        if answer.first[:1] in _WRITTEN_NOW:
            return
        try:
            value = patient_value.read(answer.first, answer.leaves)
        except HubError:
            self._unreadable.add(key)
            return
        stored = patient_change.changed(value, {}, ())
        leaves = (part for leaf in stored.leaves.items() for part in leaf)
        with translated():
            done = await self._commit(keys=[key, patient], args=[b"", b"", value.based_on, b"", stored.first, *leaves])
        self._upgraded += done
