"""What is registered about who may see a patient's documents."""

from collections.abc import Collection
from typing import Protocol

from hub.domain.audit import AuditEvent
from hub.domain.identifiers import Ssin
from hub.domain.parties import Patient
from hub.domain.patient_facts import ConsentRule, PatientFacts, SubjectRule
from hub.domain.subjects import Subject


class AccessRegistry(Protocol):
    """Consents, links, exclusions, rights and mandates of every patient.

    Methods raise HubError: index-unavailable when the store cannot be reached; those that change something also
    patient-unknown and busy. A change and its audit event are stored together or not at all.
    """

    async def facts(self, patient: Ssin, subjects: Collection[Subject]) -> PatientFacts:
        """The patient's consents and what was said about these subjects; nothing for an unknown patient."""
        ...

    async def everything(self, patient: Ssin) -> PatientFacts:
        """The same for all subjects there are."""
        ...

    async def change_consent(
        self, patient: Ssin, rule: ConsentRule, event: AuditEvent, *, register: Patient | None = None
    ) -> None:
        """Apply what a rule makes of the consents; an unknown patient is registered as `register`, or refused."""
        ...

    async def change_subject(self, patient: Ssin, subject: Subject, rule: SubjectRule, event: AuditEvent) -> None:
        """Apply what a rule makes of what was said about one subject."""
        ...
