"""Writing KMEHR messages of one patient (KMEHR 1.43): header, folder, transactions and the content we need."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from hub.domain.declarations import Declaration
from hub.sandbox.people import SANDBOX_HUB, Language, SamplePatient
from hub.wire.kmehr.parties import write_author, write_code, write_hcparty, write_id
from hub.wire.namespaces import KMEHR
from hub.wire.xml import escape, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One fact of a document.

    `since` is a year, a month or a day; `code` is scheme, version and value; `product` is a package number and a name;
    `doses` tells how much at which part of the day.
    """

    cd: str
    text: str | None = None
    since: str | None = None
    until: str | None = None
    lifecycle: str | None = None
    code: Sequence[str] = ()
    product: Sequence[str] = ()
    doses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabResult:
    """One measured value with the range it should be in."""

    name: str
    value: str
    unit: str
    lowest: str
    highest: str


def write_message(message_id: str, first: Declaration, patient: SamplePatient, transactions: Sequence[str]) -> bytes:
    """A message to the hub; sender, date and time are those of its first transaction."""
    text = (
        f'<kmehrmessage xmlns="{KMEHR}"><header>'
        '<standard><cd S="CD-STANDARD" SV="1.43">20231110</cd></standard>'
        f'<id S="ID-KMEHR" SV="1.0">{escape(message_id)}</id><date>{first.date}</date><time>{first.time}</time>'
        f"<sender>{write_author(first.author, '')}</sender>"
        f"<recipient>{write_hcparty(SANDBOX_HUB.party, '')}</recipient></header>"
        f'<folder><id S="ID-KMEHR" SV="1.0">1</id><patient>{patient.content()}</patient>'
        f"{''.join(transactions)}</folder></kmehrmessage>"
    )
    root = parse(text.encode())
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def write_transaction(declaration: Declaration, content: str, *, version: int | None = None) -> str:
    """A transaction with what was, or will be, declared of it."""
    return "".join(
        (
            "<transaction>",
            *(write_id(id_, "") for id_ in declaration.ids),
            *(write_code(cd, "") for cd in declaration.cds),
            f"<date>{declaration.date}</date><time>{declaration.time}</time>",
            f"<author>{write_author(declaration.author, '')}</author>",
            f"<iscomplete>{str(declaration.iscomplete).lower()}</iscomplete>",
            f"<isvalidated>{str(declaration.isvalidated).lower()}</isvalidated>",
            content,
            f"<recorddatetime>{declaration.recorddatetime}</recorddatetime>",
            "" if version is None else f"<version>{version}</version>",
            "</transaction>",
        )
    )


def write_text(text: str, language: Language) -> str:
    """A text in one language."""
    return f'<text L="{language}">{escape(text)}</text>'


def write_attachment(content: bytes, media_type: str) -> str:
    """A file inside the message."""
    encoded = base64.b64encode(content).decode()
    return f'<lnk TYPE="multimedia" MEDIATYPE="{media_type}" SIZE="{len(content)}">{encoded}</lnk>'


def write_link(url: str) -> str:
    """A file or application that stays where it is."""
    return f'<lnk TYPE="multimedia" URL="{escape(url)}"/>'


def write_relation(relation: str, target: str) -> str:
    """A relation (CD-LNK) to another transaction."""
    return f'<lnk TYPE="{relation}" URL="{escape(target)}"/>'


def write_lab_results(results: Sequence[LabResult], date: str, language: Language) -> str:
    """A heading with one item for each measured value."""
    items = "".join(_write_lab_result(number, result, date, language) for number, result in enumerate(results, 1))
    return f'<heading><id S="ID-KMEHR" SV="1.0">1</id><cd S="CD-HEADING" SV="1.2">technical</cd>{items}</heading>'


def _write_lab_result(number: int, result: LabResult, date: str, language: Language) -> str:
    return (
        f'<item><id S="ID-KMEHR" SV="1.0">{number}</id><cd S="CD-ITEM" SV="1.11">lab</cd>'
        f"<content>{write_text(result.name, language)}</content><content><decimal>{result.value}</decimal>"
        f'<unit><cd S="CD-UNIT" SV="1.7">{escape(result.unit)}</cd></unit>'
        f"<minref><decimal>{result.lowest}</decimal></minref><maxref><decimal>{result.highest}</decimal></maxref>"
        f"</content><beginmoment><date>{date}</date></beginmoment></item>"
    )


def write_item(number: int, item: Item, language: Language) -> str:
    """An item, its parts in the order of the schema."""
    code = product = ""
    if item.code:
        scheme, version, value = item.code
        code = f'<content><cd S="{scheme}" SV="{version}">{escape(value)}</cd></content>'
    if item.product:
        cnk, name = item.product
        product = (
            f'<content><medicinalproduct><intendedcd S="CD-DRUG-CNK" SV="2.0">{cnk}</intendedcd>'
            f"<intendedname>{escape(name)}</intendedname></medicinalproduct></content>"
        )
    text = f"<content>{write_text(item.text, language)}</content>" if item.text and not item.product else ""
    return "".join(
        (
            f'<item><id S="ID-KMEHR" SV="1.0">{number}</id><cd S="CD-ITEM" SV="1.11">{item.cd}</cd>',
            code + product + text,
            _write_moment("beginmoment", item.since),
            _write_moment("endmoment", item.until),
            f'<lifecycle><cd S="CD-LIFECYCLE" SV="1.9">{item.lifecycle}</cd></lifecycle>' if item.lifecycle else "",
            _write_regimen(item.doses),
            f'<instructionforpatient L="{language}">{escape(item.text)}</instructionforpatient>'
            if item.text and item.product
            else "",
            "</item>",
        )
    )


def _write_moment(name: str, moment: str | None) -> str:
    if moment is None:
        return ""
    kind = {4: "year", 7: "yearmonth"}.get(len(moment), "date")
    return f"<{name}><{kind}>{moment}</{kind}></{name}>"


def _write_regimen(doses: Mapping[str, str]) -> str:
    unit = '<unit><cd S="CD-ADMINISTRATIONUNIT" SV="1.2">00005</cd></unit>'
    takes = "".join(
        f'<daytime><dayperiod><cd S="CD-DAYPERIOD" SV="1.1">{period}</cd></dayperiod></daytime>'
        f"<quantity><decimal>{quantity}</decimal>{unit}</quantity>"
        for period, quantity in doses.items()
    )
    return f"<regimen>{takes}</regimen>" if takes else ""
