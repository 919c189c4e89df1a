"""What became of the lines of a file: counts that add up, over workers as over the parts of an import."""

from dataclasses import asdict, dataclass, fields
from typing import NamedTuple, Self


class Rejected(NamedTuple):
    """A line that will not do, and why."""

    number: int
    reason: str
    line: bytes


@dataclass(slots=True)
class Counts:
    """Lines of a file, between its first and its last; `patients` are those of patients, `references` what they hold.

    `written` references came in with their patient, `added` ones to a patient who was known, `known` ones were there
    already, `refused` ones are older than what the index has, were withdrawn, or are documents of another hub's vault;
    those in rejected lines are not counted. `digest` is the sum over all lines; `verified` is the same without rejected
    lines, each added when the index was seen to have what the line says.
    """

    lines: int = 0
    patients: int = 0
    references: int = 0
    written: int = 0
    added: int = 0
    known: int = 0
    refused: int = 0
    rejected_lines: int = 0
    digest: int = 0
    verified: int = 0
    rejected_digest: int = 0

    def add(self, other: Self) -> None:
        """Add what another part has counted."""
        for counter in fields(self):
            setattr(self, counter.name, getattr(self, counter.name) + getattr(other, counter.name))

    def to_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)

    @property
    def is_verified(self) -> bool:
        """Whether all lines but the rejected ones are known to be in the index."""
        return self.digest == self.verified + self.rejected_digest
