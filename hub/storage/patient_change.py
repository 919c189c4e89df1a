"""Changes of a patient's stored references: records marked, records added, leaves that part.

Everything here computes bytes; nothing is stored before the whole change is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from hub.domain.references import Status
from hub.storage import codec
from hub.storage.lexical import EPOCH
from hub.storage.patient_value import Block, Entry, Header, PatientValue, write_directory, write_leaf, write_short

MOST_SHORT = 512
"""The most records that are kept as one value."""

MOST_IN_LEAF = 256
_FILLED = 192
"""How many records a leaf keeps when it parts; the rest, mostly the newest, go to the next."""

_RANK = attrgetter("moment", "serial")


class Stored(NamedTuple):
    """What is to be stored: a short record, or the directory of a long one and the leaves that differ."""

    first: bytes
    leaves: Mapping[int, bytes] = MappingProxyType({})


def build(records: Sequence[bytes]) -> Stored:
    """The references of a patient who had none; the records in order of their serials, which begin with 1."""
    return changed(PatientValue(), {}, records)


def leaves_to_read(value: PatientValue, added: Iterable[bytes]) -> set[int]:
    """The leaves that records would be added to and that were not read yet."""
    if not value.is_long:
        return set()
    return {_target(value.entries, head) for head in _numbered(value, added)} - value.blocks.keys()


def changed(value: PatientValue, marked: Mapping[int, Status], added: Sequence[bytes]) -> Stored:
    """The value with statuses set and records added, one revision later.

    The leaves with the marked records and those of `leaves_to_read` must have been read.
    """
    touched = {number: _marked(block, marked) for number, block in value.blocks.items() if _holds(block, marked)}
    blocks = value.blocks | touched
    new = _numbered(value, added)
    revision, total = value.header.revision + 1, value.header.total + len(new)
    if not value.is_long and total <= MOST_SHORT:
        heads = [*_heads(blocks.values()), *new]
        header = Header(revision, total, sum(head.is_current for head in heads))
        return Stored(write_short(header, map(codec.record_of, heads)))
    leaves = {number: blocks[number].heads() for number in (touched if value.is_long else blocks)}
    for head in new:
        number = _target(value.entries, head)
        if number not in leaves:
            leaves[number] = blocks[number].heads() if number in blocks else []
        leaves[number].append(head)
    return _divided(value, leaves, new, Header(revision, total))


def _divided(
    value: PatientValue, leaves: Mapping[int, list[codec.Head]], new: Sequence[codec.Head], header: Header
) -> Stored:
    """The directory and the leaves, each leaf that has become too large parted into several."""
    entries = {entry.leaf: entry for entry in value.entries}
    written: dict[int, bytes] = {}
    following = max((*entries, *leaves), default=0) + 1
    for number, heads in leaves.items():
        for position, part in enumerate(_parts(heads)):
            name, following = (following, following + 1) if position else (number, following)
            written[name] = write_leaf([head.serial for head in part], map(codec.record_of, part))
            entries[name] = _entry(name, part)
    ordered = sorted(entries.values(), key=_RANK)
    latest = value.latest if value.is_long else _latest(_heads(value.blocks.values()))
    header = header._replace(current=sum(entry.current for entry in ordered))
    return Stored(write_directory(header, ordered, latest | _latest(new)), written)


def _parts(heads: list[codec.Head]) -> Iterator[list[codec.Head]]:
    if len(heads) <= MOST_IN_LEAF:
        yield heads
        return
    heads = sorted(heads, key=_RANK)
    for start in range(0, len(heads), _FILLED):
        yield heads[start : start + _FILLED]


def _entry(number: int, heads: Sequence[codec.Head]) -> Entry:
    least = min(heads, key=_RANK)
    current = sum(head.is_current for head in heads)
    return Entry(number, least.moment - EPOCH, least.serial, len(heads), current)


def _target(entries: Sequence[Entry], head: codec.Head) -> int:
    """The leaf that a new record belongs to: its serial is greater than all there are."""
    fitting = (entry.leaf for entry in reversed(entries) if entry.moment <= head.moment - EPOCH)
    return next(fitting, entries[0].leaf if entries else 0)


def _latest(heads: Iterable[codec.Head]) -> dict[int, int]:
    return {head.profile: head.serial for head in heads}


def _heads(blocks: Iterable[Block]) -> list[codec.Head]:
    return [head for block in blocks for head in block.heads()]


def _numbered(value: PatientValue, added: Iterable[bytes]) -> list[codec.Head]:
    """New records with the serials they get."""
    serials = enumerate(added, start=value.header.total + 1)
    return [codec.heads(record, 0, (serial,))[0] for serial, record in serials]


def _holds(block: Block, marked: Mapping[int, Status]) -> bool:
    return any(serial in marked for serial in block.serials) if marked else False


def _marked(block: Block, marked: Mapping[int, Status]) -> Block:
    statuses = [(head, marked[head.serial]) for head in block.heads() if head.serial in marked]
    return block._replace(data=codec.with_statuses(block.data, statuses))
