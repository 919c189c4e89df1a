"""Where a patient is: under the pseudonym of one key or, while the key is replaced, of one of two.

A patient is moved in steps that any process may take, repeat and complete (docs/adr/0007-two-pseudonym-keys.md):

    leave   under the older pseudonym: the references are set aside, and a mark stands in their place
    arrive  under the newer: what was set aside is written, unless there is something
    clear   what was set aside is deleted; `rotation` does this

Where there is something under the newer pseudonym there is a mark under the older. So whoever finds references under
the older, or nothing at all, need not look under the newer.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self

from redis.asyncio import Redis

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.storage import keys
from hub.storage.connection import script, translated
from hub.storage.secrets import Pseudonyms, Sealer

MOVED = b"\0"
"""Stands where references stood. No format of references begins so: a process that does not know the newer key fails
with index-unavailable and cannot take the patient for one without references."""


class Place(NamedTuple):
    """The keys of a patient under one pseudonym; in one slot of a cluster."""

    references: str
    patient: str
    access: str
    frozen: str

    @classmethod
    def of(cls, pseudonym: str) -> Self:
        """The keys under a pseudonym."""
        return cls(keys.references(pseudonym), keys.patient(pseudonym), keys.access(pseudonym), keys.frozen(pseudonym))


class Answer(NamedTuple):
    """What a script says of a place: the sealed registration; of the references, what stands first and some leaves.

    `access` are the values of the fields that were asked for. `passed` and `latest` are for lists only.
    """

    sealed: bytes | None
    first: bytes = b""
    leaves: Mapping[int, bytes] = {}
    access: Sequence[bytes | None] = ()
    passed: int = 0
    latest: bytes = b""

    @classmethod
    def of(cls, sealed: bytes | None, first: bytes = b"", *leaves: Any) -> Self:  # noqa: ANN401 - as Redis answers
        """From the reply of a script, in which numbers and leaves take turns."""
        return cls(sealed, first, dict(zip(leaves[::2], leaves[1::2], strict=True)))

    @property
    def is_nothing(self) -> bool:
        """Whether the patient is unknown at this place, and has not moved from it."""
        return not (self.first or self.sealed)


class PatientPlaces:
    """Finds patients and moves them.

    Methods raise HubError (index-unavailable) when the store cannot be reached, and for a patient who has moved to a
    key that is not known here.
    """

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms, sealer: Sealer) -> None:
        self._older, self._newer, self._moves = pseudonyms.previous, pseudonyms, True
        if pseudonyms.following:
            self._older, self._newer, self._moves = pseudonyms, pseudonyms.following, False
        self._sealer = sealer
        self._look = script(client, "look", only_reads=True)
        self._leave, self._arrive, self._clear = (script(client, name) for name in ("leave", "arrive", "clear"))

    async def ask(self, patient: Ssin, question: Callable[[Place], Awaitable[Answer]]) -> tuple[Place, Answer]:
        """Where the patient is, and the answer of that place: one round trip, or a few while the key is replaced."""
        if self._moves:
            place = self.newer(patient)
            answer = await question(place)
            if self._older is None or not answer.is_nothing:
                return place, not_moved(answer)
        place = self.older(patient)
        answer = await question(place)
        if answer.first != MOVED:
            return place, answer
        await self.move(patient)
        place = self.newer(patient)
        return place, not_moved(await question(place))

    async def to_change(self, patient: Ssin) -> Place:
        """Where the patient is to be changed: there now, or unknown and to be created there.

        The patient may leave before the change is made; the scripts that change something find that out.
        """
        if self._older is None:
            return self.newer(patient)
        place, _ = await self.ask(patient, self.look)
        if self._moves and place == self.older(patient):
            await self.move(patient)
            place = self.newer(patient)
        return place

    async def look(self, place: Place) -> Answer:
        """A question: the registration, and of the references only the byte they begin with."""
        with translated():
            return Answer.of(*await self._look(keys=[place.references, place.patient]))

    async def move(self, patient: Ssin) -> tuple[Answer, bool]:
        """Let a patient leave and arrive, or what is left of that to do.

        Returns what was set aside, and whether it is at the newer place now just as it was; else there were references
        already. Of an unknown patient nothing was set aside; a process with the older key will not create one any more.
        """
        older, newer = self.older(patient), self.newer(patient)
        with translated():
            access, *rest = await self._leave(keys=list(older))
            left = Answer.of(*rest)
            if left.is_nothing:
                return left, True
            sealed = self._sealed_anew(left.sealed, older, newer)
            leaves = (part for leaf in left.leaves.items() for part in leaf)
            arrived = await self._arrive(
                keys=[newer.references, newer.patient, newer.access], args=[sealed, access or b"", left.first, *leaves]
            )
        if arrived and not left.sealed:
            await self.clear(patient)  # without a registration a rotation cannot find out whose it was
        return left, bool(arrived)

    async def clear(self, patient: Ssin) -> bool:
        """Delete what a patient left behind, which must be at the newer place; False when there was nothing."""
        with translated():
            return bool(await self._clear(keys=list(self.older(patient))))

    def older(self, patient: Ssin) -> Place:
        """The place by the older of two keys."""
        if self._older is None:
            raise HubError(Reason.INTERNAL, where="pseudonym key")
        return Place.of(self._older.of(patient.digits))

    def newer(self, patient: Ssin) -> Place:
        """The place by the newer of two keys, or by the only one."""
        return Place.of(self._newer.of(patient.digits))

    def _sealed_anew(self, sealed: bytes | None, older: Place, newer: Place) -> bytes:
        """A registration for another place; it opens only where it was sealed for."""
        if sealed is None:
            return b""
        return self._sealer.seal(self._sealer.open(sealed, older.patient.encode()), newer.patient.encode())


def not_moved(answer: Answer) -> Answer:
    """The answer. Raises HubError (index-unavailable) where the patient has left for a key that is not known here."""
    if answer.first == MOVED:
        raise HubError(Reason.INDEX_UNAVAILABLE, where="pseudonym key")
    return answer
