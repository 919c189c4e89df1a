"""The documents of the sandbox: built from `documents.toml`, each with what its publisher declares of it."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib import resources
from typing import Any, Self

from hub.domain.declarations import Declaration
from hub.domain.parties import Author, Code, Id
from hub.domain.references import VAULT
from hub.sandbox import messages
from hub.sandbox.messages import Item, LabResult
from hub.sandbox.pdf import write_pdf
from hub.sandbox.people import Language, People, SamplePatient

LONG_RECORD_PATIENT = "long_record"
SET_TYPES = frozenset({"medicationscheme"})
_VAULT_ID_SCHEME = "exemple-emr"
_FOOTER = {"fr": "Document fictif, pour essais.", "nl": "Verzonnen document, om te proberen."}
_LAST_DAY_OF_LONG_RECORD = date(2025, 3, 14)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDocument:
    """A document: what its publisher calls it and declares of it, and its content.

    `content` is a KMEHR message, or a PDF when the source keeps nothing else.
    """

    source: str
    patient: SamplePatient
    declaration: Declaration
    content: bytes

    @property
    def id(self) -> str:
        """The number its publisher gave it."""
        return self.declaration.ids[-1].value

    @property
    def is_pdf(self) -> bool:
        """Whether the source keeps a PDF and no KMEHR."""
        return self.content.startswith(b"%PDF-")

    @property
    def is_set(self) -> bool:
        """Whether it is put and fetched as a set of transactions."""
        return self.declaration.transaction_type in SET_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One entry of the file; its comments there say what each field means."""

    id: str
    source: str
    patient: str
    author: str
    type: str
    language: Language
    date: str
    time: str
    department: str | None = None
    title: str = ""
    text: str = ""
    pdf: str = ""
    link: str = ""
    lab: Sequence[LabResult] = ()
    items: Sequence[Item] = ()
    medicines: Sequence[Item] = ()
    suspended: int | None = None

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        entry = cls(**values)
        return replace(
            entry,
            text=entry.text.strip(),
            lab=[LabResult(*row) for row in values.get("lab", ())],
            items=[Item(**item) for item in values.get("items", ())],
            medicines=[Item(**item) for item in values.get("medicines", ())],
        )


def sample_documents(people: People) -> list[SampleDocument]:
    """Every document of `documents.toml`."""
    text = resources.files(__package__).joinpath("documents.toml").read_text("utf-8")
    return [_build(_Entry.read(values), people) for values in tomllib.loads(text)["document"]]


def long_record(people: People, references: int) -> Iterator[SampleDocument]:
    """So many laboratory results of the patient with the long record, one every third day, the newest first."""
    day = _LAST_DAY_OF_LONG_RECORD
    for number in range(references):
        entry = _Entry(
            id=f"MOD-L-{references - number:05d}",
            source="modele",
            patient=LONG_RECORD_PATIENT,
            author="specialist_fr",
            department="deptlaboratory",
            type="labresult",
            language="fr",
            date=day.isoformat(),
            time="09:30:00",
            lab=[LabResult("Glucose", str(90 + number % 60), "mg/dl", "70", "105")],
        )
        yield _build(entry, people)
        day -= timedelta(days=3)


def declaration_of(
    document_id: Id, transaction_type: str, author: Author, day: str, time: str, *, position: int = 1
) -> Declaration:
    """What a publisher says of a finished, validated document; `position` is its place in the message."""
    return Declaration.of(
        ids=(Id("ID-KMEHR", "1.0", str(position)), document_id),
        cds=(Code("CD-TRANSACTION", "1.14", transaction_type),),
        date=day,
        time=time,
        author=author,
        iscomplete=True,
        isvalidated=True,
        recorddatetime=f"{day}T{time}",
    )


def _build(entry: _Entry, people: People) -> SampleDocument:
    patient, provider = people.patients[entry.patient], people.providers[entry.author]
    scheme = _VAULT_ID_SCHEME if entry.source == VAULT else people.hospitals[entry.source].id_scheme
    declaration = declaration_of(
        Id("LOCAL", "1.0", entry.id, scheme),
        entry.type,
        people.author(provider, entry.department),
        entry.date,
        entry.time,
    )
    if entry.pdf == "only":
        content = _pdf(entry)
    else:
        transactions = _transactions(entry, declaration)
        content = messages.write_message(f"{provider.nihii}.{entry.id}", declaration, patient, transactions)
    return SampleDocument(source=entry.source, patient=patient, declaration=declaration, content=content)


def _transactions(entry: _Entry, declaration: Declaration) -> list[str]:
    """The transaction, or the head of a medication scheme and its elements."""
    version = 1 if entry.type in SET_TYPES else None
    head = messages.write_transaction(declaration, _content(entry), version=version)
    elements = [
        messages.write_transaction(
            _element(declaration, "medicationschemeelement", position),
            messages.write_item(1, medicine, entry.language),
        )
        for position, medicine in enumerate(entry.medicines, start=2)
    ]
    if entry.suspended:
        elements.append(_suspension(entry, declaration, position=len(elements) + 2, of=entry.suspended + 1))
    return [head, *elements]


def _content(entry: _Entry) -> str:
    language = entry.language
    return "".join(
        (
            *(messages.write_text(paragraph, language) for paragraph in entry.text.split("\n\n") if paragraph),
            *(messages.write_item(number, item, language) for number, item in enumerate(entry.items, start=1)),
            messages.write_lab_results(entry.lab, entry.date, language) if entry.lab else "",
            messages.write_attachment(_pdf(entry), "application/pdf") if entry.pdf else "",
            messages.write_link(entry.link) if entry.link else "",
        )
    )


def _element(head: Declaration, transaction_type: str, position: int) -> Declaration:
    document_id = head.ids[-1]._replace(value=f"{head.ids[-1].value}-{position}")
    return declaration_of(document_id, transaction_type, head.author, head.date, head.time, position=position)


def _suspension(entry: _Entry, head: Declaration, *, position: int, of: int) -> str:
    medicine = entry.medicines[of - 2]
    pause = Item(cd="medication", product=medicine.product, since=entry.date, lifecycle="suspended")
    return messages.write_transaction(
        _element(head, "treatmentsuspension", position),
        messages.write_item(1, pause, entry.language)
        + messages.write_relation("isplannedfor", f"//transaction[id[@S='ID-KMEHR']='{of}']"),
    )


def _pdf(entry: _Entry) -> bytes:
    return write_pdf(entry.title, entry.text.split("\n\n"), footer=f"{entry.id} - {_FOOTER[entry.language]}")
