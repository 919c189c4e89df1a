"""Rows to records, those of many patients at once: the bytes that `codec.encode` makes of them, in a tenth of its time.

What is usual goes this way: dates without fractions of a second, written alike in all rows, and no documents or sets.
Whatever is unusual, and whatever is wrong, is left to the careful way (`rows`).
"""

from collections.abc import Iterable, Sequence
from itertools import chain, compress, pairwise
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from hub.domain.errors import HubError
from hub.domain.references import VAULT, Status
from hub.storage.bulk.columns import (
    DateColumns,
    Numbers,
    Pieces,
    laid_out,
    lengths_of,
    numbers_of,
    pack_signed,
    pack_values,
)
from hub.storage.bulk.interning import NumberedAuthor
from hub.storage.bulk.rows import STATUSES, WIDTH, Row
from hub.storage.bulk.vocabulary import LONGEST_POSITION, Kind
from hub.storage.lexical import Form

# As in `codec`; a property test holds that the bytes are the same.
_FIXED = np.dtype([("moment", "<i4"), ("author", "<u4"), ("profile", "<u4")])
_COMPLETE, _VALIDATED = 1 << 2, 1 << 3
_LONGEST = 0xFF
_OPEN_VALUES = 0xFF
"""In the number that is kept for a kind: its profile stands before that."""
_AUTHOR, _KIND = 2, 3


class Packed(NamedTuple):
    """The records of a patient, laid end to end, the length of each, and how many of them are current."""

    data: bytes
    lengths: Sequence[int]
    current: int

    def records(self) -> list[bytes]:
        """Each for itself."""
        ends = np.cumsum(self.lengths).tolist()
        return [self.data[end - length : end] for length, end in zip(self.lengths, ends, strict=True)]


class RowPacker:
    """Packs the rows of patients with the numbers that it has been told."""

    def __init__(self) -> None:
        self._authors: dict[str, int] = {}
        self._departments: dict[str, tuple[str, ...]] = {}
        self._kinds: dict[Form, dict[str, int]] = {}

    def learn_author(self, label: str, author: NumberedAuthor) -> None:
        """The number that the index has for an author, and his departments."""
        self._authors[label] = author.number
        if author.departments:
            self._departments[label] = author.departments

    def learn_kind(self, label: str, departments: tuple[str, ...], kind: Kind, form: Form, number: int) -> None:
        """The number that the index has for the profile of a kind, of authors in these departments, and a form."""
        open_values = sum(fixed is None for *_, fixed in kind.id_schemes)
        if open_values <= _OPEN_VALUES and kind.source != VAULT:  # whose references have to name a document
            self._kinds.setdefault(form, {})[_named(label, departments)] = number << 8 | open_values

    def unknown_kinds(self, rows: Iterable[Row], form: Form) -> set[tuple[str, tuple[str, ...]]]:
        """The labels in these rows, with departments, that it was told no profile of this form for."""
        known, labels = self._kinds.get(form, {}), set()
        for row in rows:
            if isinstance(row[_KIND], str) and isinstance(row[_AUTHOR], str):
                labels.add((row[_KIND], self._departments.get(row[_AUTHOR], ())))
        return {(label, departments) for label, departments in labels if _named(label, departments) not in known}

    def pack(self, patients: Sequence[Sequence[Row]], form: Form) -> list[Packed | None]:
        """What is to be stored for each patient; None for one who needs care.

        That is when a row is unusual or wrong, or when two that are current may be of one document. Where one is in
        the way of the others, each half is tried for itself.
        """
        try:
            return self._pack(patients, form)
        except (KeyError, TypeError, ValueError, HubError):
            if len(patients) == 1:
                return [None]
            middle = len(patients) // 2
            return [*self.pack(patients[:middle], form), *self.pack(patients[middle:], form)]

    def _kind_names(self, labels: Sequence[str], authors: Sequence[str]) -> Sequence[str]:
        if not self._departments:
            return labels
        departments = self._departments.get
        return [_named(label, departments(author, ())) for label, author in zip(labels, authors, strict=True)]

    def _pack(self, patients: Sequence[Sequence[Row]], form: Form) -> list[Packed | None]:
        rows = [*chain.from_iterable(patients)]
        statuses = _statuses(rows)
        dates, times, authors, labels, complete, validated, recorded, ids, *_ = zip(*rows, strict=False)
        if {*map(type, complete), *map(type, validated)} != {bool} or {*map(type, ids)} != {list}:
            raise TypeError("another type")
        kinds = numbers_of(self._kind_names(labels, authors), self._kinds[form])
        moments, recorded_at = DateColumns(dates, times, recorded).moments(form)
        names = _Names.of(ids, wanted=kinds & _OPEN_VALUES)
        distances, values = pack_signed(recorded_at - moments), names.packed()
        lengths = _FIXED.itemsize + distances.lengths + values.lengths
        if lengths.max() > _LONGEST:
            raise ValueError("a long record")
        fixed = np.empty(len(rows), _FIXED)
        fixed["moment"] = moments
        fixed["author"] = numbers_of(authors, self._authors) << 8 | _flags(complete, validated) | statuses
        fixed["profile"] = kinds & ~_OPEN_VALUES | lengths
        starts = np.cumsum(lengths) - lengths
        behind_fixed = starts + _FIXED.itemsize
        data = laid_out(
            lengths,
            (
                (starts, Pieces.of_equal(fixed.view(np.uint8).reshape(len(rows), -1))),
                (behind_fixed, distances),
                (behind_fixed + distances.lengths, values),
            ),
        )
        behind = np.cumsum(lengths_of(patients))
        is_current = statuses == Status.CURRENT
        divided = _divided(data.tobytes(), lengths, is_current, behind)
        are_unique = names.are_unique(is_current, behind)
        return [packed if is_unique else None for packed, is_unique in zip(divided, are_unique, strict=True)]


