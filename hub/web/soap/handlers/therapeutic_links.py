"""PutTherapeuticLink, GetTherapeuticLink, RevokeTherapeuticLink."""

from hub.services.therapeutic_links import TherapeuticLinks
from hub.web.soap.calls import Answer, Call
from hub.web.soap.pages import rows_wanted
from hub.wire.hubservices.therapeutic_links import read_link, read_link_select, write_links


class TherapeuticLinkHandlers:
    """The operations on therapeutic links."""

    def __init__(self, *, links: TherapeuticLinks) -> None:
        self._links = links

    async def put_therapeutic_link(self, call: Call) -> Answer:
        """Make a link, or renew it."""
        await self._links.put(call.context, *read_link(call.message))
        return Answer()

    async def get_therapeutic_link(self, call: Call) -> Answer:
        """The links that fit, as far as they are the caller's to know."""
        found = await self._links.links(call.context, read_link_select(call.message, rows_wanted(call.request)))
        return Answer(write_links(found.patient, found.links))

    async def revoke_therapeutic_link(self, call: Call) -> Answer:
        """End the link of a kind at once; to end one that is not there is no failure."""
        patient, _, link = read_link(call.message)
        await self._links.revoke(call.context, patient, link.party, link.kind)
        return Answer()
