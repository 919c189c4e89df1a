"""The packed references of one patient: one value, 22 to 40 bytes a reference.

    value    = header record*
    header   = version(1) revision(4) count(4)
    record   = moment(4) flags(1) author(3) length(1) profile(3) [length(2)] rest
    rest     = [date, time, recorddatetime as texts | recorded, time fraction?, recorded fraction?]
               [document key(16)] [members(2) version(4)] id value*

Little endian. The serial of a reference is its position: records are added and marked, never removed. Authors and
profiles are numbers of interned values. A length of 0 is followed by two bytes that hold it. The recorddatetime is
written as the distance from the moment; moments that cannot be packed are kept as texts. Ids are packed by their look.
Any change of a patient's references gives the value a new revision.
"""

import struct
from dataclasses import dataclass
from typing import NamedTuple

from hub.domain.errors import HubError, Reason
from hub.domain.references import Status
from hub.storage.id_values import pack_text, read_signed, read_text, read_varint, write_signed, write_varint
from hub.storage.lexical import EPOCH, Form, PackedMoments

FORMAT = 1
HEADER = struct.Struct("<BII")
_FIXED = struct.Struct("<iII")
_LONG = struct.Struct("<H")
_SET = struct.Struct("<HI")
_DOCUMENT_KEY = 16
_MOST = 0xFFFF
_FLAGS_AT = 4

