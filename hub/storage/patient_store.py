"""What is stored of one patient, read and changed by atomic scripts: one round trip each.

This is where national numbers become pseudonyms and registrations are sealed.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from redis.asyncio import Redis

from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient
from hub.storage import keys, patient_value
from hub.storage.connection import script, stored, translated
from hub.storage.patient_change import Stored
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
        self._client, self._pseudonyms, self._sealer = client, pseudonyms, sealer
        self._list, self._related, self._commit = (script(client, name) for name in ("list", "related", "commit"))

    async def page(self, patient: Ssin, *, skip: int, size: int) -> Listed:
        """At least the current references from a place of the list on, newest first."""
        return await self._listed(patient, "page", skip, size)

    async def period(self, patient: Ssin, *, first: int, last: int) -> Listed:
        """At least the references of a time, both ends included, in seconds as packed."""
        return await self._listed(patient, "time", first, last)

    async def related(self, patient: Ssin, patterns: Iterable[bytes] = ()) -> Related:
        """A short record whole; of a long one the directory and the leaves in which one of the patterns occurs."""
        references, place = self._keys(patient)
        with translated():
            sealed, *rest = await self._related(keys=[references, place], args=list(patterns))
        return Related(self._opened(sealed, place), patient_value.read(*_parts(rest)))

    async def with_leaves(self, patient: Ssin, value: PatientValue, numbers: Iterable[int]) -> PatientValue | None:
        """The value with more of its leaves read; None when one of them is no longer there."""
        references, _ = self._keys(patient)
        wanted = list(numbers)
        with translated():
            leaves = await self._client.hmget(references, [str(number) for number in wanted])
        found = {number: leaf for number, leaf in zip(wanted, map(stored, leaves), strict=True) if leaf}
        return value.with_leaves(found) if len(found) == len(wanted) else None

    async def commit(self, patient: Ssin, value: PatientValue, change: Stored, register: Patient | None) -> bool:
        """Store a change, and register the patient if told to and not registered; False when somebody was faster."""
        references, place = self._keys(patient)
        sealed = seal_patient(register, self._sealer, place) if register else b""
        leaves = (part for leaf in change.leaves.items() for part in leaf)
        with translated():
            done = await self._commit(keys=[references, place], args=[value.based_on, sealed, change.first, *leaves])
        return bool(done)

    async def _listed(self, patient: Ssin, *arguments: str | int) -> Listed:
        references, place = self._keys(patient)
        with translated():
            sealed, passed, *rest = await self._list(keys=[references, place], args=list(arguments))
        header, blocks = patient_value.read_list(*_parts(rest))
        return Listed(self._opened(sealed, place), passed, header, blocks)

    def _keys(self, patient: Ssin) -> tuple[str, str]:
        pseudonym = self._pseudonyms.of(patient.digits)
        return keys.references(pseudonym), keys.patient(pseudonym)

    def _opened(self, sealed: bytes | None, place: str) -> Patient | None:
        return open_patient(sealed, self._sealer, place) if sealed else None


def _parts(reply: Sequence[Any]) -> tuple[bytes, dict[int, bytes]]:
    """What a script gives of the references: what stands first, and leaves by number."""
    if not reply:
        return b"", {}
    first, *leaves = reply
    return first, dict(zip(leaves[::2], leaves[1::2], strict=True))
