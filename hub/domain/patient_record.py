"""All that the hub keeps about a patient beside his documents: what he may take home as one file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.domain.audit import AuditEvent
from hub.domain.parties import Patient
from hub.domain.patient_facts import PatientFacts


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """What was said about access, and every attempt, newest first, as it was at `at`."""

    patient: Patient
    at: datetime
    facts: PatientFacts
    trail: Sequence[AuditEvent]
