"""What exists about this patient."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import Patient
from hub.domain.references import TransactionReference
from hub.domain.search import Criteria, PageRequest, Scope
from hub.ports.reference_index import ReferenceIndex
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

    def __init__(self, *, index: ReferenceIndex, lookup: TransactionLookup) -> None:
        self._index, self._lookup = index, lookup

    async def find(self, patient: Ssin, criteria: Criteria, scope: Scope, page: PageRequest) -> SearchResult:
        """The page of current references that match, newest first.

        Peer hubs are not asked yet: any wider scope gives the local part and says so.
        Raises HubError (patient-unknown).
        """
        found = await self._index.find(patient, criteria, page)
        if found.patient is None:
            raise HubError(Reason.PATIENT_UNKNOWN, where="select/patient")
        rows = list(zip(found.page.rows, self._lookup.ids_of(patient, found.page.rows), strict=True))
        gaps = () if scope is Scope.LOCAL else (Reason.FEDERATION_NOT_CONFIGURED,)
        return SearchResult(found.patient, rows, found.page.total, gaps)

    async def latest(self, patient: Ssin, types: frozenset[str]) -> Sequence[TransactionReference]:
        """Of each type the reference that was registered last. A patient without any has none."""
        return await self._index.latest(patient, types)
