"""A gate that everybody passes: for what is measured or tested of the index alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from hub.domain.access_matrix import NO_ROLE, Edition
from hub.domain.access_rights import NO_RIGHTS, RightsInForce
from hub.domain.access_view import View
from hub.domain.parties import Patient
from hub.domain.patient_facts import PatientFacts
from hub.domain.subjects import Subject


@dataclass(frozen=True, slots=True)
class OpenGate:
    """A `hub.ports.reference_index.Gate` that asks for nothing and shows everything, as to a trusted peer hub.

    Except what `rights` hide.
    """

    rights: RightsInForce = NO_RIGHTS

    @property
    def subjects(self) -> Collection[Subject]:
        """See the port."""
        return ()

    def open(self, patient: Patient | None, facts: PatientFacts) -> View:  # noqa: ARG002 - as the port says
        """See the port."""
        return View(
            edition=Edition(date.min, ()),
            role=NO_ROLE,
            today=date.max,
            own=frozenset(),
            rights=self.rights,
            covered_from=date.min,
            is_patient=False,
            by_matrix=False,
        )


OPEN_GATE = OpenGate()
