"""From an id in a request to a reference of the patient, with one answer for everything that is not his to know."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import Id
from hub.domain.references import Status, TransactionReference
from hub.ports.local_ids import LocalIds, TransactionAddress
from hub.ports.reference_index import ReferenceIndex


class FoundDocument(NamedTuple):
    """A document with its patient, and the hub's id of the whole."""

    patient: Ssin
    reference: TransactionReference
    id: LocalId


class TransactionLookup:
    """Finds references by an id that the hub gave, or by the publisher's own."""

    def __init__(self, *, index: ReferenceIndex, local_ids: LocalIds) -> None:
        self._index, self._local_ids = index, local_ids

    async def reference(self, patient: Ssin, name: Id) -> TransactionReference:
        """The reference that an id names, whatever became of it.

        Raises HubError (transaction-unknown) alike for an id nobody gave, one of another patient, and a forged one.
        """
        found = await self._find(patient, name)
        if found is None:
            raise HubError(Reason.TRANSACTION_UNKNOWN, where="select/transaction/id")
        return found[1]

    async def document(self, names: Sequence[Id], *, where: str) -> FoundDocument:
        """The document that ids name together, whoever the patient is: one of them, at least, is the hub's.

        Raises HubError: transaction-unknown, alike for a revoked one, and content when the ids contradict each other.
        """
        ours = {name: address[:2] for name in names if (address := self._follow(name))}
        found = await self.anybodys(None, next(iter(ours))) if ours else None
        if found is None or found.reference.status is Status.REVOKED:
            raise HubError(Reason.TRANSACTION_UNKNOWN, where=where)
        of_the_publisher = {name.key for name in names if name.scheme == "LOCAL" and name not in ours}
        if len(set(ours.values())) > 1 or of_the_publisher - {id_.key for id_ in found.reference.declaration.ids}:
            raise HubError(Reason.CONTENT, where=where, limit="the ids of one document")
        return found

    async def anybodys(self, patient: Ssin | None, name: Id) -> FoundDocument | None:
        """The document that an id names, whatever became of it; without a patient, that an id of the hub names."""
        found = await self._find(patient, name)
        return FoundDocument(*found, self.ids_of(found[0], [found[1]])[0]) if found else None

    def member(self, name: Id) -> int:
        """The position in its set of the transaction that an id of ours names, from 1; 0 for a whole document."""
        address = self._follow(name)
        return address.member if address else 0

    def ids_of(self, patient: Ssin, references: Sequence[TransactionReference]) -> list[LocalId]:
        """The hub's ids of references."""
        return self._local_ids.give(patient, [(reference.serial, 0) for reference in references])

    def serials_of(self, patient: Ssin, values: Iterable[str]) -> frozenset[int]:
        """The serials that these texts name, where they are ids of the hub for this patient."""
        followed = (self._local_ids.follow(LocalId(self._local_ids.scheme, value)) for value in values)
        return frozenset(address.serial for address in followed if address and address.patient == patient)

    def member_ids(self, patient: Ssin, serial: int, members: int) -> tuple[LocalId, ...]:
        """The ids of all transactions of a set: the first one is the head, which stands for the whole."""
        others = [(serial, member) for member in range(2, members + 1)]
        return tuple(self._local_ids.give(patient, [(serial, 0), *others]))

    async def _find(self, patient: Ssin | None, name: Id) -> tuple[Ssin, TransactionReference] | None:
        """The reference that an id names, of this patient if there is one, and whose it is."""
        address = self._follow(name)
        owner = address.patient if address else patient
        if owner is None or patient not in (None, owner):
            return None
        found = await (self._index.get(owner, address.serial) if address else self._index.named(owner, name))
        return (owner, found) if found else None

    def _follow(self, name: Id) -> TransactionAddress | None:
        local = LocalId((name.local_scheme or "").strip(), name.value.strip())
        return self._local_ids.follow(local) if name.scheme == "LOCAL" else None
