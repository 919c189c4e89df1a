"""All references of one patient as they are stored: one value or, for a long record, a directory and its leaves.

    short     = header record*                                          a string; the serial of a record is its position
    long      = {"d": directory, leaf number: leaf ...}                 a hash
    header    = version(1) revision(4) total(4) current(4)
    directory = header leaves(2) profiles(2) entry* latest*
    entry     = leaf(2) least moment(4) least serial(4) records(2) current(2)
    latest    = profile(4) serial(4)
    leaf      = records(2) serial(4)* record*

Little endian. Leaves part the records by moment and serial, the entries stand in that order; so a page of a list is
one or two leaves however long the record is, and a change rewrites one leaf and the directory. `latest` is the last
reference that was registered with a profile, whatever became of it. Records are added and marked, never removed. Any
change gives the patient's references a new revision.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

from hub.storage import codec

SHORT, LONG = 2, 0x82
"""The versions that short records and directories begin with."""

_HEADER = struct.Struct("<BIII")
_COUNTS = struct.Struct("<HH")
_ENTRY = struct.Struct("<HiIHH")
_LATEST = struct.Struct("<II")
_LEAF = struct.Struct("<H")

FORMAT_1 = 1
_HEADER_1 = struct.Struct("<BII")


class Header(NamedTuple):
    """What stands first. A patient without references has revision 0 and nothing stored."""

    revision: int = 0
    total: int = 0
    current: int = 0

    def to_bytes(self, version: int) -> bytes:
        """The header as stored, of SHORT or LONG."""
        return _HEADER.pack(version, *self)


_NOTHING = Header()


class Block(NamedTuple):
    """Records that are stored together, and their serials."""

    data: bytes
    start: int
    serials: Sequence[int]

    def heads(self, *, only_current: bool = False) -> list[codec.Head]:
        """The heads of its records. Raises HubError (index-unavailable) for damaged data."""
        return codec.heads(self.data, self.start, self.serials, only_current=only_current)


class Entry(NamedTuple):
    """A leaf as the directory knows it: its least moment and serial, its records, and how many are current."""

    leaf: int
    moment: int
    serial: int
    records: int
    current: int


@dataclass(frozen=True, slots=True)
class PatientValue:
    """A patient's references as far as they were read.

    A short record is one block, 0, and has no entries; of a long one `blocks` holds some of the leaves. `based_on` is
    the header as it is stored: what a change starts from. `latest` names by profile the serial registered last.
    """

    header: Header = _NOTHING
    based_on: bytes = b""
    blocks: dict[int, Block] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    latest: dict[int, int] = field(default_factory=dict)

    @property
    def is_long(self) -> bool:
        """Whether it has a directory and leaves."""
        return bool(self.entries)

    def heads(self, *, only_current: bool = False) -> list[codec.Head]:
        """The heads of all records that were read."""
        return [head for block in self.blocks.values() for head in block.heads(only_current=only_current)]

    def with_leaves(self, leaves: Mapping[int, bytes]) -> Self:
        """The same with more leaves read."""
        return replace(self, blocks=self.blocks | {number: read_leaf(leaf) for number, leaf in leaves.items()})


def read(first: bytes, leaves: Mapping[int, bytes]) -> PatientValue:
    """A patient's references from what is stored: a short record, or the directory of a long one and some leaves.

    Raises HubError (index-unavailable) for what no version of the hub has written.
    """
    try:
        if not first:
            return PatientValue()
        if first[0] == LONG:
            return _read_directory(first).with_leaves(leaves)
        return _read_short(first)
    except struct.error as error:
        raise codec.damaged() from error


def read_list(first: bytes, leaves: Mapping[int, bytes]) -> tuple[Header, list[Block]]:
    """What a list needs: the header, and the records of a short record or of the given leaves of a long one.

    Of a long record `first` need be no more than the header. Raises as `read`.
    """
    try:
        if first[:1] == bytes((LONG,)):
            return _read_header(first), [read_leaf(leaf) for leaf in leaves.values()]
    except struct.error as error:
        raise codec.damaged() from error
    value = read(first, leaves)
    return value.header, list(value.blocks.values())


def read_profiles(latest: bytes) -> frozenset[int]:
    """The profiles in the last part of a directory. Raises as `read`."""
    try:
        return frozenset(profile for profile, _ in _LATEST.iter_unpack(latest))
    except struct.error as error:
        raise codec.damaged() from error


def write_short(header: Header, records: Iterable[bytes]) -> bytes:
    """A short record."""
    return header.to_bytes(SHORT) + b"".join(records)


def write_directory(header: Header, entries: Sequence[Entry], latest: Mapping[int, int]) -> bytes:
    """The directory of a long record; entries in their order."""
    return b"".join(
        (
            header.to_bytes(LONG),
            _COUNTS.pack(len(entries), len(latest)),
            *(_ENTRY.pack(*entry) for entry in entries),
            *(_LATEST.pack(profile, serial) for profile, serial in latest.items()),
        )
    )


def write_leaf(serials: Sequence[int], records: Iterable[bytes]) -> bytes:
    """A leaf."""
    return b"".join((_LEAF.pack(len(serials)), struct.pack(f"<{len(serials)}I", *serials), *records))


def read_leaf(leaf: bytes) -> Block:
    """The records of a leaf."""
    try:
        (count,) = _LEAF.unpack_from(leaf)
        serials = struct.unpack_from(f"<{count}I", leaf, _LEAF.size)
    except struct.error as error:
        raise codec.damaged() from error
    return Block(leaf, _LEAF.size + 4 * count, serials)


def _read_short(value: bytes) -> PatientValue:
    based_on = value[: _HEADER.size]
    if value[0] == FORMAT_1:
        value, based_on = _from_format_1(value), value[: _HEADER_1.size]
    elif value[0] != SHORT:
        raise codec.damaged()
    header = _read_header(value)
    return PatientValue(header, based_on, {0: Block(value, _HEADER.size, range(1, header.total + 1))})


def _read_directory(directory: bytes) -> PatientValue:
    leaves, profiles = _COUNTS.unpack_from(directory, _HEADER.size)
    entries_at = _HEADER.size + _COUNTS.size
    latest_at = entries_at + leaves * _ENTRY.size
    if not leaves or len(directory) != latest_at + profiles * _LATEST.size:
        raise codec.damaged()
    return PatientValue(
        _read_header(directory),
        based_on=directory[: _HEADER.size],
        entries=tuple(map(Entry._make, _ENTRY.iter_unpack(directory[entries_at:latest_at]))),
        latest=dict(_LATEST.iter_unpack(directory[latest_at:])),
    )


def _read_header(value: bytes) -> Header:
    return Header(*_HEADER.unpack_from(value)[1:])


def _from_format_1(value: bytes) -> bytes:
    """A value of format 1 as one of format 2: it had no count of current records, and no moment beside texts."""
    _, revision, total = _HEADER_1.unpack_from(value)
    found = codec.heads(value, _HEADER_1.size, range(1, total + 1))
    header = Header(revision, total, sum(head.is_current for head in found))
    return write_short(header, (codec.ranked(head) if head.has_texts else codec.record_of(head) for head in found))
