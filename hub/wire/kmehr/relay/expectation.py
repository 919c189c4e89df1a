"""Whether a document that a source gave is the one that was asked for."""

from hub.domain.identifiers import Ssin
from hub.wire.kmehr.relay.stream import refusal

IdKey = tuple[str, str, str]
"""Scheme, local scheme and value: what makes two identifiers the same one (`Id.key`)."""

_PATIENT_SCHEMES = ("INSS", "ID-PATIENT")


class Expectation:
    """The patient and the identifiers that a document must not contradict.

    A transaction fits when one of its identifiers is expected, and also when none can be compared: publishers may
    leave out the number that they declared. Once an identifier has contradicted (same scheme, other value), only an
    expected one makes up for it: a message may hold other transactions before the one declared.
    """

    def __init__(self, patient: Ssin, names: frozenset[IdKey]) -> None:
        self._patient = patient
        self._names = names
        self._schemes = frozenset(key[:2] for key in names)
        self._is_contradicted = False

    def check_patient(self, ids: list[IdKey]) -> None:
        """Raises HubError (source-answer) unless every patient number of a folder is the expected one."""
        numbers = {value for scheme, _, value in ids if scheme in _PATIENT_SCHEMES and value}
        if not numbers:
            raise refusal("a document without the patient's number", where="folder/patient")
        if numbers != {self._patient.digits}:
            raise refusal("another patient's document", where="folder/patient")

    def fits(self, ids: list[IdKey]) -> bool:
        """Whether a transaction settles that this is the document."""
        if not self._names.isdisjoint(ids):
            return True
        if any(key[:2] in self._schemes for key in ids):
            self._is_contradicted = True
        return not self._is_contradicted
