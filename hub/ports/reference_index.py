"""The index: per patient, references to transactions."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from hub.domain.access_view import View
from hub.domain.audit import AuditEvent
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id, Patient
from hub.domain.patient_facts import PatientFacts
from hub.domain.references import Change, PatientReferences, Relevance, TransactionReference
from hub.domain.search import Criteria, PageRequest, ReferencePage
from hub.domain.subjects import Subject

Rule = Callable[[PatientReferences], Change]
"""Decides from a patient's references what is to change, or raises HubError. It may be asked more than once."""


Witness = Callable[[Change], AuditEvent]
"""What the audit trail is told of a change."""


class Gate(Protocol):
    """Decides what may be seen, from what is registered about it, before anything of the index is used."""

    @property
    def subjects(self) -> Collection[Subject]:
        """The subjects that the decision needs to know about."""
        ...

    def open(self, patient: Patient | None, facts: PatientFacts) -> View:
        """What may be seen. Raises HubError when it is nothing; `patient` is None for one the hub does not know."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a patient's references that may be seen, and the patient; None for one the hub does not know."""

    patient: Patient | None
    page: ReferencePage


class ReferenceIndex(Protocol):
    """The references of every patient.

    All methods raise HubError (index-unavailable) when the store cannot be reached.
    """

    async def find(self, patient: Ssin, criteria: Criteria, page: PageRequest, gate: Gate) -> Found:
        """The page of current references that match and may be seen, newest first, with their true total.

        Raises what the gate raises.
        """
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
        self,
        patient: Ssin,
        rule: Rule,
        relevance: Relevance,
        *,
        register: Patient | None = None,
        witness: Witness | None,
    ) -> Change:
        """Apply what the rule decides, as a whole or not at all; what returns is durable and in the next list.

        What the witness says of it is stored with it; of a change that is empty nothing is, nor without a witness.

        The rule is shown at least what is relevant to it. When somebody else changes the patient's references
        meanwhile, it is asked again on the new state. A patient the hub does not know is registered as `register`, or
        refused (patient-unknown) when that is None. Raises HubError (busy) when others are faster too many times, and
        whatever the rule raises.
        """
        ...
