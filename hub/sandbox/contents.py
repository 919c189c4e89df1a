"""What stands behind the request part of a message (protocol facts, part 3): core elements bare, KMEHR with `k`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from lxml import etree

from hub.domain.declarations import Declaration
from hub.domain.identifiers import Ssin
from hub.domain.parties import Code, HcParty, Id
from hub.wire.kmehr.parties import write_author, write_code, write_id, write_party_content
from hub.wire.namespaces import CORE
from hub.wire.xml import escape

CARD: Final = Id("EID-CARDNO", "1.0", "000000000097")
"""An invented card, as if it had been read: it shows that the patient was there."""


def patient_named(patient: Ssin, *, card: Id | None = None) -> str:
    """A patient by his number, and by that of a card which was read."""
    number = write_id(card, "") if card else ""
    return f'<patient><id S="INSS" SV="1.0">{patient.digits}</id>{number}</patient>'


def person_put(person: str) -> str:
    """A patient to register; `person` is the content of a person element, KMEHR elements with prefix `k`."""
    return f"<patient>{person}</patient>"


def party_put(party: HcParty, now: datetime) -> str:
    """A care party to register."""
    recorded = f"<recorddatetime>{now:%Y-%m-%dT%H:%M:%S}</recorddatetime>"
    return f"<hcparty>{write_party_content(party, 'k:', '')}{recorded}</hcparty>"


def transaction_selected(patient: Ssin, transaction: Id) -> str:
    """One document of a patient."""
    return f"<select>{patient_named(patient)}<transaction>{write_id(transaction, '')}</transaction></select>"


def list_selected(patient: Ssin, types: Sequence[str] = (), day: str | None = None) -> str:
    """What exists about a patient: of these types, of one day."""
    cds = "".join(write_code(Code("CD-TRANSACTION", "1.1", kind), "") for kind in types)
    period = f"<begindate>{day}</begindate><enddate>{day}</enddate>" if day else ""
    return f"<select>{patient_named(patient)}<transaction>{cds}{period}</transaction></select>"


def latest_update_selected(patient: Ssin, transaction_type: str) -> str:
    """When transactions of a type last changed."""
    cd = write_code(Code("CD-TRANSACTION", "1.1", transaction_type), "")
    return f"<select><criteria>{patient_named(patient)}{cd}</criteria></select>"


def message_put(document: etree._Element) -> str:
    """A KMEHR message for the vault, its root as hub services name it."""
    tag, document.tag = document.tag, f"{{{CORE}}}kmehrmessage"
    written = etree.tostring(document, encoding="unicode")
    document.tag = tag
    return written


def transaction_declared(patient: Ssin, declaration: Declaration) -> str:
    """A reference to a document that stays where it is."""
    summary = "".join(
        (
            *(write_id(id_, "") for id_ in declaration.ids),
            *(write_code(cd, "") for cd in declaration.cds),
            f"<date>{declaration.date}</date><time>{declaration.time}</time>",
            f"<author>{write_author(declaration.author)}</author>",
            f"<iscomplete>{str(declaration.iscomplete).lower()}</iscomplete>",
            f"<isvalidated>{str(declaration.isvalidated).lower()}</isvalidated>",
            f"<recorddatetime>{escape(declaration.recorddatetime)}</recorddatetime>",
        )
    )
    folder = f"{patient_named(patient)}<transaction>{summary}</transaction>"
    return f"<kmehrheader><folder>{folder}</folder></kmehrheader>"


def consent_stated(patient: Ssin, day: date, *, kind: str = "retrospective", ends: bool = False) -> str:
    """What a patient consents to (CD-CONSENTTYPE), signed or, when it `ends`, withdrawn on a day."""
    cd = write_code(Code("CD-CONSENTTYPE", "1.0", kind), "")
    end = f"<revokedate>{day}</revokedate>" if ends else ""
    return f"<consent>{patient_named(patient)}{cd}<signdate>{day}</signdate>{end}</consent>"


def participation_stated(party: Id, day: date, *, ends: bool = False) -> str:
    """That a care party takes part in the hub from a day on or, when it `ends`, no more."""
    end = f"<revokedate>{day}</revokedate>" if ends else ""
    return f"<consent>{party_named(party)}<signdate>{day}</signdate>{end}</consent>"


def link_stated(patient: Ssin, party: Id, kind: str, day: date, *, ends: bool = False) -> str:
    """A link (CD-THERAPEUTICLINKTYPE) that the patient's card proves, from a day on or, when it `ends`, up to it."""
    cd = write_code(Code("CD-THERAPEUTICLINKTYPE", "1.0", kind), "")
    end = f"<enddate>{day}</enddate>" if ends else ""
    named = f"{patient_named(patient, card=CARD)}{party_named(party)}"
    return f"<therapeuticlink>{named}{cd}<startdate>{day}</startdate>{end}</therapeuticlink>"


def right_stated(transaction: Id, party: Id, right: str = "") -> str:
    """What is said of one document for one care party (CD-ACCESSRIGHT); nothing, to take it back."""
    cd = write_code(Code("CD-ACCESSRIGHT", "1.0", right), "") if right else ""
    return f"<accessright><transaction>{write_id(transaction, '')}</transaction>{party_named(party)}{cd}</accessright>"


def party_named(party: Id) -> str:
    """A care party by its number."""
    return f"<hcparty>{write_id(party, '')}</hcparty>"


def about_patient(patient: Ssin, party: Id | None = None) -> str:
    """A patient, and a care party beside him, to ask for what was said or done."""
    return f"<select>{patient_named(patient)}{party_named(party) if party else ''}</select>"
