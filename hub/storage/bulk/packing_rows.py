"""Rows to records, many at once: the bytes that `codec.encode` makes of them, in a fifth of its time.

What is usual goes this way: dates without fractions of a second, written alike in all rows of a line, and no documents
or sets. Whatever is unusual, and whatever is wrong, is left to the careful way (`rows`).
"""

import struct
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import NamedTuple

from hub.domain.references import Status
from hub.storage.bulk.columns import Calendar, Layout
from hub.storage.bulk.rows import STATUSES, WIDTH, Row
from hub.storage.bulk.vocabulary import Kind
from hub.storage.id_values import pack_text, write_signed
from hub.storage.lexical import Form

# As in `codec`; a property test holds that the bytes are the same.
_FIXED = struct.Struct("<iII")
_COMPLETE, _VALIDATED = 1 << 2, 1 << 3
_LONGEST_REST = 0xFF - _FIXED.size
_HEX = b"\xdd"
_FIVE_BYTES, _LEAST, _BEYOND = b"\xed", 1 << 32, 1 << 40

_MOST_DISTANCES = 200_000


class Packed(NamedTuple):
    """Records, and how many of them are current."""

    records: list[bytes]
    current: int


class RowPacker:
    """Packs the rows of patients with the numbers that it has been told."""

    def __init__(self) -> None:
        self._calendar = Calendar.make()
        self._layouts: dict[Form, Layout] = {}
        self._authors: dict[str, int] = {}
        self._kinds: dict[Form, dict[str, tuple[int, int]]] = {}
        self._distances = _Distances()

    def learn_author(self, label: str, number: int) -> None:
        """The number that the index has for an author."""
        self._authors[label] = number << 8

    def learn_kind(self, label: str, kind: Kind, form: Form, number: int) -> None:
        """The number that the index has for the profile of a kind and a form."""
        if any(fixed is None and scheme == "ID-KMEHR" for scheme, _, _, fixed in kind.id_schemes):
            open_values = -1  # its values have to be looked at: a position does not belong there
        else:
            open_values = sum(fixed is None for *_, fixed in kind.id_schemes)
        self._kinds.setdefault(form, {})[label] = number << 8, open_values

    def unknown_kinds(self, rows: Sequence[Row], form: Form) -> set[str]:
        """The labels in these rows that it was told no profile of this form for."""
        known = self._kinds.get(form, {})
        return {label for label in {row[3] for row in rows if isinstance(row[3], str)} if label not in known}

    def pack(self, rows: Sequence[Row], form: Form) -> Packed | None:
        """The records of rows in which no character was escaped; None when one of them is unusual or wrong."""
        if form not in self._layouts:
            self._layouts[form] = Layout(form)
        try:
            return self._pack(rows, self._layouts[form], self._kinds[form])
        except (KeyError, TypeError, ValueError):
            return None

    def _pack(self, rows: Sequence[Row], layout: Layout, kinds: Mapping[str, tuple[int, int]]) -> Packed | None:
        statuses = _statuses(rows)
        dates, times, authors, labels, complete, validated, recorded, ids, *_ = zip(*rows, strict=False)
        if {*map(type, complete), *map(type, validated)} != {bool} or {*map(type, ids)} != {list}:
            return None
        moments = layout.moments((dates, times, recorded), self._calendar)
        author_of, rest_of, fixed = self._authors, self._distances, _FIXED.pack
        records: list[bytes] = []
        for (moment, recorded_at), author, label, is_complete, is_validated, values, status in zip(
            moments, authors, labels, complete, validated, ids, statuses, strict=False
        ):
            profile, open_values = kinds[label]
            if len(values) != open_values:
                return None
            if (
                open_values == 1
                and len(text := values[0]) == 11
                and text.isdecimal()
                and text.isascii()
                and text[0] != "0"
            ):
                rest = rest_of[recorded_at - moment] + _FIVE_BYTES + int(text).to_bytes(5, "big")
            else:
                rest = rest_of[recorded_at - moment] + b"".join(map(_pack_value, values))
                if len(rest) > _LONGEST_REST:
                    return None
            flags = status | (_COMPLETE if is_complete else 0) | (_VALIDATED if is_validated else 0)
            records.append(fixed(moment, author_of[author] | flags, profile | _FIXED.size + len(rest)) + rest)
        return Packed(records, len(rows) if isinstance(statuses, repeat) else statuses.count(Status.CURRENT))


def _statuses(rows: Sequence[Row]) -> "repeat[int] | list[int]":
    """The status of each row. Raises ValueError, KeyError or TypeError when one says more than its status, or less."""
    widths = {*map(len, rows)}
    if {*map(type, rows)} != {list} or not widths <= {WIDTH, WIDTH + 1}:
        raise ValueError("no row")
    if widths == {WIDTH}:
        return repeat(Status.CURRENT)
    unusual = [row[WIDTH] if len(row) > WIDTH else _USUAL for row in rows]
    if {*map(len, unusual)} != {1}:
        raise ValueError("more than a status")
    return [STATUSES[facts["status"]] for facts in unusual]


_USUAL = {"status": "current"}


def _pack_value(text: str) -> bytes:
    """As `pack_text`: its two most frequent cases, for the rest itself."""
    if len(text) == 32:
        data = bytes.fromhex(text) if text.isalnum() else b""
        return _HEX + data if data.hex() == text else pack_text(text)
    if 10 <= len(text) <= 13 and text.isdecimal() and text.isascii() and text[0] != "0":
        number = int(text)
        if _LEAST <= number < _BEYOND:
            return _FIVE_BYTES + number.to_bytes(5, "big")
    return pack_text(text)


class _Distances(dict[int, bytes]):
    """From a moment to a recorddatetime, packed: few are frequent."""

    def __missing__(self, distance: int) -> bytes:
        packed = write_signed(distance)
        if len(self) < _MOST_DISTANCES:
            self[distance] = packed
        return packed
