"""What the supervisor orders its processes to do: the workers, the archiver."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hub.config import Settings


class Order(Protocol):
    """What a process is to do. It gets frozen settings, the same when it is started again later.

    `member` names it in metrics and logs, `title` for people. `is_required` says whether a hub is one without it.
    """

    @property
    def member(self) -> int | str:  # noqa: D102 - see above
        ...

    @property
    def title(self) -> str:  # noqa: D102 - see above
        ...

    @property
    def is_required(self) -> bool:  # noqa: D102 - see above
        ...

    @property
    def state_socket(self) -> Path:  # noqa: D102 - where it answers how it is
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOrder:
    """What a worker is to do."""

    number: int
    settings: Settings
    redis_url: str = field(repr=False)
    port: int
    state_socket: Path

    @property
    def member(self) -> int:
        """See `Order`."""
        return self.number

    @property
    def title(self) -> str:
        """See `Order`."""
        return f"worker {self.number}"

    @property
    def is_required(self) -> bool:
        """A hub without workers is none."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiverOrder:
    """What the archiver is to do."""

    settings: Settings
    redis_url: str = field(repr=False)
    state_socket: Path

    @property
    def member(self) -> str:
        """See `Order`."""
        return "archiver"

    @property
    def title(self) -> str:
        """See `Order`."""
        return "archiver"

    @property
    def is_required(self) -> bool:
        """Events wait until there is one again."""
        return False
