"""Who looked and when, and all of a patient's record as one file (security facts, part 4.11)."""

from collections.abc import Sequence
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any

from msgspec import Meta, Raw, Struct

from hub.domain.audit import AuditedTransaction, AuditEvent
from hub.domain.looks import TrailSelection
from hub.domain.parties import Id
from hub.services.audit_trails import AuditTrails
from hub.services.patient_records import PatientRecords
from hub.web.rest.routes import Answer, AnyRoute, Call, Naming, Nothing, Route
from hub.web.rest.shapes import EXAMPLE_MOMENT, EXAMPLE_PARTY, Nihii, Page, Party, PartyNumbers
from hub.wire.patient_record import FORMAT, write_patient_record

_EXAMPLE_DOCUMENT = "772642bf9939e88ad289015f6c8169af"
_DocumentId = Annotated[str, Meta(max_length=100, examples=[_EXAMPLE_DOCUMENT])]


class LookQuery(Page, frozen=True):
    """Which looks: by a care party, at a document, on days from `begin` to `end`, with a broken glass or without."""

    nihii: Annotated[Nihii | None, Meta(description="By this care party.")] = None
    document: Annotated[_DocumentId | None, Meta(description="At the document of this id of the hub.")] = None
    begin: date | None = None
    end: date | None = None
    broke_the_glass: bool | None = None


class SeenDocument(Struct, kw_only=True, frozen=True):
    """Which document was meant; `date` and `time` are its own, as its publisher wrote them."""

    id: str
    type: Annotated[str, Meta(description="CD-TRANSACTION.")]
    date: str
    time: str
    author: list[Party]

    @classmethod
    def of(cls, seen: AuditedTransaction) -> "SeenDocument":
        """As audited."""
        author = [Party.of(party) for party in seen.author]
        return cls(id=seen.id.value, type=seen.transaction_type, date=seen.date, time=seen.time, author=author)


class Look(Struct, kw_only=True, frozen=True):
    """Somebody saw a document, or the list of them. `patient` is the national number of whose it is."""

    at: datetime
    operation: Annotated[str, Meta(examples=["GetTransaction"])]
    by: list[Party]
    patient: str
    document: SeenDocument | None
    break_the_glass: Annotated[str, Meta(description="The reason given for it, empty without one.")]

    @classmethod
    def of(cls, event: AuditEvent) -> "Look":
        """As audited."""
        return cls(
            at=event.at,
            operation=event.origin.operation,
            by=[Party.of(party) for party in event.actor.parties],
            patient=event.patient.digits if event.patient else "",
            document=SeenDocument.of(event.transaction) if event.transaction else None,
            break_the_glass=event.break_the_glass,
        )


class LookList(Struct, kw_only=True, frozen=True):
    """A page of looks, newest first, and how many there are in all."""

    total: int
    rows: list[Look]


class PatientFile(Struct, kw_only=True, frozen=True):
    """What the hub keeps about a patient besides documents: what was said about access, and every attempt."""

    format: Annotated[str, Meta(examples=[FORMAT])]
    made_at: datetime
    patient: dict[str, Any]
    consents: list[dict[str, Any]]
    said_about: Annotated[
        list[dict[str, Any]], Meta(description="Links, exclusions, rights, mandates and emergencies of each subject.")
    ]
    trail: Annotated[list[dict[str, Any]], Meta(description="Newest first, refused attempts included.")]


class TrailResource:
    """What the patient may know of what became of his record."""

    def __init__(self, *, trails: AuditTrails, records: PatientRecords, scheme: str) -> None:
        self._trails, self._records, self._scheme = trails, records, scheme

    def routes(self) -> Sequence[AnyRoute]:
        """See `Resource`."""
        return (
            Route(
                operation="ListLooks",
                method="GET",
                path="/audit-trail",
                says="Who looked, and when: all looks for the patient; his own for a care party, "
                "who may leave the patient out to see those at all of them.",
                handle=self._looks,
                query=LookQuery,
                body=Nothing(),
                answers={HTTPStatus.OK: LookList(total=1, rows=[_LOOK])},
                patient=Naming.POSSIBLE,
            ),
            Route(
                operation="GetRecord",
                method="GET",
                path="/record",
                says="All that the hub keeps about the patient besides his documents, as one file for him.",
                handle=self._record,
                query=Nothing,
                body=Nothing(),
                answers={HTTPStatus.OK: _FILE},
            ),
        )

    async def _looks(self, call: Call[LookQuery, Nothing]) -> Answer:
        query = call.query
        selection = TrailSelection(
            patient=call.named,
            transaction=Id("LOCAL", "1.0", query.document, self._scheme) if query.document else None,
            party=PartyNumbers(nihii=query.nihii).ids(),
            begin=query.begin,
            end=query.end,
            broke_the_glass=query.broke_the_glass,
        )
        looks = await self._trails.looks(call.context, selection, query.request())
        return Answer(LookList(total=looks.total, rows=[Look.of(event) for event in looks.events]))

    async def _record(self, call: Call[Nothing, Nothing]) -> Answer:
        record = await self._records.record(call.context, call.patient)
        headers = {"Content-Disposition": 'attachment; filename="patient-record.json"'}
        return Answer(Raw(write_patient_record(record)), HTTPStatus.OK, headers)


_LOOK = Look(
    at=EXAMPLE_MOMENT,
    operation="GetTransaction",
    by=[EXAMPLE_PARTY],
    patient="12123199886",
    document=SeenDocument(
        id=_EXAMPLE_DOCUMENT, type="labresult", date="2026-11-02", time="10:00:00", author=[EXAMPLE_PARTY]
    ),
    break_the_glass="",
)
_FILE = PatientFile(format=FORMAT, made_at=EXAMPLE_MOMENT, patient={}, consents=[], said_about=[], trail=[])
