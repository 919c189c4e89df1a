"""What can be configured about the way to a national register."""

from dataclasses import dataclass, field
from pathlib import Path

from connectors.http_settings import HttpSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalServiceSettings(HttpSettings):
    """Where the adapter of a register takes questions (docs/national.md). Requests wait for it: its times are short."""

    url: str = field(metadata={"doc": "URL that takes questions by POST; no patient's number ever stands in it"})
    token_file: Path | None = field(
        default=None, metadata={"doc": "File with a bearer token for the adapter", "secret": True}
    )
    connect_timeout: float = field(
        default=1.0, metadata={"doc": "Time for a connection to be made, TLS included", "least": 0.01}
    )
    first_byte_timeout: float = field(
        default=2.0,
        metadata={
            "doc": "Time from the start of a question, connection included, to the first byte of the answer",
            "least": 0.01,
        },
    )
    idle_timeout: float = field(
        default=1.0, metadata={"doc": "Longest silence while an answer is being received", "least": 0.01}
    )
    total_timeout: float = field(
        default=3.0,
        metadata={"doc": "Time for a whole answer; the deadline of the caller's request may be earlier", "least": 0.01},
    )
    size_limit: int = field(default=1024 * 1024, metadata={"doc": "Largest answer that is read", "least": 1024})

    def __post_init__(self) -> None:
        self.require_https(self.url)
