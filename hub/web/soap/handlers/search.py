"""GetTransactionList and GetLatestUpdate."""

from dataclasses import replace

from hub.domain.errors import HubError
from hub.services.search import Search
from hub.web.soap.calls import Answer, Call
from hub.web.soap.pages import Pages
from hub.wire.hubservices.requests import read_latest_update_select, read_list_select
from hub.wire.hubservices.responses import HubIdentity, LatestUpdate, write_latest_updates, write_list
from hub.wire.hubservices.summaries import SummaryWriter


class SearchHandlers:
    """The operations that tell what exists."""

    def __init__(self, *, search: Search, summaries: SummaryWriter, hub: HubIdentity, pages: Pages) -> None:
        self._search, self._summaries, self._hub, self._pages = search, summaries, hub, pages

    async def get_transaction_list(self, call: Call) -> Answer:
        """The references of a patient, newest first; without any there is no kmehrheader."""
        patient, criteria, scope = read_list_select(call.message)
        # Every document here is of this hub, which no declaration says of itself.
        criteria = replace(criteria, author=tuple(p for p in criteria.author if p.number != self._hub.number))
        page = self._pages.page(call.request)
        found = await self._search.find(call.context, patient, criteria, scope, page)
        summaries = self._summaries.write([(reference.declaration, local_id) for reference, local_id in found.rows])
        return Answer(
            write_list(found.patient, summaries) if summaries else b"",
            page=(page.size, found.total),
            gaps=tuple(HubError(gap, where="select/searchtype") for gap in found.gaps),
        )

    async def get_latest_update(self, call: Call) -> Answer:
        """The last change per patient and transaction type."""
        updates = []
        for patient, types in read_latest_update_select(call.message):
            for reference in await self._search.latest(call.context, patient, types):
                declaration = reference.declaration
                updates.append(
                    LatestUpdate(patient, declaration.transaction_type, reference.version, declaration.recorddatetime)
                )
        return Answer(write_latest_updates(updates))
