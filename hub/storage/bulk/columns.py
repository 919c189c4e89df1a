"""Columns of many rows as arrays: dates as seconds, identifier values as the bytes that `id_values` makes of them.

The texts of a column are laid end to end and read as one array of characters. What is usual is done for all at once;
what is not is refused (a date) or done one by one (an identifier).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from hub.storage.id_values import pack_text
from hub.storage.lexical import EPOCH, Form

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int64]

_FIRST_YEAR, _LAST_YEAR = 1933, 2067
"""All of whose moments can be packed."""
_ZONE = re.compile(r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?", re.ASCII)

_HEX, _HEX_WIDTH = 221, 32
_NUMBER, _NUMBER_WIDTHS = 232, range(4, 19)
"""As in `id_values`; a property test holds that the bytes are the same."""
_SIZES = np.array([256**size for size in range(1, 8)])
"""From each of these numbers on, one byte more is needed."""
_NO_DIGIT = 0xFF


class Pieces(NamedTuple):
    """Byte strings laid end to end, and the length of each."""

    data: Bytes
    lengths: Numbers

    @classmethod
    def of_texts(cls, texts: Sequence[str]) -> Self:
        """Raises TypeError unless all are texts, ValueError unless all of their characters are printable ASCII."""
        data = _characters(texts)
        if ((data < ord(" ")) | (data > ord("~"))).any():
            raise ValueError("no plain text")
        return cls(data, lengths_of(texts))

    @classmethod
    def of_bytes(cls, parts: Sequence[bytes]) -> Self:
        """As they are."""
        return cls(np.frombuffer(b"".join(parts), np.uint8), lengths_of(parts))

    @classmethod
    def of_equal(cls, rows: Bytes) -> Self:
        """The rows of a matrix."""
        return cls(rows.ravel(), np.full(len(rows), rows.shape[1]))

    def joined(self, first: Numbers) -> "Pieces":
        """Neighbours as one piece: `first` are the positions where those of a piece begin, and the end of the last."""
        ends = _starts(self.lengths)[first]
        return Pieces(self.data, ends[1:] - ends[:-1])


def laid_out(lengths: Numbers, parts: Iterable[tuple[Numbers, Pieces]]) -> Bytes:
    """Pieces brought to where they belong: each part has the places at which its pieces begin."""
    out = np.empty(int(lengths.sum()), np.uint8)
    for places, pieces in parts:
        shifts = np.repeat(places - _starts(pieces.lengths)[:-1], pieces.lengths)
        out[shifts + np.arange(len(pieces.data))] = pieces.data
    return out


def _characters(texts: Sequence[str]) -> Bytes:
    """All characters. Raises TypeError unless all are texts, ValueError unless they are ASCII."""
    return np.frombuffer("".join(texts).encode("ascii"), np.uint8)


def lengths_of(values: Sequence[str] | Sequence[bytes] | Sequence[Sequence[object]]) -> Numbers:
    """How long each of them is."""
    return np.fromiter(map(len, values), np.int64, len(values))


def _starts(lengths: Numbers) -> Numbers:
    """Where each piece begins, and the end of the last."""
    return np.concatenate(([0], np.cumsum(lengths)))


class DateColumns(NamedTuple):
    """The dates, the times and the recorddatetimes of some rows."""

    dates: Sequence[str]
    times: Sequence[str]
    recorded: Sequence[str]

    def moments(self, form: Form) -> tuple[Numbers, Numbers]:
        """Moment and recorddatetime of each row, in seconds from EPOCH.

        Raises TypeError or ValueError when one of them is no such date or is not written in this form.
        """
        days = _digits(self.dates, "____-__-__" + form.date_zone)
        times = _digits(self.times, "__:__:__" + form.time_zone)
        recorded = _digits(self.recorded, "____-__-__T__:__:__" + form.recorded_zone)
        return _midnights(days) + _seconds(times), _midnights(recorded[:, :8]) + _seconds(recorded[:, 8:])


def form_of(date_text: object, time_text: object, recorded: object) -> Form | None:
    """The form that three texts have when they are dates without fractions of a second; None when they have another."""
    if not (isinstance(date_text, str) and isinstance(time_text, str) and isinstance(recorded, str)):
        return None
    zones = date_text[10:], time_text[8:], recorded[19:]
    return Form(zones[0], 0, zones[1], 0, zones[2]) if all(map(_ZONE.fullmatch, zones)) else None


def _digits(texts: Sequence[str], pattern: str) -> Numbers:
    """The digits that stand where the pattern has a low line; the rest has to be as in the pattern."""
    width = len(pattern)
    if {*map(len, texts)} != {width}:
        raise ValueError("of another length")
    characters = _characters(texts).reshape(len(texts), width)
    for at, wanted in enumerate(pattern):
        if wanted != "_" and (characters[:, at] != ord(wanted)).any():
            raise ValueError("written in another way")
    digits = characters[:, [at for at, wanted in enumerate(pattern) if wanted == "_"]] - ord("0")
    if (digits > 9).any():
        raise ValueError("no digit")
    return digits.astype(np.int64)


def _number(digits: Numbers) -> Numbers:
    return np.asarray(digits @ 10 ** np.arange(digits.shape[1])[::-1])


def _midnights(digits: Numbers) -> Numbers:
    """Of days with eight digits."""
    months = (_number(digits[:, :4]) - _FIRST_YEAR) * 12 + _within(_number(digits[:, 4:6]), 1, 12) - 1
    days = _number(digits[:, 6:8])
    first = _MONTHS[_within(months, 0, len(_MONTHS) - 2)]
    return _within(first + days - 1, first, _MONTHS[months + 1] - 1) * 86400 - EPOCH


_MONTHS = np.array(
    [
        date(year, month, 1).toordinal()
        for year in range(_FIRST_YEAR, _LAST_YEAR + 2)
        for month in range(1, 13)
        if year <= _LAST_YEAR or month == 1
    ]
)
"""The first day of each month, and the day behind the last."""


def _seconds(digits: Numbers) -> Numbers:
    """Of times of the day with six digits."""
    hours, minutes, seconds = (_number(digits[:, at : at + 2]) for at in (0, 2, 4))
    return _within(hours, 0, 23) * 3600 + _within(minutes, 0, 59) * 60 + _within(seconds, 0, 59)


def _within(numbers: Numbers, least: int | Numbers, most: int | Numbers) -> Numbers:
    if ((numbers < least) | (numbers > most)).any():
        raise ValueError("beyond what there is")
    return numbers


def pack_signed(numbers: Numbers) -> Pieces:
    """Numbers of less than 34 bits as `write_signed` packs each."""
    unsigned = numbers << 1 ^ numbers >> 63
    shifted = unsigned[:, None] >> _SHIFTS
    more = np.concatenate((shifted[:, 1:] != 0, np.zeros((len(numbers), 1), bool)), axis=1)
    is_there = np.concatenate((np.ones((len(numbers), 1), bool), more[:, :-1]), axis=1)
    septets = (shifted & 0x7F | more << 7).astype(np.uint8)
    return Pieces(septets[is_there], is_there.sum(axis=1))


_SHIFTS = 7 * np.arange(5)


def pack_values(values: Sequence[str]) -> Pieces:
    """Identifier values as `pack_text` packs each.

    Raises as `Pieces.of_texts`, and HubError (content) as `pack_text`.
    """
    texts = Pieces.of_texts(values)
    parts = [*_packed_hex(texts), *_packed_numbers(texts)]
    left = np.ones(len(values), bool)
    for at, _ in parts:
        left[at] = False
    others = np.flatnonzero(left)
    parts.append((others, Pieces.of_bytes([pack_text(values[at]) for at in others.tolist()])))
    lengths = np.zeros(len(values), np.int64)
    for at, pieces in parts:
        lengths[at] = pieces.lengths
    starts = _starts(lengths)
    return Pieces(laid_out(lengths, [(starts[at], pieces) for at, pieces in parts]), lengths)


def _packed_hex(texts: Pieces) -> Iterator[tuple[Numbers, Pieces]]:
    """Those of 32 hexadecimal digits in lower case, and which these are."""
    for at, characters in _of_widths(texts, (_HEX_WIDTH,)):
        digits = _HEX_DIGITS[characters]
        good = (digits != _NO_DIGIT).all(axis=1)
        digits = digits[good]
        yield at[good], _tagged(_HEX, digits[:, ::2] << 4 | digits[:, 1::2])


_HEX_DIGITS = np.array(
    ["0123456789abcdef".find(chr(character)) % (_NO_DIGIT + 1) for character in range(256)], np.uint8
)


def _packed_numbers(texts: Pieces) -> Iterator[tuple[Numbers, Pieces]]:
    """Those that are decimal numbers, and which these are."""
    for at, characters in _of_widths(texts, _NUMBER_WIDTHS):
        digits = characters - ord("0")
        good = (digits <= 9).all(axis=1) & (digits[:, 0] != 0)
        numbers = _number(digits[good].astype(np.int64))
        data = numbers.astype(">u8").view(np.uint8).reshape(-1, 8)
        sizes = np.searchsorted(_SIZES, numbers, side="right") + 1
        for size in np.unique(sizes).tolist():
            yield at[good][sizes == size], _tagged(_NUMBER + size, data[sizes == size, 8 - size :])


def _of_widths(texts: Pieces, widths: Iterable[int]) -> Iterator[tuple[Numbers, Bytes]]:
    """The texts of each width as rows of characters, and which these are."""
    starts = _starts(texts.lengths)[:-1]
    for width in np.intersect1d(texts.lengths, np.array(widths)).tolist():
        at = np.flatnonzero(texts.lengths == width)
        yield at, texts.data[starts[at, None] + np.arange(width)]


def _tagged(tag: int, rows: Bytes) -> Pieces:
    return Pieces.of_equal(np.concatenate((np.full((len(rows), 1), tag, np.uint8), rows), axis=1))


def numbers_of(labels: Sequence[object], known: Mapping[str, int]) -> Numbers:
    """What is known by each label. Raises KeyError or TypeError for a label that nobody knows."""
    return np.array([*map(known.__getitem__, labels)], np.int64)  # type: ignore[arg-type]  # any label may be asked
