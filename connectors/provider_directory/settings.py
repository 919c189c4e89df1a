"""What can be configured about a directory of care providers."""

from dataclasses import dataclass, field
from pathlib import Path

from connectors.http_settings import HttpSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpProviderDirectorySettings(HttpSettings):
    """Where a directory answers. It is asked for the numbers of care providers, never about patients."""

    url: str = field(metadata={"doc": "URL below which it answers `GET NUMBER`"})
    total_timeout: float = field(default=10.0, metadata={"doc": "Time for a whole answer", "least": 0.01})
    size_limit: int = field(default=64 * 1024, metadata={"doc": "Largest answer that is read", "least": 1024})
    token_file: Path | None = field(
        default=None, metadata={"doc": "File with a bearer token for the directory", "secret": True}
    )
    remembered_seconds: float = field(
        default=3600.0, metadata={"doc": "Seconds that an answer is remembered", "least": 0}
    )

    def __post_init__(self) -> None:
        self.require_https(self.url)
