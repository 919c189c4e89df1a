"""PutAccessRight, GetAccessRight, RevokeAccessRight."""

from hub.services.access_rights import AccessRights
from hub.web.soap.calls import Answer, Call
from hub.web.soap.pages import rows_wanted
from hub.wire.hubservices.access_rights import read_right, read_right_revocation, read_right_select, write_rights
from hub.wire.hubservices.responses import HubIdentity


class AccessRightHandlers:
    """The operations on the rights on single documents."""

    def __init__(self, *, rights: AccessRights, hub: HubIdentity) -> None:
        self._rights, self._hub = rights, hub

    async def put_access_right(self, call: Call) -> Answer:
        """Hide or open a document."""
        await self._rights.put(call.context, *read_right(call.message))
        return Answer()

    async def get_access_right(self, call: Call) -> Answer:
        """What was said of a document, as far as it is the caller's to know."""
        most = rows_wanted(call.request)
        found = await self._rights.rights(call.context, read_right_select(call.message))
        return Answer(write_rights(self._hub.id_of(found.document), found.rights[:most]))

    async def revoke_access_right(self, call: Call) -> Answer:
        """Take back what was said; to take back what was not said is no failure."""
        await self._rights.take_back(call.context, *read_right_revocation(call.message))
        return Answer()
