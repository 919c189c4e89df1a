"""The messages of the benchmarks: what a GP's software asks, without signatures, and the rows of an answer."""

from lxml import etree

from hub.domain.identifiers import Ssin
from hub.domain.parties import Code, HcParty, Id
from hub.domain.references import Declaration
from hub.wire.hubservices.operations import INTRAHUB_ACTION
from hub.wire.hubservices.requests import read_summary
from hub.wire.kmehr.parties import write_author, write_id
from hub.wire.namespaces import ANSWER_DECLARATIONS, KMEHR, SOAP
from hub.wire.xml import local_name, parse

_ASKER = (
    HcParty(
        ids=(Id("ID-HCPARTY", "1.0", "19990116004"), Id("INSS", "1.0", "70010199762")),
        cds=(Code("CD-HCPARTY", "1.16", "persphysician"),),
        firstname="Ana",
        familyname="Mesure",
    ),
    HcParty(ids=(Id("LOCAL", "1.0", "BENCH", "endusersoftwareinfo"),), cds=(Code("CD-HCPARTY", "1.1", "application"),)),
)


def headers(operation: str) -> dict[str, str]:
    """The HTTP headers of a request."""
    return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{INTRAHUB_ACTION}{operation}"'}


def list_request(patient: Ssin, *, first: int | None = None, rows: int | None = None) -> bytes:
    """GetTransactionList of everything: all rows, or `rows` of them from the one with number `first` on."""
    page = "" if rows is None else f"<maxrows>{rows}</maxrows>"
    page += "" if first is None else f"<paginationinfo><index>{first}</index></paginationinfo>"
    return _request("GetTransactionList", page, f"<select>{_patient(patient)}<transaction/></select>")


def get_request(patient: Ssin, transaction: Id) -> bytes:
    """GetTransaction of one document."""
    wanted = f"<transaction>{write_id(transaction, '')}</transaction>"
    return _request("GetTransaction", "", f"<select>{_patient(patient)}{wanted}</select>")


def rows_of(answer: bytes) -> list[Declaration]:
    """What an answer lists, whatever its envelope and its namespaces, of which some toolkits take others than ours."""
    root = parse(answer)
    for element in root.iter():
        element.tag = f"{{{KMEHR}}}{local_name(element)}"
    return [read_summary(element) for element in root.iter(f"{{{KMEHR}}}transaction")]


def message_of(answer: bytes) -> etree._ElementTree:
    """The message in an envelope, as the schema knows it."""
    return etree.ElementTree(next(iter(parse(answer).iterchildren(f"{{{SOAP}}}Body")))[0])


def _request(operation: str, page: str, content: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<S:Envelope xmlns:S="{SOAP}"><S:Body>'
        f"<p:{operation}Request {ANSWER_DECLARATIONS}>"
        f'<request><id S="ID-KMEHR" SV="1.0">19990116004.1</id><author>{write_author(_ASKER)}</author>'
        f"<date>2026-03-02</date><time>10:00:00</time>{page}</request>{content}"
        f"</p:{operation}Request></S:Body></S:Envelope>"
    ).encode()


def _patient(patient: Ssin) -> str:
    return f'<patient><id S="INSS" SV="1.0">{patient.digits}</id></patient>'
