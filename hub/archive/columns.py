"""From an event to the columns by which the archive finds it."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from hub.archive.tables import Columns
from hub.domain.audit import AuditEvent
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import licence
from hub.domain.subjects import Subject, SubjectKind
from hub.storage.audit_lanes import AlteredError, EventSealer, Written

ALTERED = "altered"
"""The outcome in the place of one that cannot be read."""

_REMEMBERED = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class ColumnMaker:
    """Makes columns of events.

    Of an author chain the first person and the first organisation count: those who are asked for as an actor.
    """

    def __init__(self, sealer: EventSealer) -> None:
        self._sealer = sealer
        # The same people act again and again.
        self._mark_of_actor = lru_cache(_REMEMBERED)(sealer.mark)

    def of_written(self, written: Written) -> Columns:
        """Of an event as a lane has it. Raises ValueError for an event of a later format.

        One that was altered is taken as it is: its outcome says so, and nobody is shown it as an event.
        """
        try:
            return self._of(self._sealer.read(written), written.sealed)
        except AlteredError:
            return Columns(
                moment=0,
                patient=written.mark or None,
                actor=None,
                actor_inss=None,
                organisation=None,
                operation="",
                outcome=ALTERED,
                document=None,
                broke_the_glass=False,
                sealed=written.sealed,
            )

    def _of(self, event: AuditEvent, sealed: bytes) -> Columns:
        parties = event.actor.parties
        person = next((party for party in parties if party.is_person), None)
        organisation = next((party for party in parties if party.is_organisation), None)
        inss = person.id_value("INSS") if person else ""
        return Columns(
            moment=microseconds(event.at),
            patient=self.patient(event.patient) if event.patient else None,
            actor=self.actor(Subject(SubjectKind.NIHII, licence(person.number))) if person and person.number else None,
            actor_inss=self.actor(Subject(SubjectKind.INSS, inss)) if inss else None,
            organisation=(licence(organisation.number) or None) if organisation else None,
            operation=event.origin.operation,
            outcome=event.outcome.value,
            document=self.document(event.transaction.id) if event.transaction else None,
            broke_the_glass=bool(event.break_the_glass),
            sealed=sealed,
        )

    def event(self, columns: Columns) -> AuditEvent:
        """The event in a row. Raises what `EventSealer.read` raises."""
        return self._sealer.read(Written(columns.patient or b"", columns.sealed))

    def patient(self, patient: Ssin) -> bytes:
        """The mark of a patient, as in his lane."""
        return self._sealer.patient_mark(patient)

    def actor(self, subject: Subject) -> bytes:
        """The mark of a person."""
        return self._mark_of_actor(subject.kind.value, subject.value)

    def document(self, transaction: LocalId) -> bytes:
        """The mark of a transaction."""
        return self._sealer.mark("transaction", f"{transaction.scheme}:{transaction.value}")


def microseconds(moment: datetime) -> int:
    """A moment as the archive counts it: since 1970, in UTC."""
    return (moment - _EPOCH) // _MICROSECOND
