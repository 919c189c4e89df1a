"""A sensible content for each of the 26 operations, for somebody who wants to see a call."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from hub.domain.identifiers import Ssin
from hub.domain.parties import Code, Id
from hub.domain.references import Declaration
from hub.sandbox import contents, messages
from hub.sandbox.documents import SET_TYPES, declaration_of, sample_documents
from hub.sandbox.messages import Item
from hub.sandbox.people import People, SamplePatient
from hub.sandbox.signatories import Signatory
from hub.wire.kmehr.parties import write_code, write_id
from hub.wire.xml import parse

NEED_DOCUMENT: Final[Mapping[str, Sequence[str]]] = {
    "GetTransaction": (),
    "GetTransactionSet": tuple(SET_TYPES),
    "RevokeTransaction": (),
    "PutAccessRight": (),
    "GetAccessRight": (),
    "RevokeAccessRight": (),
}
"""Operations about a document that the hub has, and the types it may be of; any when there are none."""

_CARD: Final = Id("EID-CARDNO", "1.0", "000000000097")
"""An invented card, as if it had been read: it shows that the patient was there."""


class NoContent(Exception):
    """There is nothing sensible to ask; the text says why."""


class SampleRequests:
    """Contents that a caller can send about a patient. `document` is one of his, for the operations that need one."""

    def __init__(
        self, *, people: People, signatory: Signatory, patient: Ssin, document: Id | None, now: datetime
    ) -> None:
        self._people, self._signatory, self._patient, self._now = people, signatory, patient, now
        self._given_document = document
        self._patient_id = contents.patient_named(patient)
        self._party_id = f"<hcparty>{write_id(self._own_id, '')}</hcparty>"

    def content(self, operation: str) -> str:
        """What stands behind the request part. Raises NoContent."""
        return self._contents[operation]()

    @property
    def _contents(self) -> Mapping[str, Callable[[], str]]:
        select_patient = f"<select>{self._patient_id}</select>"
        select_party = f"<select>{self._party_id}</select>"
        return {
            "DeclareTransaction": self._declare,
            "PutTransaction": self._note,
            "RevokeTransaction": self._select_document,
            "GetTransactionList": lambda: contents.list_selected(self._patient),
            "GetTransaction": self._select_document,
            "RequestPublication": lambda: f"<select>{self._patient_id}<transaction/></select>",
            "PutTransactionSet": self._scheme,
            "GetTransactionSet": self._select_document,
            "GetLatestUpdate": lambda: contents.latest_update_selected(self._patient, "medicationscheme"),
            "PutPatient": lambda: contents.person_put(self._person.content("k:")),
            "GetPatient": lambda: select_patient,
            "PutHCParty": lambda: contents.party_put(self._signatory.author[0], self._now),
            "GetHCParty": lambda: select_party,
            "PutPatientConsent": lambda: self._consent(""),
            "GetPatientConsent": lambda: select_patient,
            "RevokePatientConsent": lambda: self._consent(f"<revokedate>{self._today}</revokedate>"),
            "PutHCPartyConsent": lambda: self._participation(""),
            "GetHCPartyConsent": lambda: select_party,
            "RevokeHCPartyConsent": lambda: self._participation(f"<revokedate>{self._today}</revokedate>"),
            "PutTherapeuticLink": lambda: self._link(""),
            "GetTherapeuticLink": lambda: f"<select>{self._patient_id}{self._party_id}</select>",
            "RevokeTherapeuticLink": lambda: self._link(f"<enddate>{self._today}</enddate>"),
            "PutAccessRight": lambda: self._access_right('<cd S="CD-ACCESSRIGHT" SV="1.0">disallow</cd>'),
            "GetAccessRight": lambda: f"<select><transaction>{write_id(self._document, '')}</transaction></select>",
            "RevokeAccessRight": lambda: self._access_right(""),
            "GetPatientAuditTrail": lambda: select_patient,
        }

    @property
    def _today(self) -> str:
        return f"{self._now:%Y-%m-%d}"

    @property
    def _own_id(self) -> Id:
        """The first number of the caller."""
        return self._signatory.author[0].ids[0]

    @property
    def _document(self) -> Id:
        if self._given_document is None:
            raise NoContent("The list of this patient is empty, and this operation is about a document.")
        return self._given_document

    @property
    def _person(self) -> SamplePatient:
        for patient in self._people.patients.values():
            if patient.ssin == self._patient:
                return patient
        raise NoContent("This operation needs a whole person: name one of the sandbox's patients, or give --body.")

    def _declare(self) -> str:
        """Again what a hospital has declared before, which changes nothing: the hospital that asks, or else any."""
        own = {self._signatory.key} & self._people.hospitals.keys()
        for document in sample_documents(self._people):
            if document.patient.ssin == self._patient and document.source in (own or self._people.hospitals):
                return contents.transaction_declared(self._patient, document.declaration)
        raise NoContent("No hospital has a sample document of this patient to declare: give --body.")

    def _select_document(self) -> str:
        return contents.transaction_selected(self._patient, self._document)

    def _declaration(self, transaction_type: str, position: int = 1) -> Declaration:
        number = f"CALL-{int(self._now.timestamp() * 1000):x}-{position}"
        return declaration_of(
            Id("LOCAL", "1.0", number, "hub-call"),
            transaction_type,
            self._signatory.author,
            self._today,
            f"{self._now:%H:%M:%S}",
            position=position,
        )

    def _note(self) -> str:
        note = self._declaration("note")
        return self._message(note, messages.write_transaction(note, messages.write_text("Note (exemple).", "fr")))

    def _scheme(self) -> str:
        """A medication scheme with one medicine, as if nobody had written one before."""
        head, element = self._declaration("medicationscheme"), self._declaration("medicationschemeelement", 2)
        medicine = Item(
            cd="medication", product=["9999907", "Exemplopril 5 mg"], since=self._today, doses={"morning": "1"}
        )
        text = messages.write_text("Schéma de médication (exemple).", "fr")
        return self._message(
            head,
            messages.write_transaction(head, text, version=1),
            messages.write_transaction(element, messages.write_item(1, medicine, "fr")),
        )

    def _message(self, first: Declaration, *transactions: str) -> str:
        message_id = f"{self._own_id.value}.{first.ids[-1].value}"
        return contents.message_put(parse(messages.write_message(message_id, first, self._person, transactions)))

    def _consent(self, end: str) -> str:
        cd = write_code(Code("CD-CONSENTTYPE", "1.0", "retrospective"), "")
        return f"<consent>{self._patient_id}{cd}<signdate>{self._today}</signdate>{end}</consent>"

    def _participation(self, end: str) -> str:
        return f"<consent>{self._party_id}<signdate>{self._today}</signdate>{end}</consent>"

    def _link(self, end: str) -> str:
        cd = write_code(Code("CD-THERAPEUTICLINKTYPE", "1.0", "gpconsultation"), "")
        patient = contents.patient_named(self._patient, card=_CARD)
        start = f"<startdate>{self._today}</startdate>"
        return f"<therapeuticlink>{patient}{self._party_id}{cd}{start}{end}</therapeuticlink>"

    def _access_right(self, right: str) -> str:
        document = f"<transaction>{write_id(self._document, '')}</transaction>"
        return f"<accessright>{document}{self._party_id}{right}</accessright>"
