"""The messages of the benchmarks: what a GP's software asks, and the rows of an answer."""

from collections.abc import Awaitable, Callable, Sequence

from lxml import etree

from hub.domain.declarations import Declaration
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, Code, HcParty, Id
from hub.wire.hubservices.operations import INTRAHUB_ACTION
from hub.wire.hubservices.requests import read_summary
from hub.wire.kmehr.parties import write_author, write_id
from hub.wire.namespaces import ANSWER_DECLARATIONS, KMEHR, SOAP
from hub.wire.xml import local_name, parse

Ask = Callable[[Sequence[Ssin]], Awaitable[Sequence[bytes]]]
"""Writes requests for everything of some patients, one for each."""

AFTER_PATIENT = b"</id></patient>"
"""What follows the number of the patient."""

_SOFTWARE = HcParty(
    ids=(Id("LOCAL", "1.0", "BENCH", "endusersoftwareinfo"),), cds=(Code("CD-HCPARTY", "1.1", "application"),)
)


def doctor(number: str, ssin: Ssin, firstname: str, familyname: str) -> Author:
    """A doctor and the software, as the author of a message."""
    person = HcParty(
        ids=(Id("ID-HCPARTY", "1.0", number), Id("INSS", "1.0", ssin.digits)),
        cds=(Code("CD-HCPARTY", "1.16", "persphysician"),),
        firstname=firstname,
        familyname=familyname,
    )
    return (person, _SOFTWARE)


ASKER = doctor("19990116004", Ssin("70010199762"), "Ana", "Mesure")
"""Who asks where nobody signs."""


def headers(operation: str) -> dict[str, str]:
    """The HTTP headers of a request."""
    return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{INTRAHUB_ACTION}{operation}"'}


def list_request(patient: Ssin, *, first: int | None = None, rows: int | None = None) -> bytes:
    """GetTransactionList of everything: all rows, or `rows` of them from the one with number `first` on."""
    page = "" if rows is None else f"<maxrows>{rows}</maxrows>"
    page += "" if first is None else f"<paginationinfo><index>{first}</index></paginationinfo>"
    return _enveloped(_list_message(patient, ASKER, page))


async def ask_unsigned(patients: Sequence[Ssin]) -> Sequence[bytes]:
    """The requests of somebody who signs nothing."""
    return [list_request(patient) for patient in patients]


def list_message(patient: Ssin, author: Author) -> bytes:
    """GetTransactionList of everything by somebody else, without an envelope: for who signs it."""
    return _list_message(patient, author, "").encode()


def get_request(patient: Ssin, transaction: Id) -> bytes:
    """GetTransaction of one document."""
    wanted = f"<transaction>{write_id(transaction, '')}</transaction>"
    return _enveloped(_message("GetTransaction", ASKER, "", f"<select>{_patient(patient)}{wanted}</select>"))


def with_other_digit(message: bytes, before: bytes) -> bytes:
    """A message in which the digit that stands before these bytes is another one."""
    at = message.index(before) - 1
    return b"%s%d%s" % (message[:at], (int(message[at : at + 1]) + 1) % 10, message[at + 1 :])


def rows_of(answer: bytes) -> list[Declaration]:
    """What an answer lists, whatever its envelope and its namespaces, of which some toolkits take others than ours."""
    root = parse(answer)
    for element in root.iter():
        element.tag = f"{{{KMEHR}}}{local_name(element)}"
    return [read_summary(element) for element in root.iter(f"{{{KMEHR}}}transaction")]


def message_of(answer: bytes) -> etree._ElementTree:
    """The message in an envelope, as the schema knows it."""
    return etree.ElementTree(next(iter(parse(answer).iterchildren(f"{{{SOAP}}}Body")))[0])


def _list_message(patient: Ssin, author: Author, page: str) -> str:
    return _message("GetTransactionList", author, page, f"<select>{_patient(patient)}<transaction/></select>")


def _message(operation: str, author: Author, page: str, content: str) -> str:
    return (
        f"<p:{operation}Request {ANSWER_DECLARATIONS}>"
        f'<request><id S="ID-KMEHR" SV="1.0">19990116004.1</id><author>{write_author(author)}</author>'
        f"<date>2026-03-02</date><time>10:00:00</time>{page}</request>{content}"
        f"</p:{operation}Request>"
    )


def _enveloped(message: str) -> bytes:
    """Unsigned."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<S:Envelope xmlns:S="{SOAP}"><S:Body>{message}</S:Body></S:Envelope>'
    ).encode()


def _patient(patient: Ssin) -> str:
    return f'<patient><id S="INSS" SV="1.0">{patient.digits}</id></patient>'