def _named(label: str, departments: tuple[str, ...]) -> str:
    """What the profile of a kind is found by, among those of authors in other departments."""
    return "\x1f".join((label, *departments))


def _statuses(rows: Sequence[Row]) -> Numbers:
    """The status of each row. Raises ValueError, KeyError or TypeError when one says more than its status, or less."""
    widths = lengths_of(rows)
    if {*map(type, rows)} != {list} or ((widths != WIDTH) & (widths != WIDTH + 1)).any():
        raise ValueError("no row")
    statuses = np.full(len(rows), int(Status.CURRENT))
    unusual = np.flatnonzero(widths > WIDTH)
    facts = [rows[at][WIDTH] for at in unusual.tolist()]
    if (lengths_of(facts) != 1).any():
        raise ValueError("more than a status")
    statuses[unusual] = numbers_of([fact["status"] for fact in facts], STATUSES)
    return statuses


def _flags(complete: Sequence[bool], validated: Sequence[bool]) -> Numbers:
    return _bits(complete) * _COMPLETE | _bits(validated) * _VALIDATED


def _bits(flags: Sequence[bool]) -> Numbers:
    return np.frombuffer(bytes(flags), np.uint8).astype(np.int64)


class _Names(NamedTuple):
    """The identifiers of all rows, and how many each row has."""

    values: Sequence[str]
    counts: Numbers

    @classmethod
    def of(cls, ids: Sequence[Sequence[str]], *, wanted: Numbers) -> Self:
        """Raises ValueError unless each row has as many as wanted, none of them a position."""
        values, counts = [*chain.from_iterable(ids)], lengths_of(ids)
        if (counts != wanted).any():
            raise ValueError("another number of identifiers")
        if min(map(len, values), default=LONGEST_POSITION) <= LONGEST_POSITION:
            raise ValueError("perhaps a position")
        return cls(values, counts)

    def packed(self) -> Pieces:
        """Those of each row as one piece."""
        return pack_values(self.values).joined(np.concatenate(([0], np.cumsum(self.counts))))

    def are_unique(self, is_current: NDArray[np.bool_], behind: Numbers) -> list[bool]:
        """Whether no two current rows of a patient share one: `behind` says where the rows of each patient end.

        Raises ValueError for a current row that has none.
        """
        if (is_current & (self.counts == 0)).any():
            raise ValueError("a row without a name")
        values = [*compress(self.values, np.repeat(is_current, self.counts).tolist())]
        ends = np.cumsum(self.counts * is_current)[behind - 1].tolist()
        return [len({*values[start:end]}) == end - start for start, end in pairwise([0, *ends])]


def _divided(data: bytes, lengths: Numbers, is_current: NDArray[np.bool_], behind: Numbers) -> list[Packed]:
    """The records by patient: `behind` says where the rows of each patient end."""
    ends, current = np.cumsum(lengths), np.cumsum(is_current)
    found = []
    first = start = before = 0
    for last in behind.tolist():
        end, current_so_far = int(ends[last - 1]), int(current[last - 1])
        found.append(Packed(data[start:end], lengths[first:last].tolist(), current_so_far - before))
        first, start, before = last, end, current_so_far
    return found
