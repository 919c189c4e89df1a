"""The rows of patients to what is stored: the quick way where it will do, else the careful one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from redis.asyncio import Redis

from hub.domain.errors import HubError
from hub.domain.references import TransactionReference
from hub.storage import patient_value
from hub.storage.bulk.columns import form_of
from hub.storage.bulk.interning import Interning, NumberedAuthor
from hub.storage.bulk.lines import BadLine
from hub.storage.bulk.merging import Tally, merged
from hub.storage.bulk.packing_rows import Packed, RowPacker
from hub.storage.bulk.rows import WIDTH, Row, RowReader
from hub.storage.bulk.vocabulary import Kind
from hub.storage.lexical import Form
from hub.storage.packing import Packing
from hub.storage.patient_change import MOST_SHORT, Stored, build
from hub.storage.patient_value import Header
from hub.storage.secrets import Pseudonyms, Sealer

_DATE, _TIME, _AUTHOR, _RECORDED, _IDS = 0, 1, 2, 6, 7


@dataclass(frozen=True, slots=True)
class PackedLines:
    """What is to be stored for a patient who has no references, None for nothing, and what became of the rows."""

    stored: Stored | None
    tally: Tally


class LinePacker:
    """Packs rows with the authors and kinds that it was told. Raises HubError (index-unavailable)."""

    def __init__(self, client: Redis, *, pseudonyms: Pseudonyms, sealer: Sealer, takes_documents: bool) -> None:
        self._interning = Interning(client, pseudonyms=pseudonyms, sealer=sealer)
        self._packing = Packing(client, pseudonyms=pseudonyms, sealer=sealer)
        self._takes_documents = takes_documents
        self._authors: dict[str, int] = {}
        self._kinds: dict[str, Kind] = {}
        self._rows = RowPacker()

    def learn(self, authors: Mapping[str, NumberedAuthor], kinds: Mapping[str, Kind]) -> None:
        """What labels in the lines to come mean."""
        self._kinds |= kinds
        for label, author in authors.items():
            self._authors[label] = author.number
            self._rows.learn_author(label, author)

    async def pack_usual(self, patients: Sequence[Sequence[Row]]) -> list[PackedLines | None]:
        """What is to be stored for each patient; None for one whose rows are not all usual, or are none."""
        by_form: dict[Form, list[int]] = {}
        for at, rows in enumerate(patients):
            if (form := _form_of(rows)) is not None:
                by_form.setdefault(form, []).append(at)
        found: list[PackedLines | None] = [None] * len(patients)
        for form, places in by_form.items():
            usual = [patients[at] for at in places]
            await self._learn_profiles(usual, form)
            for at, packed in zip(places, self._rows.pack(usual, form), strict=True):
                found[at] = PackedLines(_stored(packed), Tally(added=len(packed.lengths))) if packed else None
        return found

    async def pack(self, rows: Sequence[Row]) -> PackedLines:
        """What is to be stored for a patient, whatever the rows are like. Raises BadLine."""
        references = await self.references(rows)
        tally, left_out = Tally(added=len(references)), len(rows) - len(references)
        if references and _has_versions(rows):
            references, tally = merged(references)
        tally.refused += left_out
        records = [await self._record(reference) for reference in references]
        return PackedLines(build(records) if records else None, tally)

    async def references(self, rows: Sequence[Row]) -> list[TransactionReference]:
        """The rows as references, numbered from 1; documents of another hub's vault are left out. Raises BadLine."""
        labels = {label for row in rows if _is_row(row) and isinstance(label := row[_AUTHOR], str)}
        numbers = {label: self._authors[label] for label in labels if label in self._authors}
        authors = await self._interning.authors_of(numbers.values())
        named = {label: authors[number] for label, number in numbers.items()}
        return RowReader(named, self._kinds, takes_documents=self._takes_documents).read(rows)

    async def reads_back(self, stored: Stored, rows: Sequence[Row]) -> bool:
        """Whether what lists read from what is stored is what the rows say."""
        value = patient_value.read(stored.first, stored.leaves)
        heads = sorted(value.heads(), key=lambda head: head.serial)
        return await self._packing.unpack(heads) == await self.references(rows)

    async def _learn_profiles(self, patients: Sequence[Sequence[Row]], form: Form) -> None:
        unknown = self._rows.unknown_kinds(chain.from_iterable(patients), form)
        known = sorted((label, departments) for label, departments in unknown if label in self._kinds)
        numbers = await self._interning.profiles([(self._kinds[label], found) for label, found in known], form)
        for (label, departments), number in zip(known, numbers, strict=True):
            self._rows.learn_kind(label, departments, self._kinds[label], form, number)

    async def _record(self, reference: TransactionReference) -> bytes:
        try:
            return await self._packing.pack(reference)
        except HubError as error:
            if "limit" not in error.details:
                raise
            raise BadLine(f"reference {reference.serial}", f"at most {error.details['limit']} are wanted") from error


def _stored(packed: Packed) -> Stored:
    if len(packed.lengths) > MOST_SHORT:
        return build(packed.records())
    return Stored(patient_value.write_short(Header(1, len(packed.lengths), packed.current), (packed.data,)))


def _form_of(rows: Sequence[Row]) -> Form | None:
    """How the dates of rows are written, as far as the first one tells; None also when one of them is no row."""
    if not rows or {*map(type, rows)} != {list} or not {*map(len, rows)} <= {WIDTH, WIDTH + 1}:
        return None
    return form_of(rows[0][_DATE], rows[0][_TIME], rows[0][_RECORDED])


def _is_row(row: object) -> bool:
    return isinstance(row, list) and len(row) in (WIDTH, WIDTH + 1)


def _has_versions(rows: Sequence[Row]) -> bool:
    """Whether two current rows may be of one document, so that the rules of the domain have to look at them."""
    values = [row[_IDS] for row in rows if len(row) <= WIDTH or row[WIDTH].get("status", _CURRENT) == _CURRENT]
    flat = [*chain.from_iterable(values)]
    return len({*flat}) != len(flat) or not all(values)


_CURRENT = "current"
