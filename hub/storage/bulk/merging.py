"""References of a patient whom the index knows already: what it has stands, what a file has besides is added."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hub.domain.errors import HubError, Reason
from hub.domain.references import (
    Change,
    PatientReferences,
    Relevance,
    Status,
    TransactionReference,
    declare,
    following,
)

_REFUSALS = (Reason.NEWER_VERSION_EXISTS, Reason.ALREADY_REVOKED)


@dataclass(slots=True)
class Tally:
    """What a merge made of the references of a file."""

    added: int = 0
    known: int = 0
    refused: int = 0

    def add(self, other: "Tally") -> None:
        """Add what another merge made of other references."""
        self.added, self.known = self.added + other.added, self.known + other.known
        self.refused += other.refused


class Merge:
    """The rule by which references come in beside others; it may be asked more than once, and says how it went.

    A reference that is known stays, with the status that is further on. A mere declaration is declared: it replaces the
    older version, and is refused where a newer one is known or the document was revoked. Whatever else a file has,
    history or a document of the vault, is added as it is, unless something current of the same name is there. The name
    of a set is its type.
    """

    def __init__(self, references: Sequence[TransactionReference]) -> None:
        self._references = references
        self.tally = Tally()

    @property
    def relevance(self) -> Relevance:
        """What of the patient's references has to be seen."""
        relevances = [
            Relevance.of(reference.declaration, whole_type=bool(reference.version)) for reference in self._references
        ]
        return Relevance(
            values=frozenset().union(*(relevance.values for relevance in relevances)),
            vault_types=frozenset().union(*(relevance.vault_types for relevance in relevances)),
            serials=frozenset({1}),
        )

    def __call__(self, before: PatientReferences) -> Change:
        """See `hub.ports.reference_index.Rule`."""
        self.tally = Tally()
        record = _Record(before)
        for reference in self._references:
            self._take(record, reference)
        return record.change(self._references[0])

    def _take(self, record: "_Record", new: TransactionReference) -> None:
        namesakes = record.namesakes(new)
        same = next((row for row in namesakes if _is_same(row, new)), None)
        if same is not None:
            self.tally.known += 1
            if new.status > same.status:
                record.mark(same.serial, new.status)
            return
        is_declaration = new.status is Status.CURRENT and new.document is None and not new.version
        if not is_declaration:
            if new.status is Status.CURRENT and any(row.status is Status.CURRENT for row in namesakes):
                self.tally.refused += 1
                return
            record.add(following(new, record.newest_namesakes(new)))
        else:
            try:
                change = declare(PatientReferences(namesakes, record.next_serial), new.declaration, new.source)
            except HubError as refusal:
                if refusal.reason not in _REFUSALS:
                    raise
                self.tally.refused += 1
                return
            for serial, status in change.marked:
                record.mark(serial, status)
            record.add(change.reference)
        self.tally.added += 1


class _Record:
    """A patient's references while they change, found by what names them."""

    def __init__(self, before: PatientReferences) -> None:
        self.next_serial = before.next_serial
        self._before = {row.serial: row for row in before.rows}
        self._rows = dict(self._before)
        self._by_name: defaultdict[object, list[int]] = defaultdict(list)
        for row in before.rows:
            self._index(row)

    def namesakes(self, new: TransactionReference) -> list[TransactionReference]:
        """The references of its source that say the same or share a name, in the order of registration."""
        serials = {serial for name in _names(new) for serial in self._by_name.get(name, ())}
        return [self._rows[serial] for serial in sorted(serials)]

    def newest_namesakes(self, new: TransactionReference) -> list[TransactionReference]:
        """Of them the newest with each name: the lineage of older ones is part of theirs."""
        return [self._rows[self._by_name[name][-1]] for name in _names(new) if name in self._by_name]

    def add(self, new: TransactionReference) -> None:
        row = new._replace(serial=self.next_serial)
        self._rows[row.serial] = row
        self._index(row)
        self.next_serial += 1

    def mark(self, serial: int, status: Status) -> None:
        self._rows[serial] = self._rows[serial]._replace(status=status)

    def change(self, asked: TransactionReference) -> Change:
        """From what was before to what is now."""
        added = tuple(row for serial, row in self._rows.items() if serial not in self._before)
        marked = tuple(
            (serial, self._rows[serial].status)
            for serial, row in self._before.items()
            if self._rows[serial].status is not row.status
        )
        return Change(asked, added=added, marked=marked)

    def _index(self, row: TransactionReference) -> None:
        for name in _names(row):
            self._by_name[name].append(row.serial)


def merged(references: Sequence[TransactionReference]) -> tuple[list[TransactionReference], Tally]:
    """What becomes of the references of a file for a patient who had none.

    Nobody can have a right on one of them yet, so each begins a lineage: that is what the fast way has, too.
    """
    merge = Merge(references)
    return [row._replace(origins=()) for row in merge(PatientReferences()).added], merge.tally


def _names(row: TransactionReference) -> Iterable[object]:
    """What finds a reference again: its source and each name, or all that it declares when it has no name."""
    if row.version:
        return [row.declaration.transaction_type]
    names = row.declaration.names()
    return [(row.source, name) for name in names] or [(row.source, row.declaration)]


def _is_same(row: TransactionReference, new: TransactionReference) -> bool:
    return row.declaration == new.declaration and row.document == new.document and row.version == new.version
