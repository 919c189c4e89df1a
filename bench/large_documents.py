"""Documents of many MiB at hospitals, nearly all of each one attachment in base64.

A hospital of kind `soap` answers with an envelope around the document, one of kind `rest` gives the document alone.
What they answer stands ready in a file, so that handing it out costs a hospital nearly nothing; each has one document.
"""

import base64
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.patients import hospital_number
from hub.domain.declarations import Declaration
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id, Patient
from hub.domain.references import Change, PatientReferences, Relevance, TransactionReference
from hub.ports.reference_index import ReferenceIndex
from hub.sandbox import messages
from hub.sandbox.documents import declaration_of
from hub.sandbox.people import load_people
from hub.wire.hubservices.responses import write_acknowledge
from hub.wire.soap import answer_end, answer_start

MEBIBYTE = 1024 * 1024
KINDS = ("soap", "rest")
_MARK = b"the attachment"
_BLOCK = 3 * 65536
"""Bytes of noise that an attachment repeats; their base64 can be repeated, too."""


@dataclass(frozen=True, slots=True)
class LargeDocument:
    """A document; `name` is its number, the name of its file, and the name of its hospital at the hub."""

    kind: str
    mebibytes: int
    patient: Patient
    declaration: Declaration

    @property
    def name(self) -> str:
        """Such as `soap-20`."""
        return self.id.value

    @property
    def id(self) -> Id:
        """The publisher's identifier."""
        return self.declaration.ids[-1]

    @property
    def ssin(self) -> Ssin:
        """Whose it is."""
        return self.patient.ssin


def large_documents(sizes: Sequence[int], root: Path) -> list[LargeDocument]:
    """Documents of these sizes, in MiB, at hospitals of both kinds; their files are written into `root`."""
    return [_written(kind, size, root) for size in sizes for kind in KINDS]


async def declare(index: ReferenceIndex, document: LargeDocument) -> None:
    """Refer to a document."""

    def rule(before: PatientReferences) -> Change:
        new = TransactionReference(before.next_serial, document.declaration, document.name)
        return Change(new, added=(new,))

    await index.change(document.ssin, rule, Relevance(), register=document.patient, witness=None)


def sources(documents: Sequence[LargeDocument], address: str) -> dict[str, Mapping[str, object]]:
    """The hospitals, as the hub's configuration names them; all have their files at one address."""
    return {
        document.name: {
            "kind": f"hospital_{document.kind}",
            "custodian": hospital_number(number),
            "url": f"{address}/{document.name}" if document.kind == "soap" else f"{address}/{{id}}",
            "allow_http": True,
        }
        for number, document in enumerate(documents)
    }


def attachment_of(answer: bytes) -> bytes:
    """The base64 of the attachment in a document or an answer."""
    start = answer.index(b">", answer.index(b"<lnk")) + 1
    return answer[start : answer.index(b"<", start)]


def _written(kind: str, size: int, root: Path) -> LargeDocument:
    people = load_people()
    sample, doctor = next(iter(people.patients.values())), next(iter(people.providers.values()))
    number = Id("LOCAL", "1.0", f"{kind}-{size}", "bench")
    declaration = declaration_of(number, "contactreport", (doctor.party,), "2025-03-14", "09:30:00")
    small = messages.write_message(
        f"{doctor.nihii}.1",
        declaration,
        sample,
        [messages.write_transaction(declaration, messages.write_attachment(_MARK, "application/pdf"))],
    )
    content = small.replace(base64.b64encode(_MARK), _attachment(size))
    (root / number.value).write_bytes(_answer(content) if kind == "soap" else content)
    as_put = sample.content("k:").encode()
    patient = Patient(sample.ssin, (sample.firstname,), sample.familyname, sample.sex, sample.birthdate, "", as_put)
    return LargeDocument(kind, size, patient, declaration)


def _attachment(size: int) -> bytes:
    """So many MiB of base64."""
    block = base64.b64encode(random.Random(size).randbytes(_BLOCK))  # noqa: S311 - noise
    return block * (size * MEBIBYTE // len(block))


def _answer(document: bytes) -> bytes:
    """The answer of a hospital's hub services server."""
    message = document.partition(b"?>")[2].strip()
    operation = "GetTransactionResponse"
    return answer_start(operation) + write_acknowledge() + message + answer_end(operation)
