"""What a worker of an export does: some patients become lines, and the labels in them are explained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub.domain.parties import Patient
from hub.storage import patient_value
from hub.storage.bulk.execution import Execution
from hub.storage.bulk.forms import Forms
from hub.storage.bulk.interning import Interning
from hub.storage.bulk.lines import digest_of, dump
from hub.storage.bulk.unpacking_rows import RowUnpacker
from hub.storage.bulk.vocabulary import Kind, author_line, kind_line
from hub.storage.connection import script, translated
from hub.storage.patient_places import Answer, Place, not_moved
from hub.storage.patient_record import open_patient
from hub.storage.patient_value import PatientValue
from hub.storage.secrets import Sealer

Pack = Callable[[bytes], bytes]
"""What is done to lines before they are written: they are compressed, or nothing."""

Known = tuple[Patient, PatientValue]


@dataclass(slots=True)
class Part:
    """The lines of some patients as they are to be written, and what they count and add to the digest.

    `words` are, by label, the lines of authors and kinds that the worker has given with no earlier part; not packed.
    """

    words: dict[str, bytes] = field(default_factory=dict)
    lines: bytes = b""
    patients: int = 0
    references: int = 0
    digest: int = 0


class ExportWorker:
    """Makes parts of a file, one after the other."""

    def __init__(self, client: Redis, *, interning: Interning, sealer: Sealer, forms: Forms, pack: Pack) -> None:
        self._execute, self._related = Execution(client), script(client, "related", only_reads=True)
        self._interning, self._sealer, self._forms, self._pack = interning, sealer, forms, pack
        self._unpacker = RowUnpacker()

    async def write(self, pseudonyms: Sequence[str]) -> Part:
        """The lines of these patients, but for those who are not there any more.

        Raises HubError (index-unavailable), also for what cannot be read.
        """
        part = Part()
        known = await self._read([Place.of(pseudonym) for pseudonym in pseudonyms])
        try:
            lines = self._lines(known)
        except KeyError:
            part.words = await self._learn(known)
            lines = self._lines(known)
        part.patients, part.references = len(known), sum(value.header.total for _, value in known)
        part.digest = sum(map(digest_of, lines))
        part.lines = self._pack(b"".join([line + b"\n" for line in lines]))
        return part

    def _lines(self, known: Sequence[Known]) -> list[bytes]:
        """The lines of patients. Raises KeyError when one of them uses what was not learned."""
        return [
            dump(["patient", patient.ssin.digits, self._forms.written(patient), self._unpacker.rows(value)])
            for patient, value in known
        ]

    async def _read(self, places: Sequence[Place]) -> list[Known]:
        answers = await self._execute([[("GET", place.patient), ("GET", place.references)] for place in places])
        return [
            known
            for place, (sealed, first) in zip(places, answers, strict=True)
            if (known := self._known(place, await self._whole(place, sealed, first)))
        ]

    async def _whole(self, place: Place, sealed: bytes | RedisError | None, first: bytes | RedisError | None) -> Answer:
        """All there is of a patient, of whom a short record was expected."""
        if not isinstance(sealed, RedisError) and not isinstance(first, RedisError):
            return Answer(sealed, first or b"")
        with translated():
            return Answer.of(*await self._related(keys=[place.references, place.patient], args=[b""]))

    def _known(self, place: Place, answer: Answer) -> Known | None:
        found = not_moved(answer)
        if not found.sealed:
            return None
        return open_patient(found.sealed, self._sealer, place.patient), patient_value.read(found.first, found.leaves)

    async def _learn(self, known: Sequence[Known]) -> dict[str, bytes]:
        """Learn what the records use, all at once; the lines that tell a reader of the file."""
        authors, profiles = self._unpacker.unknown([head for _, value in known for head in value.heads()])
        words: dict[str, bytes] = {}
        for number, author in (await self._interning.authors_of(authors)).items():
            label, words[label] = author_line(author)
            self._unpacker.learn_author(number, label)
        for number, profile in (await self._interning.profiles_of(profiles)).items():
            label, words[label] = kind_line(Kind(profile.source, profile.cds, profile.id_schemes))
            self._unpacker.learn_kind(number, profile, label)
        return words
