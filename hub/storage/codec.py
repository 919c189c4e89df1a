"""One reference as a packed record of 22 to 40 bytes.

    record   = moment(4) flags(1) author(3) length(1) profile(3) [length(2)] rest
    rest     = [date, time, recorddatetime as texts | recorded, time fraction?, recorded fraction?]
               [document key(16)] [members(2) version(4)] id value* [count, origin*]

Little endian. Authors and profiles are numbers of interned values. A length of 0 is followed by two bytes that hold it.
The recorddatetime is written as the distance from the moment; dates that cannot be packed are kept as texts, beside the
moment that ranks them. Ids are packed by their look. Where records stand and what their serials are is the matter of
`patient_value`.
"""

import struct
from collections.abc import Iterable
from typing import NamedTuple

from hub.domain.declarations import rank_of
from hub.domain.errors import HubError, Reason
from hub.domain.references import Status
from hub.storage.id_values import pack_text, read_signed, read_text, read_varint, write_signed, write_varint
from hub.storage.lexical import EPOCH, Form, PackedMoments, packed_moment

_FIXED = struct.Struct("<iII")
_LONG = struct.Struct("<H")
_SET = struct.Struct("<HI")
_DOCUMENT_KEY = 16
_MOST = 0xFFFF
_FLAGS_AT = 4

STATUS = 0b11
"""The bits of the flags that are a status: its place in STATUSES."""
STATUSES = tuple(Status)
COMPLETE = 1 << 2
VALIDATED = 1 << 3
_DOCUMENT = 1 << 4
_IS_SET = 1 << 5
_TEXTS = 1 << 6
_LATER = 1 << 7
UNUSUAL = 0b1111_0000
"""The flags of a record that has more than moments and identifiers."""

_HEX, _FIVE_BYTES = 221, 237
"""The most frequent tags of identifiers: see `id_values`."""


Texts = tuple[str, str, str]

Decoded = tuple[tuple[str, ...], tuple[int, int, int, int], Texts | None, bytes | None, int, int, tuple[int, ...]]
"""What of a record is not in its head: ids, moments, texts, document, members, version, origins, as in `Record`."""


class Record(NamedTuple):
    """A reference with its interned parts as numbers, without its serial.

    `texts` (date, time, recorddatetime) are there when the dates cannot be packed; of `moments` only the first counts
    then, which ranks the record.
    """

    author: int
    profile: int
    iscomplete: bool
    isvalidated: bool
    status: Status
    moments: PackedMoments
    id_values: tuple[str, ...]
    texts: Texts | None = None
    document: bytes | None = None
    members: int = 1
    version: int = 0
    origins: tuple[int, ...] = ()


class Head(NamedTuple):
    """The part of a record that can be read without its interned values: enough to filter and sort.

    `moment` counts seconds since the year 1, as `Declaration.rank`. `data` holds the record at `offset`.
    """

    moment: int
    serial: int
    data: bytes
    offset: int
    author: int
    profile: int
    flags: int

    @property
    def has_texts(self) -> bool:
        """Whether the dates are kept as texts."""
        return bool(self.flags & _TEXTS)

    @property
    def is_later_version(self) -> bool:
        """Whether the reference has origins, which are not in its head."""
        return bool(self.flags & _LATER)

    @property
    def is_current(self) -> bool:
        """Whether the reference is neither superseded nor revoked."""
        return not self.flags & STATUS

    @property
    def status(self) -> Status:
        """What became of the reference."""
        return STATUSES[self.flags & STATUS]

    @property
    def is_complete(self) -> bool:
        """Whether the document is complete."""
        return bool(self.flags & COMPLETE)

    @property
    def is_validated(self) -> bool:
        """Whether the document is validated."""
        return bool(self.flags & VALIDATED)


def heads(data: bytes, start: int, serials: Iterable[int], *, only_current: bool = False) -> list[Head]:
    """The heads of the records that fill the data from an offset, or of those neither superseded nor revoked.

    Raises HubError (index-unavailable) unless there is exactly one record for each serial.
    """
    found: list[Head] = []
    offset, end = start, len(data)
    unpack, make, append = _FIXED.unpack_from, tuple.__new__, found.append
    try:
        for serial in serials:
            moment, author, profile = unpack(data, offset)
            length = profile & 0xFF or _LONG.unpack_from(data, offset + _FIXED.size)[0]
            if not (only_current and author & STATUS):
                append(make(Head, (moment + EPOCH, serial, data, offset, author >> 8, profile >> 8, author & 0xFF)))
            offset += length
            if length < _FIXED.size or offset > end:
                raise damaged()
    except struct.error as error:
        raise damaged() from error
    if offset != end:
        raise damaged()
    return found


def record_of(head: Head) -> bytes:
    """The bytes of the record of a head."""
    length = head.data[head.offset + 8] or _LONG.unpack_from(head.data, head.offset + _FIXED.size)[0]
    return head.data[head.offset : head.offset + length]


def ranked(head: Head) -> bytes:
    """The record of a head whose dates are texts, with the moment that ranks it."""
    record = record_of(head)
    at = 12 if record[8] else 14
    date, at = read_text(record, at)
    time, _ = read_text(record, at)
    return struct.pack("<i", packed_moment(rank_of(date, time))) + record[4:]


