"""Values for tests, each a plain one unless told otherwise. All people are invented."""

from datetime import UTC, datetime
from math import inf

from hub.domain.audit import Actor, AuditedTransaction, AuditEvent, Outcome
from hub.domain.context import Origin, RequestContext
from hub.domain.declarations import Declaration
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import Author, Code, HcParty, Id, Patient, Requester

JAN = Ssin("45123199772")
MILA = Ssin("12123199886")
GP_NIHII = "19990116004"
OTHER_GP_NIHII = "19990215003"
HOSPITAL_NIHII = "71999932"
OTHER_HOSPITAL_NIHII = "71999833"


def a_person(nihii: str = GP_NIHII, profession: str = "persphysician", familyname: str = "Testarts") -> HcParty:
    """A care provider."""
    return HcParty(
        ids=(Id("ID-HCPARTY", "1.0", nihii),),
        cds=(Code("CD-HCPARTY", "1.16", profession),),
        firstname="Ana",
        familyname=familyname,
    )


def a_hospital(nihii: str = HOSPITAL_NIHII) -> HcParty:
    """An institution."""
    return HcParty(
        ids=(Id("ID-HCPARTY", "1.0", nihii),), cds=(Code("CD-HCPARTY", "1.16", "orghospital"),), name="Testziekenhuis"
    )


def a_requester(*parties: HcParty) -> Requester:
    """Who asks: a family doctor, or the parties given."""
    return Requester(parties or (a_person(),))


def a_context(
    *parties: HcParty, deadline: float = inf, break_the_glass: str | None = None, operation: str = "GetTransactionList"
) -> RequestContext:
    """The context of a request: of a family doctor, or of the parties given."""
    origin = Origin(operation=operation, request_id="request-1", message_id="message-1")
    return RequestContext(
        requester=a_requester(*parties), origin=origin, deadline=deadline, break_the_glass=break_the_glass
    )


def a_declaration(
    name: str = "DOC-1",
    *,
    kind: str = "note",
    date: str = "2026-03-02",
    time: str = "10:00:00",
    recorded: str = "2026-03-02T10:05:00",
    author: Author = (),
    extra_ids: tuple[Id, ...] = (),
) -> Declaration:
    """What a publisher says of a transaction."""
    return Declaration.of(
        ids=(Id("ID-KMEHR", "1.0", "1"), Id("LOCAL", "1.0", name, "testemr"), *extra_ids),
        cds=(Code("CD-TRANSACTION", "1.14", kind),),
        date=date,
        time=time,
        author=author or (a_person(),),
        iscomplete=True,
        isvalidated=True,
        recorddatetime=recorded,
    )


def a_patient(ssin: Ssin = JAN) -> Patient:
    """A patient as registered."""
    as_put = (
        f'<k:id S="INSS" SV="1.0">{ssin.digits}</k:id><k:firstname>Jan</k:firstname>'
        '<k:familyname>Proefpatient</k:familyname><k:sex><k:cd S="CD-SEX" SV="1.1">male</k:cd></k:sex>'
    )
    return Patient(ssin, ("Jan",), "Proefpatient", "male", "1945-12-31", "", as_put.encode())


def an_event(
    patient: Ssin | None = JAN,
    *,
    at: datetime = datetime(2026, 11, 21, 10, 30, tzinfo=UTC),
    operation: str = "GetTransaction",
    outcome: Outcome = Outcome.GRANTED,
    parties: Author = (),
    break_the_glass: str = "",
    document: str = "",
) -> AuditEvent:
    """An attempt of a family doctor, or of the parties given."""
    return AuditEvent(
        at=at,
        origin=Origin(operation=operation, request_id="request-1", message_id="message-1"),
        actor=Actor(parties=parties or (a_hospital(), a_person()), quality="doctor"),
        outcome=outcome,
        patient=patient,
        transaction=an_audited_transaction(document) if document else None,
        break_the_glass=break_the_glass,
    )


def an_audited_transaction(name: str) -> AuditedTransaction:
    """A document as an event names it."""
    return AuditedTransaction(
        id=LocalId("testhub", name),
        serial=1,
        transaction_type="note",
        date="2026-03-02",
        time="10:00:00",
        author=(a_person(),),
    )
