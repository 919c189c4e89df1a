"""`[audit]`: the archive of audit events."""

from dataclasses import dataclass, field

from hub.archive.address import address
from hub.config.about import about
from hub.config.secrets import Password


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSettings:
    """The archive of audit events."""

    url: str = field(
        default="",
        metadata=about(
            "`postgresql://USER@HOST/DATABASE` (with `?ssl=verify-full` for TLS), without a password, or "
            "`sqlite:////PATH`. Empty: the file `audit.sqlite` in the data folder. Hubs on several machines share one "
            "PostgreSQL"
        ),
    )
    password: Password | None = field(default=None, metadata=about("Password of that database"))
    timeout: float = field(default=10.0, metadata=about("Seconds the database may take to answer", least=0.1))
    retention_months: int = field(
        default=120,
        metadata=about("Whole months that events are kept for after the month in which they were archived", least=1),
    )

    def __post_init__(self) -> None:
        if self.url:
            try:
                address(self.url, password=None)
            except ValueError as error:
                raise ValueError(f"url: {error}") from error
