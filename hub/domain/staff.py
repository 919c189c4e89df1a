"""The staff of the hub, as who acts on the command line or through the operators' endpoints."""

from dataclasses import dataclass
from math import inf

from hub.domain.context import Origin, RequestContext
from hub.domain.parties import HcParty, Requester


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A member of the staff of a hub, by the name he gives, with one thing to do; see `RequestContext`."""

    hub: HcParty
    name: str
    request_id: str
    deadline: float = inf

    def doing(self, operation: str) -> RequestContext:
        """The context of what he does."""
        return RequestContext(
            requester=Requester((self.hub, HcParty(ids=(), cds=(), name=self.name))),
            origin=Origin(operation=operation, request_id=self.request_id),
            deadline=self.deadline,
        )
