"""What is known of a request besides what it asks."""

from dataclasses import dataclass

from hub.domain.parties import Requester


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Who asks, under which request id, until when.

    `request_id` is the caller's own (letters, digits, `.`, `-` and `_`) or one the hub made. `deadline` is on the
    event loop's clock, in seconds: what is not done by then is not done.
    """

    requester: Requester
    request_id: str
    deadline: float
    break_the_glass: str | None = None