_STATUS = 0b11
_STATUSES = tuple(Status)
_COMPLETE = 1 << 2
_VALIDATED = 1 << 3
_DOCUMENT = 1 << 4
_IS_SET = 1 << 5
_TEXTS = 1 << 6


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the records. A patient without references has revision 0 and no value at all."""

    revision: int = 0
    count: int = 0

    def to_bytes(self) -> bytes:
        """The header as stored."""
        return HEADER.pack(FORMAT, self.revision, self.count)


class Record(NamedTuple):
    """A reference with its interned parts as numbers, without its serial.

    `moments` are the packed dates; `texts` (date, time, recorddatetime) stand in for them when they cannot be packed.
    """

    author: int
    profile: int
    id_values: tuple[str, ...]
    iscomplete: bool
    isvalidated: bool
    status: Status
    moments: PackedMoments | None
    texts: tuple[str, str, str] | None = None
    document: bytes | None = None
    members: int = 1
    version: int = 0


class Head(NamedTuple):
    """The part of a record that can be read without its interned values: enough to filter and sort.

    `moment` counts seconds since the year 1, as `Declaration.moment`; it is meaningless when `has_texts`.
    """

    offset: int
    serial: int
    moment: int
    author: int
    profile: int
    flags: int

    @property
    def has_texts(self) -> bool:
        """Whether the dates are kept as texts."""
        return bool(self.flags & _TEXTS)


def read_header(value: bytes) -> Header:
    """The header of a stored value. Raises HubError (index-unavailable) for a value of another format."""
    if not value:
        return Header()
    if len(value) < HEADER.size or value[0] != FORMAT:
        raise _damaged()
    _, revision, count = HEADER.unpack_from(value)
    return Header(revision, count)


def heads(value: bytes, *, only_current: bool = False) -> list[Head]:
    """The heads of all records, or of those neither superseded nor revoked, in the order they were registered.

    Raises HubError (index-unavailable) for a damaged value.
    """
    found: list[Head] = []
    offset, end = HEADER.size, len(value)
    unpack, new, append = _FIXED.unpack_from, Head._make, found.append
    try:
        for serial in range(1, read_header(value).count + 1):
            moment, author, profile = unpack(value, offset)
            length = profile & 0xFF or _LONG.unpack_from(value, offset + _FIXED.size)[0]
            if not (only_current and author & _STATUS):
                append(new((offset, serial, moment + EPOCH, author >> 8, profile >> 8, author & 0xFF)))
            offset += length
            if length < _FIXED.size or offset > end:
                raise _damaged()
    except struct.error as error:
        raise _damaged() from error
    if value and offset != end:
        raise _damaged()
    return found


def encode(record: Record, form: Form | None) -> bytes:
    """One record. Raises HubError (content) when its identifiers are too long to be kept."""
    flags = record.status | (_COMPLETE if record.iscomplete else 0) | (_VALIDATED if record.isvalidated else 0)
    rest = bytearray()
    if record.moments and form:
        rest += _pack_moments(record.moments, form)
    elif record.texts:
        flags |= _TEXTS
        rest += b"".join(pack_text(text) for text in record.texts)
    if record.document is not None:
        flags |= _DOCUMENT
        rest += record.document
    if record.version:
        flags |= _IS_SET
        rest += _SET.pack(record.members, record.version)
    rest += b"".join(pack_text(value) for value in record.id_values)
    length = _FIXED.size + len(rest)
    if length > 0xFF:
        length += _LONG.size
        if length > _MOST:
            raise HubError(Reason.CONTENT, where="transaction/id", limit=f"{_MOST} bytes of identifiers")
        rest[:0] = _LONG.pack(length)
    moment = record.moments.moment if record.moments else 0
    short = length if length <= 0xFF else 0
    return _FIXED.pack(moment, record.author << 8 | flags, record.profile << 8 | short) + rest


def decode(value: bytes, head: Head, ids: int, form: Form | None) -> Record:
    """The record of a head; `ids` is how many values its profile leaves open. Raises HubError when it is damaged."""
    try:
        return _decode(value, head, ids, form)
    except (struct.error, IndexError, ValueError) as error:
        raise _damaged() from error


def _decode(value: bytes, head: Head, ids: int, form: Form | None) -> Record:
    flags = head.flags
    at = head.offset + _FIXED.size
    if not value[head.offset + 8]:
        at += _LONG.size
    moments: PackedMoments | None = None
    texts: tuple[str, str, str] | None = None
    if flags & _TEXTS:
        date, at = read_text(value, at)
        time, at = read_text(value, at)
        recorded, at = read_text(value, at)
        texts = (date, time, recorded)
    elif form:
        moments, at = _read_moments(value, at, head.moment - EPOCH, form)
    document: bytes | None = None
    if flags & _DOCUMENT:
        document, at = value[at : at + _DOCUMENT_KEY], at + _DOCUMENT_KEY
    members, version = 1, 0
    if flags & _IS_SET:
        members, version = _SET.unpack_from(value, at)
        at += _SET.size
    id_values = []
    for _ in range(ids):
        text, at = read_text(value, at)
        id_values.append(text)
    return Record(
        author=head.author,
        profile=head.profile,
        id_values=tuple(id_values),
        iscomplete=bool(flags & _COMPLETE),
        isvalidated=bool(flags & _VALIDATED),
        status=_STATUSES[flags & _STATUS],
        moments=moments,
        texts=texts,
        document=document,
        members=members,
        version=version,
    )


def with_status(value: bytearray, head: Head, status: Status) -> None:
    """Set the status of a record, in place."""
    flags_at = head.offset + _FLAGS_AT
    value[flags_at] = value[flags_at] & ~_STATUS | status


def _pack_moments(moments: PackedMoments, form: Form) -> bytes:
    packed = write_signed(moments.recorded - moments.moment)
    if form.time_fraction:
        packed += write_varint(moments.time_fraction)
    if form.recorded_fraction:
        packed += write_varint(moments.recorded_fraction)
    return packed


def _read_moments(value: bytes, at: int, moment: int, form: Form) -> tuple[PackedMoments, int]:
    distance, at = read_signed(value, at)
    time_fraction = recorded_fraction = 0
    if form.time_fraction:
        time_fraction, at = read_varint(value, at)
    if form.recorded_fraction:
        recorded_fraction, at = read_varint(value, at)
    return PackedMoments(moment, time_fraction, moment + distance, recorded_fraction), at


def _damaged() -> HubError:
    return HubError(Reason.INDEX_UNAVAILABLE, where="packed references")
