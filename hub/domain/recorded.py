"""When and by whom something was said about access."""

from dataclasses import dataclass
from datetime import datetime

from hub.domain.parties import Author


@dataclass(frozen=True, slots=True, repr=False)
class Recorded:
    """The moment the hub took it (aware), and who said it: the author chain of the request."""

    at: datetime
    by: Author

    def __repr__(self) -> str:
        return f"Recorded({self.at.isoformat()})"
