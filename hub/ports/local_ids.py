"""The ids that the hub gives to transactions."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from hub.domain.identifiers import LocalId, Ssin


class TransactionAddress(NamedTuple):
    """Where an id of ours leads: the patient, the reference, and the member of a set (0 for the whole)."""

    patient: Ssin
    serial: int
    member: int = 0


class LocalIds(Protocol):
    """Gives ids and follows them back. Ids are stable, cannot be guessed and need no index of their own."""

    @property
    def scheme(self) -> str:
        """The owner of the ids (SL)."""
        ...

    def give(self, patient: Ssin, places: Sequence[tuple[int, int]]) -> list[LocalId]:
        """The ids of a patient's transactions, by serial and member (0 for the whole): always the same ones."""
        ...

    def follow(self, local_id: LocalId) -> TransactionAddress | None:
        """Where an id leads; None for an id that is not ours."""
        ...
