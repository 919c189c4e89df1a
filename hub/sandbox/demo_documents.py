"""The documents of the demo, new ones at every run, so that it can be played again on the same sandbox."""

from dataclasses import replace
from datetime import datetime, timedelta

from hub.domain.parties import Author, Id
from hub.domain.references import VAULT
from hub.sandbox import messages
from hub.sandbox.documents import SampleDocument, declaration_of
from hub.sandbox.messages import Item, LabResult
from hub.sandbox.pdf import write_pdf
from hub.sandbox.people import DEMO_PATIENT, People


class DemoDocuments:
    """Writes documents that were recorded within the hour before `now`, numbered after it."""

    def __init__(self, people: People, now: datetime) -> None:
        self._people, self._now = people, now

    def lab_result(self, *, value: str, minutes_ago: int) -> SampleDocument:
        """A laboratory result of the hospital that speaks SOAP; another value is a newer version of the same."""
        author = self._people.author(self._people.providers["specialist_fr"], "deptlaboratory")
        content = messages.write_lab_results(
            [LabResult("Glucose", value, "mg/dl", "70", "105")], f"{self._now:%Y-%m-%d}", "fr"
        )
        return self._document("modele", "labresult", author, content, minutes_ago)

    def report(self, *, minutes_ago: int) -> SampleDocument:
        """A contact report of the other hospital, which keeps a PDF."""
        author = self._people.author(self._people.providers["specialist_nl"], "deptcardiology")
        pdf = write_pdf("Raadpleging cardiologie", ["Alles in orde. (Verzonnen tekst.)"], footer="Verzonnen document.")
        document = self._document("voorbeeld", "contactreport", author, "", minutes_ago)
        return replace(document, content=pdf)

    def summary(self, *, minutes_ago: int) -> SampleDocument:
        """A SUMEHR."""
        items = [
            Item(cd="allergy", text="Arachides (exemple)", since="2005", lifecycle="active"),
            Item(cd="healthcareelement", text="Asthme léger (cas fictif)", since="1990", lifecycle="active"),
        ]
        content = "".join(messages.write_item(number, item, "fr") for number, item in enumerate(items, start=1))
        return self._document(VAULT, "sumehr", self._gp, content, minutes_ago)

    def medication_scheme(self, author: Author, *, version: int, medicine: str, minutes_ago: int) -> SampleDocument:
        """A medication scheme with one medicine, as a care provider puts it who has seen this version."""
        content = messages.write_text("Schéma de médication (exemple).", "fr")
        scheme = self._document(VAULT, "medicationscheme", author, content, minutes_ago)
        head = scheme.declaration
        element = declaration_of(
            head.ids[-1]._replace(value=f"{head.ids[-1].value}-2"),
            "medicationschemeelement",
            author,
            head.date,
            head.time,
            position=2,
        )
        item = Item(cd="medication", product=["9999907", medicine], since=head.date, doses={"morning": "1"})
        transactions = [
            messages.write_transaction(head, content, version=version),
            messages.write_transaction(element, messages.write_item(1, item, "fr")),
        ]
        return replace(scheme, content=messages.write_message(scheme.id, head, DEMO_PATIENT, transactions))

    def broken_note(self) -> bytes:
        """A note that no schema accepts: an impossible day, and a sex that is no code."""
        note = self._document(VAULT, "note", self._gp, messages.write_text("Une note.", "fr"), 0)
        date = note.declaration.date.encode()
        return note.content.replace(b"<date>" + date, b"<date>2026-02-30").replace(b">male<", b">masculin<")

    @property
    def _gp(self) -> Author:
        return self._people.author(self._people.providers["gp_fr"])

    def _document(
        self, source: str, transaction_type: str, author: Author, content: str, minutes_ago: int
    ) -> SampleDocument:
        recorded = self._now - timedelta(minutes=minutes_ago)
        declaration = declaration_of(
            Id("LOCAL", "1.0", f"DEMO-{int(self._now.timestamp() * 1000):x}-{transaction_type}", "demo"),
            transaction_type,
            author,
            f"{recorded:%Y-%m-%d}",
            f"{recorded:%H:%M:%S}",
        )
        transaction = messages.write_transaction(declaration, content)
        message = messages.write_message(declaration.ids[-1].value, declaration, DEMO_PATIENT, [transaction])
        return SampleDocument(source=source, patient=DEMO_PATIENT, declaration=declaration, content=message)
