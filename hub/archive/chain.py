"""The chain of digests: each event's covers its columns and the digest before it (security facts, part 4.11).

The key derives from the secret of the index, which no database has: who can write the database can break the chain, but
cannot make another that holds. What was cut off at its end is seen by whoever has noted a later digest.
"""

import hashlib
import hmac
import struct
from collections.abc import Iterable

from hub.archive.tables import Columns, End, Row
from hub.storage.secrets import derive

_PLACE = struct.Struct(">QIq?")
_END = struct.Struct(">QIq")
_LENGTH = struct.Struct(">I")
_ABSENT = b"\xff\xff\xff\xff"
DIGEST_BYTES = 32


class Chain:
    """Computes digests, and seals of the chain's ends."""

    def __init__(self, secret: bytes) -> None:
        self._key = derive(secret, "audit chain")

    @property
    def beginning(self) -> End:
        """Both ends of an empty chain."""
        return End(sequence=0, month=0, horizon=0, digest=self._digest(b"beginning"))

    def rows(self, events: Iterable[Columns], *, behind: End, month: int) -> list[Row]:
        """Events in their places behind an end."""
        rows, digest = [], behind.digest
        for sequence, columns in enumerate(events, behind.sequence + 1):
            digest = self.digest(digest, sequence=sequence, month=month, columns=columns)
            rows.append(Row(sequence, month, columns, digest))
        return rows

    def digest(self, previous: bytes, *, sequence: int, month: int, columns: Columns) -> bytes:
        """The digest of an event in its place."""
        place = _PLACE.pack(sequence, month, columns.moment, columns.broke_the_glass)
        texts = (columns.organisation, columns.operation, columns.outcome)
        parts = (
            *(None if text is None else text.encode() for text in texts),
            *(columns.patient, columns.actor, columns.actor_inss, columns.document, columns.sealed),
        )
        written = (_ABSENT if part is None else _LENGTH.pack(len(part)) + part for part in parts)
        return self._digest(b"event", previous, place, *written)

    def seal(self, name: str, end: End) -> bytes:
        """What proves that we wrote an end."""
        return self._digest(b"end", name.encode(), b"\0", _END.pack(end.sequence, end.month, end.horizon), end.digest)

    def _digest(self, *parts: bytes) -> bytes:
        return hmac.digest(self._key, b"".join(parts), hashlib.sha256)


def pack_end(end: End) -> bytes:
    """An end as it is noted elsewhere."""
    return _END.pack(end.sequence, end.month, end.horizon) + end.digest


def read_end(value: bytes) -> End:
    """The reverse of `pack_end`. Raises ValueError."""
    if len(value) != _END.size + DIGEST_BYTES:
        raise ValueError("no end of a chain")
    sequence, month, horizon = _END.unpack(value[: _END.size])
    return End(sequence, month, horizon, value[_END.size :])
