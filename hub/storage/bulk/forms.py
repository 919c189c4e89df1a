"""What bulk import and export need of the wire formats, which the storage does not know."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from hub.domain.declarations import Declaration
from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient


class Forms(Protocol):
    """Registrations as texts, and the judgement on what references share."""

    def registration(self, patient: Ssin, written: str | None) -> Patient:
        """The patient that a text registers; of None, a patient of whom only the number is known.

        Raises HubError, whose `where` says what in the text will not do.
        """
        ...

    def written(self, patient: Patient) -> str | None:
        """The reverse."""
        ...

    def unfit(self, declarations: Sequence[Declaration]) -> Mapping[int, str]:
        """Which of these, by position, could not be written into an answer, and where in them the problem is."""
        ...
