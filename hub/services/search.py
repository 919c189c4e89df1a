"""What exists about this patient."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.domain.access_matrix import Level
from hub.domain.access_view import Document
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import Patient
from hub.domain.references import TransactionReference
from hub.domain.search import Criteria, PageRequest, Scope
from hub.ports.reference_index import ReferenceIndex
from hub.ports.registries import PatientRegistry
from hub.services.access_guard import AccessGuard
from hub.services.lookup import TransactionLookup


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of a patient's references with their ids, how many there are in all, and what is missing from them.

    `gaps` says why the answer is not everything that was asked for; it is empty for a complete answer.
    """

    patient: Patient
    rows: Sequence[tuple[TransactionReference, LocalId]]
    total: int
    gaps: tuple[Reason, ...] = ()


class Search:
    """Finds references, and tells when they last changed."""

    def __init__(
        self, *, index: ReferenceIndex, lookup: TransactionLookup, patients: PatientRegistry, guard: AccessGuard
    ) -> None:
        self._index, self._lookup, self._patients, self._guard = index, lookup, patients, guard

    async def find(
        self, context: RequestContext, patient: Ssin, criteria: Criteria, scope: Scope, page: PageRequest
    ) -> SearchResult:
        """The page of current references that match and that the requester may see, newest first.

        Peer hubs are not asked yet: any wider scope gives the local part and says so.
        Raises HubError: patient-unknown, and why the requester may see nothing.
        """
        async with self._guard.look(context, patient) as look:
            found = await self._index.find(patient, criteria, page, look)
            if found.patient is None:
                raise HubError(Reason.PATIENT_UNKNOWN, where="select/patient")
            rows = list(zip(found.page.rows, self._lookup.ids_of(patient, found.page.rows), strict=True))
            gaps = () if scope is Scope.LOCAL else (Reason.FEDERATION_NOT_CONFIGURED,)
            await look.grant(criteria=_described(criteria, scope), results=found.page.total)
        return SearchResult(found.patient, rows, found.page.total, gaps)

    async def latest(
        self, context: RequestContext, patient: Ssin, types: frozenset[str]
    ) -> Sequence[TransactionReference]:
        """Of each type the reference that was registered last, as far as the requester may see it.

        Raises HubError: patient-unknown, and why the requester may see nothing.
        """
        async with self._guard.look(context, patient) as look:
            view = await look.view(await self._patients.get(patient))
            rows = await self._index.latest(patient, types)
            shown = [row for row in rows if view.access(Document.of(row)).level is not Level.NONE]
            await look.grant(criteria=" ".join(sorted(types)), results=len(shown))
        return shown


def _described(criteria: Criteria, scope: Scope) -> str:
    """What was searched for, for the audit trail: types, period and scope."""
    period = [f"{name}={day}" for name, day in (("from", criteria.begin), ("to", criteria.end)) if day]
    authors = ["by-author"] if criteria.author else []
    return " ".join([*sorted(criteria.types), *period, *authors, f"scope={scope}"])