def encode(record: Record, form: Form | None) -> bytes:
    """One record. Raises HubError (content) when its identifiers are too long to be kept."""
    flags = record.status | (COMPLETE if record.iscomplete else 0) | (VALIDATED if record.isvalidated else 0)
    rest = bytearray()
    if record.texts:
        flags |= _TEXTS
        rest += b"".join([pack_text(text) for text in record.texts])
    elif form:
        rest += _pack_moments(record.moments, form)
    if record.document is not None:
        flags |= _DOCUMENT
        rest += record.document
    if record.version:
        flags |= _IS_SET
        rest += _SET.pack(record.members, record.version)
    rest += b"".join([pack_text(value) for value in record.id_values])
    if record.origins:
        flags |= _LATER
        rest += b"".join(map(write_varint, (len(record.origins), *record.origins)))
    length = _FIXED.size + len(rest)
    if length > 0xFF:
        length += _LONG.size
        if length > _MOST:
            raise HubError(Reason.CONTENT, where="transaction/id", limit=f"{_MOST} bytes of identifiers")
        rest[:0] = _LONG.pack(length)
    short = length if length <= 0xFF else 0
    return _FIXED.pack(record.moments.moment, record.author << 8 | flags, record.profile << 8 | short) + rest


def decode(head: Head, ids: int, form: Form | None) -> Decoded:
    """The rest of the record of a head; `ids` is how many values its profile leaves open.

    A plain tuple: a page has ninety. Raises HubError (index-unavailable) when the record is damaged.
    """
    moment, _, data, offset, _, _, flags = head
    moment, recorded, time_fraction, recorded_fraction = moment - EPOCH, 0, 0, 0
    texts, document, members, version = None, None, 1, 0
    try:
        at = offset + (12 if data[offset + 8] else 14)
        if flags & _TEXTS:
            texts, at = _read_texts(data, at)
        elif form:
            distance, at = read_signed(data, at)
            recorded = moment + distance
            if form.time_fraction:
                time_fraction, at = read_varint(data, at)
            if form.recorded_fraction:
                recorded_fraction, at = read_varint(data, at)
        if flags & _DOCUMENT:
            document, at = data[at : at + _DOCUMENT_KEY], at + _DOCUMENT_KEY
        if flags & _IS_SET:
            members, version = _SET.unpack_from(data, at)
            at += _SET.size
        id_values, at = _read_ids(data, at, ids)
        origins = _read_origins(data, at) if flags & _LATER else ()
    except (struct.error, IndexError, ValueError) as error:
        raise damaged() from error
    moments = moment, time_fraction, recorded, recorded_fraction
    return id_values, moments, texts, document, members, version, origins


def decode_usual(found: Iterable[Head]) -> list[tuple[int, str]]:
    """The distances to the recorddatetime and the identifiers: as `decode`, without a call for each.

    For records without an UNUSUAL flag, with one identifier and a form without fractions. Raises HubError
    (index-unavailable) when one is damaged.
    """
    rests = []
    try:
        for _, _, data, offset, _, _, _ in found:
            at = offset + (13 if data[offset + 8] else 15)
            distance = data[at - 1]
            if distance >= 0x80:
                distance, at = read_varint(data, at - 1)
            tag = data[at]
            if tag == _HEX:
                value = data[at + 1 : at + 17].hex()
            elif tag == _FIVE_BYTES:
                value = str(int.from_bytes(data[at + 1 : at + 6], "big"))
            else:
                value, _ = read_text(data, at)
            rests.append((~(distance >> 1) if distance & 1 else distance >> 1, value))
    except (IndexError, ValueError) as error:
        raise damaged() from error
    return rests


def with_statuses(data: bytes, statuses: Iterable[tuple[Head, Status]]) -> bytes:
    """The data with the statuses of some of its records set, and nothing else changed."""
    changed = bytearray(data)
    for head, status in statuses:
        flags_at = head.offset + _FLAGS_AT
        changed[flags_at] = changed[flags_at] & ~STATUS | status
    return bytes(changed)


def _pack_moments(moments: PackedMoments, form: Form) -> bytes:
    packed = write_signed(moments.recorded - moments.moment)
    if form.time_fraction:
        packed += write_varint(moments.time_fraction)
    if form.recorded_fraction:
        packed += write_varint(moments.recorded_fraction)
    return packed


def _read_texts(data: bytes, at: int) -> tuple[Texts, int]:
    date, at = read_text(data, at)
    time, at = read_text(data, at)
    recorded, at = read_text(data, at)
    return (date, time, recorded), at


def _read_ids(data: bytes, at: int, count: int) -> tuple[tuple[str, ...], int]:
    values = []
    for _ in range(count):
        value, at = read_text(data, at)
        values.append(value)
    return tuple(values), at


def _read_origins(data: bytes, at: int) -> tuple[int, ...]:
    count, at = read_varint(data, at)
    origins = []
    for _ in range(count):
        origin, at = read_varint(data, at)
        origins.append(origin)
    return tuple(origins)


def damaged() -> HubError:
    """The error for a value that no version of the hub has written."""
    return HubError(Reason.INDEX_UNAVAILABLE, where="packed references")
