"""The packed references of one patient: one value, 28 to 45 bytes a reference.

    value    = header record*
    header   = version(1) revision(4) next serial(4) count(4)
    record   = length(2) serial(4) moment(4) recorded(4) author and flags(4) profile(4) rest
    rest     = id value* [time fraction] [recorded fraction] [date, time, recorddatetime as texts]
               [document key(16)] [members(2) version(4)]

Little endian. Authors and profiles are numbers of interned values (24 bits of author, 8 of flags). Ids are packed by
their look: decimal numbers, hexadecimal digests and UUIDs take half their length or less. What does not fit the packed
dates is kept as texts. Any change of a patient's references gives the value a new revision.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from hub.domain.errors import HubError, Reason
from hub.domain.references import Status
from hub.storage.id_values import pack_text, read_text, read_varint, write_varint
from hub.storage.lexical import EPOCH, Form, PackedMoments

FORMAT = 1
HEADER = struct.Struct("<BIII")
_FIXED = struct.Struct("<HIiiII")
_SET = struct.Struct("<HI")
_DOCUMENT_KEY = 16
_MOST = 0xFFFF

_STATUS = 0b11
_COMPLETE = 1 << 2
_VALIDATED = 1 << 3
_DOCUMENT = 1 << 4
_IS_SET = 1 << 5
_TEXTS = 1 << 6


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the records. A patient without references has revision 0 and no value at all."""

    revision: int = 0
    next_serial: int = 1
    count: int = 0

    def to_bytes(self) -> bytes:
        """The header as stored."""
        return HEADER.pack(FORMAT, self.revision, self.next_serial, self.count)


@dataclass(frozen=True, slots=True)
class Record:
    """A reference with its interned parts as numbers.

    `moments` are the packed dates; `texts` (date, time, recorddatetime) stand in for them when they cannot be packed.
    """

    serial: int
    author: int
    profile: int
    id_values: tuple[str, ...]
    iscomplete: bool
    isvalidated: bool
    status: Status
    moments: PackedMoments
    texts: tuple[str, str, str] | None = None
    document: bytes | None = None
    members: int = 1
    version: int = 0


@dataclass(frozen=True, slots=True)
class Head:
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
    def status(self) -> Status:
        """What became of the reference."""
        return Status(self.flags & _STATUS)

    @property
    def has_texts(self) -> bool:
        """Whether the dates are kept as texts."""
        return bool(self.flags & _TEXTS)


def read_header(value: bytes) -> Header:
    """The header of a stored value. Raises HubError (index-unavailable) for a value of another format."""
    if not value:
        return Header()
    if len(value) < HEADER.size or value[0] != FORMAT:
        raise HubError(Reason.INDEX_UNAVAILABLE, where="packed references")
    _, revision, next_serial, count = HEADER.unpack_from(value)
    return Header(revision, next_serial, count)


def heads(value: bytes) -> Iterator[Head]:
    """The heads of all records in the order they were registered. Raises HubError for a damaged value."""
    if not value:
        return
    offset, end = HEADER.size, len(value)
    unpack = _FIXED.unpack_from
    try:
        while offset < end:
            length, serial, moment, _, author, profile = unpack(value, offset)
            if length < _FIXED.size or offset + length > end:
                raise HubError(Reason.INDEX_UNAVAILABLE, where="packed references")
            yield Head(offset, serial, moment + EPOCH, author & 0xFFFFFF, profile, author >> 24)
            offset += length
    except struct.error as error:
        raise HubError(Reason.INDEX_UNAVAILABLE, where="packed references") from error


def encode(record: Record, form: Form | None) -> bytes:
    """One record. Raises HubError (content) when its identifiers are too long to be kept."""
    flags = record.status | (_COMPLETE if record.iscomplete else 0) | (_VALIDATED if record.isvalidated else 0)
    rest = bytearray()
    for value in record.id_values:
        rest += pack_text(value)
    if form and form.time_fraction:
        rest += write_varint(record.moments.time_fraction)
    if form and form.recorded_fraction:
        rest += write_varint(record.moments.recorded_fraction)
    if record.texts:
        flags |= _TEXTS
        for text in record.texts:
            rest += pack_text(text)
    if record.document is not None:
        flags |= _DOCUMENT
        rest += record.document
    if record.version:
        flags |= _IS_SET
        rest += _SET.pack(record.members, record.version)
    length = _FIXED.size + len(rest)
    if length > _MOST:
        raise HubError(Reason.CONTENT, where="transaction/id", limit=f"{_MOST} bytes of identifiers")
    moments = record.moments
    author = record.author | flags << 24
    return _FIXED.pack(length, record.serial, moments.moment, moments.recorded, author, record.profile) + rest


def decode(value: bytes, offset: int, ids: int, form: Form | None) -> Record:
    """The record at an offset; `ids` is how many identifiers its profile has. Raises HubError when it is damaged."""
    try:
        return _decode(value, offset, ids, form)
    except (struct.error, IndexError, ValueError) as error:
        raise HubError(Reason.INDEX_UNAVAILABLE, where="packed references") from error


def _decode(value: bytes, offset: int, ids: int, form: Form | None) -> Record:
    _, serial, moment, recorded, author, profile = _FIXED.unpack_from(value, offset)
    flags = author >> 24
    at = offset + _FIXED.size
    id_values = []
    for _ in range(ids):
        text, at = read_text(value, at)
        id_values.append(text)
    time_fraction = recorded_fraction = 0
    if form and form.time_fraction:
        time_fraction, at = read_varint(value, at)
    if form and form.recorded_fraction:
        recorded_fraction, at = read_varint(value, at)
    texts = None
    if flags & _TEXTS:
        date, at = read_text(value, at)
        time, at = read_text(value, at)
        recorded_text, at = read_text(value, at)
        texts = (date, time, recorded_text)
    document = None
    if flags & _DOCUMENT:
        document, at = value[at : at + _DOCUMENT_KEY], at + _DOCUMENT_KEY
    members, version = _SET.unpack_from(value, at) if flags & _IS_SET else (1, 0)
    return Record(
        serial=serial,
        author=author & 0xFFFFFF,
        profile=profile,
        id_values=tuple(id_values),
        iscomplete=bool(flags & _COMPLETE),
        isvalidated=bool(flags & _VALIDATED),
        status=Status(flags & _STATUS),
        moments=PackedMoments(moment, time_fraction, recorded, recorded_fraction),
        texts=texts,
        document=document,
        members=members,
        version=version,
    )


def with_status(value: bytearray, offset: int, status: Status) -> None:
    """Set the status of the record at an offset, in place."""
    flags_at = offset + 17
    value[flags_at] = value[flags_at] & ~_STATUS | status
