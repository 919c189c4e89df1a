"""GetPatientAuditTrail."""

from hub.domain.errors import HubError
from hub.services.audit_trails import AuditTrails
from hub.web.soap.calls import Answer, Call
from hub.web.soap.pages import Pages
from hub.wire.hubservices.audit_trails import read_trail_select, write_looks
from hub.wire.hubservices.responses import HubIdentity


class AuditTrailHandlers:
    """The operation that tells who looked."""

    def __init__(self, *, trails: AuditTrails, hub: HubIdentity, pages: Pages) -> None:
        self._trails, self._hub, self._pages = trails, hub, pages

    async def get_patient_audit_trail(self, call: Call) -> Answer:
        """Who saw documents or their list, and when, newest first; a row does not tell attempts that were refused."""
        page = self._pages.page(call.request)
        looks = await self._trails.looks(call.context, read_trail_select(call.message), page)
        return Answer(
            write_looks(self._hub, looks.events),
            page=(page.size, looks.total),
            gaps=tuple(HubError(gap, where="select/searchtype") for gap in looks.gaps),
        )
