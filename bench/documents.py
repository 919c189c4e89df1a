"""KMEHR documents of three kinds and many sizes, with invented content: what the validation is timed on."""

from collections.abc import Iterator
from dataclasses import dataclass

from hub.domain.declarations import Declaration
from hub.domain.parties import Id
from hub.sandbox import messages
from hub.sandbox.documents import declaration_of
from hub.sandbox.messages import Item, LabResult
from hub.sandbox.people import SamplePatient, SampleProvider, load_people

_DAY, _TIME = "2025-03-14", "09:30:00"
_FACTS = (
    Item(cd="problem", text="Hypertension essentielle, suivie.", since="2019-04", lifecycle="active"),
    Item(cd="allergy", text="Éruption après pénicilline.", since="2004", lifecycle="active"),
    Item(
        cd="problem", text="Fracture du radius, guérie.", since="2011-06-02", until="2011-08-20", lifecycle="inactive"
    ),
    Item(cd="medication", text="Un comprimé.", product=("0012345", "Exemplum 20 mg"), since="2021-01-05"),
)
_MEDICINE = Item(
    cd="medication",
    text="Pendant le repas.",
    product=("0012345", "Exemplum 20 mg"),
    since="2024-10-01",
    doses={"morning": "1", "betweenbreakfastandlunch": "0.5", "evening": "1"},
)
_COUNTS = {"summary": (4, 30, 270), "medication scheme": (3, 20, 130), "laboratory": (6, 60, 900)}


@dataclass(frozen=True, slots=True)
class Document:
    """A document and what it is."""

    kind: str
    content: bytes

    @property
    def kilobytes(self) -> float:
        """Its size in units of 1,024 bytes."""
        return len(self.content) / 1024


def documents() -> Iterator[Document]:
    """A small, a common and a large one of each kind."""
    people = load_people()
    patient, doctor = next(iter(people.patients.values())), next(iter(people.providers.values()))
    for kind, counts in _COUNTS.items():
        for count in counts:
            yield Document(kind, _write(kind, count, patient, doctor))


def _write(kind: str, count: int, patient: SamplePatient, doctor: SampleProvider) -> bytes:
    match kind:
        case "summary":
            head = _declared("sumehr", doctor)
            items = (messages.write_item(number, _FACTS[number % len(_FACTS)], "fr") for number in range(1, count + 1))
            transactions = [messages.write_transaction(head, "".join(items))]
        case "medication scheme":
            head = _declared("medicationscheme", doctor)
            elements = (_declared("medicationschemeelement", doctor, position) for position in range(2, count + 2))
            medicine = messages.write_item(1, _MEDICINE, "fr")
            transactions = [
                messages.write_transaction(head, "", version=1),
                *(messages.write_transaction(element, medicine) for element in elements),
            ]
        case _:
            head = _declared("labresult", doctor)
            results = [LabResult("Glucose", str(70 + number % 50), "mg/dl", "70", "105") for number in range(count)]
            transactions = [messages.write_transaction(head, messages.write_lab_results(results, _DAY, "fr"))]
    return messages.write_message(f"{doctor.nihii}.{count}", head, patient, transactions)


def _declared(transaction_type: str, doctor: SampleProvider, position: int = 1) -> Declaration:
    document = Id("LOCAL", "1.0", f"BENCH-{position}", "bench")
    return declaration_of(document, transaction_type, (doctor.party,), _DAY, _TIME, position=position)
