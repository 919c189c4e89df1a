"""The index: per patient, references to transactions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from hub.domain.identifiers import Ssin
from hub.domain.parties import Id, Patient
from hub.domain.references import Change, PatientReferences, Relevance, TransactionReference
from hub.domain.search import Criteria, PageRequest, ReferencePage

Rule = Callable[[PatientReferences], Change]
"""Decides from a patient's references what is to change, or raises HubError. It may be asked more than once."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a patient's references, and the patient; None for a patient the hub does not know."""

    patient: Patient | None
    page: ReferencePage


class ReferenceIndex(Protocol):
    """The references of every patient.

    All methods raise HubError (index-unavailable) when the store cannot be reached.
    """

    async def find(self, patient: Ssin, criteria: Criteria, page: PageRequest) -> Found:
        """The page of current references that match, newest first, with the true total."""
        ...

    async def get(self, patient: Ssin, serial: int) -> TransactionReference | None:
        """One reference, whatever became of it; None when the patient has none with this serial."""
        ...

    async def named(self, patient: Ssin, name: Id) -> TransactionReference | None:
        """The newest reference that the publisher gave this identifier, whatever became of it; None without any."""
        ...

    async def latest(self, patient: Ssin, types: frozenset[str]) -> Sequence[TransactionReference]:
        """Of each of these transaction types the current reference that was registered last, if there is one."""
        ...

    async def preview(
        self, patient: Ssin, rule: Rule, relevance: Relevance, *, register: Patient | None = None
    ) -> Change:
        """What `change` would do now, without doing it. Raises the same errors."""
        ...

    async def change(
        self, patient: Ssin, rule: Rule, relevance: Relevance, *, register: Patient | None = None
    ) -> Change:
        """Apply what the rule decides, as a whole or not at all; what returns is durable and in the next list.

        The rule is shown at least what is relevant to it. When somebody else changes the patient's references
        meanwhile, it is asked again on the new state. A patient the hub does not know is registered as `register`, or
        refused (patient-unknown) when that is None. Raises HubError (busy) when others are faster too many times, and
        whatever the rule raises.
        """
        ...
