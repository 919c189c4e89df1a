"""What is known of a request besides what it asks."""

from dataclasses import dataclass

from hub.domain.parties import Requester


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Origin:
    """Where a request came from.

    `operation` is a name of the hub services or of the REST API. `request_id` is the caller's own (letters, digits,
    `.`, `-` and `_`) or one the hub made; `message_id` is the id inside the message. `address` is the network address
    of the caller, `software` the number of the package that he states.
    """

    operation: str
    request_id: str
    message_id: str = ""
    address: str = ""
    software: str = ""

    def __repr__(self) -> str:
        return f"Origin({self.operation}, {self.request_id})"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """Who asks, from where, until when.

    `deadline` is on the event loop's clock, in seconds: what is not done by then is not done. `break_the_glass` is the
    reason that the caller gives for it, None without one.
    """

    requester: Requester
    origin: Origin
    deadline: float
    break_the_glass: str | None = None

    @property
    def request_id(self) -> str:
        """The id to quote."""
        return self.origin.request_id
