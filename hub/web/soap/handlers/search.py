"""GetTransactionList and GetLatestUpdate."""

from dataclasses import replace

from hub.domain.errors import HubError, Reason
from hub.domain.search import PageRequest
from hub.services.search import Search
from hub.web.soap.calls import Answer, Call
from hub.wire.hubservices.requests import RequestPart, read_latest_update_select, read_list_select
from hub.wire.hubservices.responses import HubIdentity, LatestUpdate, write_latest_updates, write_list
from hub.wire.hubservices.summaries import SummaryWriter


class SearchHandlers:
    """The operations that tell what exists. `page_size` and `most_rows` bound a page, in rows."""

    def __init__(
        self, *, search: Search, summaries: SummaryWriter, hub: HubIdentity, page_size: int, most_rows: int
    ) -> None:
        self._search, self._summaries, self._hub = search, summaries, hub
        self._page_size, self._most_rows = page_size, most_rows

    async def get_transaction_list(self, call: Call) -> Answer:
        """The references of a patient, newest first; without any there is no kmehrheader."""
        patient, criteria, scope = read_list_select(call.message)
        # Every document here is of this hub, which no declaration says of itself.
        criteria = replace(criteria, author=tuple(p for p in criteria.author if p.number != self._hub.number))
        page = self._page(call.request)
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

    def _page(self, request: RequestPart) -> PageRequest:
        """Who names no first row gets all rows up to the limit; who names one gets maxrows rows from there on."""
        if request.maxrows is not None and request.maxrows < 1:
            raise HubError(Reason.CONTENT, where="request/maxrows", limit="a whole number from 1")
        if request.first_row is not None and request.first_row < 1:
            raise HubError(Reason.CONTENT, where="request/paginationinfo/index", limit="a whole number from 1")
        default = self._most_rows if request.first_row is None else self._page_size
        return PageRequest(first=request.first_row or 1, size=min(request.maxrows or default, self._most_rows))
