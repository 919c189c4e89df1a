"""What a file of references says in the forms of the hub services: registrations, authors, codes and identifiers.

What comes in bulk has not passed the schema of a message. Here it is written into an answer and the answer is checked,
so that nothing gets into the index that would spoil an answer later.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

from lxml import etree

from hub.domain.declarations import Declaration
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import Id, Patient
from hub.wire.hubservices.requests import RequestPart
from hub.wire.hubservices.responses import (
    HubIdentity,
    write_acknowledge,
    write_list,
    write_patient,
    write_response_part,
)
from hub.wire.hubservices.summaries import SummaryWriter
from hub.wire.kmehr.parties import write_author
from hub.wire.kmehr.persons import read_patient, unnamed_patient
from hub.wire.namespaces import KMEHR
from hub.wire.schemas import SchemaSet
from hub.wire.soap import answer_end, answer_start, open_envelope
from hub.wire.xml import parse

_HUB = HubIdentity("1990000728", "-", "-")
_NOW = datetime(2000, 1, 1)  # noqa: DTZ001 - stands in messages that nobody gets
_START, _END = f'<patient xmlns:k="{KMEHR}">', "</patient>"
_NOBODY = Ssin("00000000097")


class BulkForms:
    """Reads and writes registrations, and judges what references share. Implements `hub.storage.bulk.forms.Forms`."""

    def __init__(self, schema: etree.XMLSchema) -> None:
        self._schema = schema
        self._summaries = SummaryWriter(_HUB)
        author = f"<author>{write_author((_HUB.party,))}</author>"
        copy = (
            f'<request><id S="ID-KMEHR" SV="1.0">1</id>{author}<date>2000-01-01</date><time>00:00:00</time></request>'
        )
        request = RequestPart(Id("ID-KMEHR", "1.0", "1"), (_HUB.party,), None, None, None, copy.encode())
        acknowledge = write_acknowledge()
        self._response = write_response_part(_HUB, "1", _NOW, request) + acknowledge
        self._patient_answer = _message("GetPatientResponse", self._response + write_patient(unnamed_patient(_NOBODY)))
        self._list_response = write_response_part(_HUB, "1", _NOW, request, page=(1, 1)) + acknowledge

    @classmethod
    def load(cls, folder: Path) -> Self:
        """With the schemas of a folder. Raises SchemaFolderError."""
        return cls(SchemaSet.load(folder).hub_message)

    def registration(self, patient: Ssin, written: str | None) -> Patient:
        """A patient as a file registers them: a KMEHR person, or the mere number when there is none.

        Raises HubError: message-malformed, schema, patient-number for a person with another number.
        """
        if written is None:
            return unnamed_patient(patient)
        person = parse(written.encode())
        read = read_patient(person)
        if read.ssin != patient:
            raise HubError(Reason.PATIENT_NUMBER, where="id")
        as_we_write, answer = _person(read), self._patient_answer
        answered = person if written == as_we_write else parse(as_we_write.encode())
        answered.tag = answer[-1].tag
        answer.replace(answer[-1], answered)
        if problem := self._problem(answer):
            raise HubError(Reason.SCHEMA, where=problem)
        return read

    def written(self, patient: Patient) -> str | None:
        """The reverse of `registration`."""
        if patient.as_put == unnamed_patient(patient.ssin).as_put:
            return None
        return _person(patient)

    def unfit(self, declarations: Sequence[Declaration]) -> Mapping[int, str]:
        """Which of these, by position, the schema would refuse, and where in them."""
        if not declarations or not self._problem_of(declarations):
            return {}
        problems = {at: self._problem_of([declaration]) for at, declaration in enumerate(declarations)}
        return {at: problem for at, problem in problems.items() if problem}

    def _problem_of(self, declarations: Sequence[Declaration]) -> str:
        rows = self._summaries.write([(declaration, LocalId("-", "-")) for declaration in declarations])
        content = self._list_response + write_list(unnamed_patient(_NOBODY), rows)
        return self._problem(_message("GetTransactionListResponse", content))

    def _problem(self, message: etree._Element) -> str:
        """Which element the schema refuses; empty when none."""
        try:
            self._schema.assertValid(message)
        except etree.DocumentInvalid as error:
            paths = [entry.path or "" for entry in error.error_log]  # type: ignore[attr-defined]  # it is iterable
            return _last_name(paths[-1])
        return ""


def _message(answer: str, content: bytes) -> etree._Element:
    return open_envelope(parse(answer_start(answer) + content + answer_end(answer))).message


def _person(patient: Patient) -> str:
    return f"{_START}{patient.as_put.decode()}{_END}"


def _last_name(path: str) -> str:
    """The element that a path ends with, without its prefix, and without its number among those of the message."""
    return path.rpartition("/")[2].rpartition(":")[2].partition("[")[0]
