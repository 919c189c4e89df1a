"""From an id in a request to a reference of the patient, with one answer for everything that is not his to know."""

from collections.abc import Iterable, Sequence

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import Id
from hub.domain.references import TransactionReference
from hub.ports.local_ids import LocalIds, TransactionAddress
from hub.ports.reference_index import ReferenceIndex


class TransactionLookup:
    """Finds references by an id that the hub gave, or by the publisher's own."""

    def __init__(self, *, index: ReferenceIndex, local_ids: LocalIds) -> None:
        self._index, self._local_ids = index, local_ids

    async def reference(self, patient: Ssin, name: Id) -> TransactionReference:
        """The reference that an id names, whatever became of it.

        Raises HubError (transaction-unknown) alike for an id nobody gave, one of another patient, and a forged one.
        """
        address = self._follow(name)
        if address is None:
            found = await self._index.named(patient, name)
        elif address.patient == patient:
            found = await self._index.get(patient, address.serial)
        else:
            found = None
        if found is None:
            raise HubError(Reason.TRANSACTION_UNKNOWN, where="select/transaction/id")
        return found

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

    def _follow(self, name: Id) -> TransactionAddress | None:
        local = LocalId((name.local_scheme or "").strip(), name.value.strip())
        return self._local_ids.follow(local) if name.scheme == "LOCAL" else None
