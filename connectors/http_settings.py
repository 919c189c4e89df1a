"""What can be configured about talking to a source over HTTP, the same for every kind of source."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from hub.wire.certificates import earliest_end, trust, use_pair


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """Limits and trust for one source. Times are seconds, sizes bytes."""

    connect_timeout: float = field(
        default=3.0, metadata={"doc": "Time for a connection to be made, TLS included", "least": 0.01}
    )
    first_byte_timeout: float = field(
        default=20.0,
        metadata={
            "doc": "Time from the start of a request, connection included, to the first byte of the answer",
            "least": 0.01,
        },
    )
    idle_timeout: float = field(
        default=15.0, metadata={"doc": "Longest silence while an answer is being received", "least": 0.01}
    )
    total_timeout: float = field(
        default=300.0,
        metadata={"doc": "Time for a whole answer; the deadline of the caller's request may be earlier", "least": 0.01},
    )
    size_limit: int = field(
        default=256 * 1024 * 1024, metadata={"doc": "Largest answer that is passed on", "least": 1024}
    )
    connections: int = field(
        default=32, metadata={"doc": "Requests to this source at the same time, per worker", "least": 1}
    )
    connection_wait: float = field(
        default=2.0, metadata={"doc": "Time a request waits for its turn at a busy source", "least": 0.01}
    )
    failures_to_open: int = field(
        default=5, metadata={"doc": "Failures in a row after which the source is not tried for a while", "least": 1}
    )
    pause: float = field(
        default=10.0, metadata={"doc": "How long it is not tried; up to a quarter more by chance", "least": 0.01}
    )
    allow_http: bool = field(default=False, metadata={"doc": "Allow a URL without TLS: sandbox and tests only"})
    ca_file: Path | None = field(
        default=None, metadata={"doc": "PEM file of the authorities to trust; the system's when absent"}
    )
    certificate_file: Path | None = field(
        default=None, metadata={"doc": "PEM file of the hub's client certificate", "secret": True}
    )
    key_file: Path | None = field(
        default=None,
        metadata={
            "doc": "PEM file of its private key, not encrypted; when absent, in the certificate's file",
            "secret": True,
        },
    )

    def require_https(self, url: str) -> None:
        """Raises ValueError for a URL that is not HTTPS, unless HTTP is allowed."""
        parts = urlsplit(url)
        if parts.scheme not in (("https", "http") if self.allow_http else ("https",)) or not parts.hostname:
            raise ValueError(f"{parts.scheme}://{parts.hostname or ''}: the URL of a source must be https")

    @property
    def certificate_files(self) -> Sequence[Path]:
        """All files that are read for TLS."""
        return [file for file in (self.ca_file, self.certificate_file, self.key_file) if file is not None]

    def tls_context(self) -> ssl.SSLContext:
        """Trust and identity for TLS 1.2 and later. Raises OSError or ValueError, which name the file at fault."""
        if self.ca_file is None:
            context = ssl.create_default_context()
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            trust(context, self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate_file is not None:
            use_pair(context, self.certificate_file, self.key_file or self.certificate_file)
        return context

    def expiries(self, name: str) -> Mapping[str, datetime]:
        """When the certificates in the files end; `name` is that of the source. Raises OSError or ValueError."""
        found = {name: self.certificate_file, f"{name} authorities": self.ca_file}
        return {use: earliest_end(file) for use, file in found.items() if file is not None}
