"""The staff of the hub, as who acts on the command line or through the operators' endpoints."""

from hub.domain.context import Origin, RequestContext
from hub.domain.parties import HcParty, Requester


def staff_context(
    hub: HcParty, by: str, *, operation: str, request_id: str, deadline: float = float("inf")
) -> RequestContext:
    """The context of what a member of the staff does, under the name he gives."""
    return RequestContext(
        requester=Requester((hub, HcParty(ids=(), cds=(), name=by))),
        origin=Origin(operation=operation, request_id=request_id),
        deadline=deadline,
    )
