"""What can be configured about a directory of care providers."""

from dataclasses import dataclass, field
from pathlib import Path

from connectors.http_settings import HttpSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpProviderDirectorySettings(HttpSettings):
    """Where a directory answers. It is asked for the numbers of care providers, never about patients."""

    url: str = field(metadata={"doc": "URL below which it answers `GET NUMBER`"})
    token_file: Path | None = field(
        default=None, metadata={"doc": "File with a bearer token for the directory", "secret": True}
    )
    remembered_seconds: float = field(
        default=3600.0, metadata={"doc": "Seconds that an answer is remembered", "least": 0}
    )

    def __post_init__(self) -> None:
        self.require_https(self.url)
