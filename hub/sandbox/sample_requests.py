"""A sensible content for each of the 26 operations, for somebody who wants to see a call."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from hub.domain.declarations import Declaration
from hub.domain.identifiers import Ssin
from hub.domain.identity import PATIENT
from hub.domain.parties import Id
from hub.sandbox import contents, messages
from hub.sandbox.documents import SET_TYPES, declaration_of, sample_documents
from hub.sandbox.messages import Item
from hub.sandbox.people import People, SamplePatient
from hub.sandbox.signatories import Signatory
from hub.wire.kmehr.parties import write_id
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

_LINK: Final = "gpconsultation"


class NoContent(Exception):
    """There is nothing sensible to ask; the text says why."""


class SampleRequests:
    """Contents that a caller can send about a patient.

    `document` is one of his, for the operations that need one; `party` is whom a link, a right or a trail is about,
    the caller himself when absent.
    """

    def __init__(
        self,
        *,
        people: People,
        signatory: Signatory,
        patient: Ssin,
        document: Id | None,
        now: datetime,
        party: Signatory | None = None,
    ) -> None:
        self._people, self._signatory, self._patient, self._now = people, signatory, patient, now
        self._given_document, self._day = document, now.date()
        self._party = party or signatory

    def content(self, operation: str) -> str:
        """What stands behind the request part. Raises NoContent."""
        return self._contents[operation]()

    @property
    def _contents(self) -> Mapping[str, Callable[[], str]]:
        patient, own, day = self._patient, self._own_id, self._day
        party = self._party.author[0].ids[0]
        # A patient who names nobody asks about everybody.
        asked = None if self._party.quality == PATIENT else party
        select_party = f"<select>{contents.party_named(own)}</select>"
        return {
            "DeclareTransaction": self._declare,
            "PutTransaction": self._note,
            "RevokeTransaction": self._select_document,
            "GetTransactionList": lambda: contents.list_selected(patient),
            "GetTransaction": self._select_document,
            "RequestPublication": lambda: f"<select>{contents.patient_named(patient)}<transaction/></select>",
            "PutTransactionSet": self._scheme,
            "GetTransactionSet": self._select_document,
            "GetLatestUpdate": lambda: contents.latest_update_selected(patient, "medicationscheme"),
            "PutPatient": lambda: contents.person_put(self._person.content("k:")),
            "GetPatient": lambda: contents.about_patient(patient),
            "PutHCParty": lambda: contents.party_put(self._signatory.author[0], self._now),
            "GetHCParty": lambda: select_party,
            "PutPatientConsent": lambda: contents.consent_stated(patient, day),
            "GetPatientConsent": lambda: contents.about_patient(patient),
            "RevokePatientConsent": lambda: contents.consent_stated(patient, day, ends=True),
            "PutHCPartyConsent": lambda: contents.participation_stated(own, day),
            "GetHCPartyConsent": lambda: select_party,
            "RevokeHCPartyConsent": lambda: contents.participation_stated(own, day, ends=True),
            "PutTherapeuticLink": lambda: contents.link_stated(patient, party, _LINK, day),
            "GetTherapeuticLink": lambda: contents.about_patient(patient, asked),
            "RevokeTherapeuticLink": lambda: contents.link_stated(patient, party, _LINK, day, ends=True),
            "PutAccessRight": lambda: contents.right_stated(self._document, party, self._right),
            "GetAccessRight": lambda: f"<select><transaction>{write_id(self._document, '')}</transaction></select>",
            "RevokeAccessRight": lambda: contents.right_stated(self._document, party),
            "GetPatientAuditTrail": self._select_looks,
        }

    @property
    def _right(self) -> str:
        """Another one is shut out; to himself nobody would do that."""
        return "allow" if self._party is self._signatory else "disallow"

    @property
    def _today(self) -> str:
        return self._day.isoformat()

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

    def _select_looks(self) -> str:
        """Looks at a patient: those of one party if one was named, else all that who asks may know."""
        named = None if self._party is self._signatory else self._party.author[0].ids[0]
        return contents.about_patient(self._patient, named)
