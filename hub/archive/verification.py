"""Walking the chain of the archive: any change, gap, reordering or cut tail is found, with its sequence number."""

from collections.abc import AsyncIterator

from hub.archive.audit_archive import AuditArchive
from hub.archive.chain import Chain
from hub.archive.columns import ALTERED
from hub.archive.tables import End, Row


class Verification:
    """Verifies an archive, also while it is filled.

    `noted` is the end that the store knows, `digest` one that was noted elsewhere. `events` and `head` say afterwards
    how much was walked and what to note.
    """

    def __init__(self, archive: AuditArchive, *, chain: Chain, noted: End | None, digest: bytes | None) -> None:
        self._archive, self._chain, self._noted, self._digest = archive, chain, noted, digest
        self.events, self.head = 0, chain.beginning

    async def findings(self) -> AsyncIterator[str]:
        """What is wrong, in the order of the chain; nothing when the archive is whole.

        Raises ArchiveUnavailableError.
        """
        start, self.head, are_sealed = await self._archive.ends()
        if not are_sealed:
            yield f"an end of the chain was changed: it claims {start.sequence} to {self.head.sequence}"
        last, saw_digest, saw_noted = start, start.digest == self._digest, False
        async for row in self._archive.rows(after=start.sequence, until=self.head.sequence):
            for finding in self._of_row(row, last):
                yield finding
            last = End(row.sequence, row.month, 0, row.digest)
            saw_digest |= row.digest == self._digest
            saw_noted |= self._noted is not None and _is(self._noted, last)
            self.events += 1
        if last.sequence < self.head.sequence:
            yield _missing(last.sequence + 1, self.head.sequence)
        elif last.digest != self.head.digest:
            yield f"{last.sequence}: is not the last event that was archived"
        if (added := await self._archive.behind_the_head()) is not None:
            yield f"{added}: was added behind the end of the chain"
        if self._noted is not None and self._noted.sequence > start.sequence and not saw_noted:
            yield self._differs_from(self._noted, last)
        if self._digest is not None and not saw_digest:
            yield "the digest that was noted elsewhere is not in the chain: what led to it was changed or cut off"

    def _of_row(self, row: Row, last: End) -> list[str]:
        sequence, found = row.sequence, []
        if sequence > last.sequence + 1:
            found.append(_missing(last.sequence + 1, sequence - 1))
        digest = self._chain.digest(last.digest, sequence=sequence, month=row.month, columns=row.columns)
        if sequence <= last.sequence:
            found.append(f"{sequence}: is there more than once")
        elif digest != row.digest and not found:
            found.append(f"{sequence}: was changed, or is not where it was")
        if row.columns.outcome == ALTERED and not found:
            found.append(f"{sequence}: had been changed before it was archived")
        return found

    def _differs_from(self, noted: End, last: End) -> str:
        if noted.sequence > last.sequence:
            return f"{_missing(last.sequence + 1, noted.sequence)}, as the store knows"
        return f"{noted.sequence}: is not what the store knows"


def _is(noted: End, end: End) -> bool:
    return noted.sequence == end.sequence and noted.digest == end.digest


def _missing(first: int, last: int) -> str:
    return f"{first}: is missing" if first == last else f"{first} to {last}: are missing"
