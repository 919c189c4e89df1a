"""Which part of a list a request asks for (protocol facts, part 3): `maxrows`, and the index of the first row."""

from dataclasses import dataclass

from hub.domain.errors import HubError, Reason
from hub.domain.search import PageRequest
from hub.wire.hubservices.requests import RequestPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Reads pages. `page_size` is how many rows a page has that states none, `most_rows` how many any may have."""

    page_size: int
    most_rows: int

    def page(self, request: RequestPart) -> PageRequest:
        """Who names no first row gets all rows up to the limit; who names one gets maxrows rows from there on.

        Raises HubError (content).
        """
        most = rows_wanted(request)
        if request.first_row is not None and request.first_row < 1:
            raise HubError(Reason.CONTENT, where="request/paginationinfo/index", limit="a whole number from 1")
        default = self.most_rows if request.first_row is None else self.page_size
        return PageRequest(first=request.first_row or 1, size=min(most or default, self.most_rows))


def rows_wanted(request: RequestPart) -> int | None:
    """How many rows the caller wants at most; None when he does not say. Raises HubError (content)."""
    if request.maxrows is not None and request.maxrows < 1:
        raise HubError(Reason.CONTENT, where="request/maxrows", limit="a whole number from 1")
    return request.maxrows
