"""Certificates and keys in files that may be replaced while the hub runs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol


class CertificateFiles(Protocol):
    """What serves one purpose and is read together: a certificate and its key, the authorities that are trusted."""

    @property
    def name(self) -> str:
        """What it is for, from a closed set or the configuration: `listener`, `source north`. Nothing of a subject."""
        ...

    @property
    def files(self) -> Sequence[Path]:
        """All files that are read."""
        ...

    @property
    def expiries(self) -> Mapping[str, datetime]:
        """When that which is in use ends, with its zone, by the name under which it is reported."""
        ...

    async def reload(self) -> None:
        """Use what the files hold now. Raises OSError or ValueError, and changes nothing, when they will not do."""
        ...
