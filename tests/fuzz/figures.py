"""What a run has seen: how many inputs, what became of them, the slowest, and one input for every kind of outcome."""

import json
import resource
import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tests.fuzz.target import ACCEPTED, Outcome


@dataclass
class Figures:
    """Of one fuzzer, in one process."""

    fuzzer: str
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    smallest: dict[tuple[str, str], bytes] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)

    def add(self, data: bytes, outcome: Outcome) -> None:
        """Count an input."""
        self.outcomes[outcome.label] += 1
        self.slowest = max(self.slowest, outcome.seconds)
        known = self.smallest.get(outcome.kind)
        if known is None or len(data) < len(known):
            self.smallest[outcome.kind] = data

    @property
    def inputs(self) -> int:
        """How many there were."""
        return self.outcomes.total()

    def keep(self, folder: Path) -> None:
        """Write one input for every kind of outcome, the smallest."""
        folder.mkdir(parents=True, exist_ok=True)
        for data in self.smallest.values():
            (folder / sha256(data).hexdigest()[:16]).write_bytes(data)

    def written(self, **more: str) -> str:
        """As JSON, for people and programs."""
        refused = {label: many for label, many in self.outcomes.most_common() if label != ACCEPTED}
        figures = {
            "fuzzer": self.fuzzer,
            "inputs": self.inputs,
            "accepted": self.outcomes[ACCEPTED],
            "kinds_of_outcome": len(self.smallest),
            "slowest_ms": round(self.slowest * 1000, 1),
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "seconds": round(time.monotonic() - self.begun),
            **more,
            "refused": refused,
        }
        return json.dumps(figures, indent=2)
