"""Rules beyond the schema that a hub needs: what to look at in a KMEHR document or a hub message, and in which order.

One pass over the message; each element goes to the rules that know it. `rule_texts.py` is the catalogue.
"""

import difflib
from collections.abc import Iterator, Mapping
from datetime import datetime

from lxml import etree

from hub.domain.findings import Finding
from hub.domain.identifiers import Ssin
from hub.wire.kmehr.date_rules import not_future
from hub.wire.kmehr.examination import Examination, RulesByElement, either
from hub.wire.kmehr.limits import ValidationLimits
from hub.wire.kmehr.link_rules import LINK_RULES
from hub.wire.kmehr.paths import LONGEST_SEEN
from hub.wire.kmehr.people_rules import PEOPLE_RULES
from hub.wire.kmehr.rule_texts import (
    MORE_FINDINGS,
    SEALED,
    SEVERAL_FOLDERS,
    TRANSACTION_EMPTY,
    TRANSACTION_KIND_MISSING,
    TRANSACTION_KIND_UNKNOWN,
)
from hub.wire.namespaces import CORE, KMEHR
from hub.wire.xml import local_name, text

_CD, _DATES = either("cd"), either("date", "recorddatetime")
_CONTENT = tuple(f"{{{KMEHR}}}{name}" for name in ("heading", "item", "text", "text-with-layout", "lnk"))
_HEADS_OF_SETS = frozenset({"medicationscheme", "vaccinationscheme", "pharmaceuticalmedicationscheme"})
_SEALED = (f"{{{KMEHR}}}Base64EncryptedData", f"{{{KMEHR}}}EncryptedData")


def check_rules(
    message: etree._Element,
    *,
    now: datetime,
    limits: ValidationLimits,
    transaction_kinds: frozenset[str],
    patient: Ssin | None = None,
) -> list[Finding]:
    """Everything the rules find in a KMEHR document or hub message, in document order.

    A message that the schema refuses may be given too. A wrong number of a care party is reported once, where it
    stands first. `transaction_kinds` are the known CD-TRANSACTION values; `patient` is the person asked for.
    """
    examination = Examination(
        message=message, now=now, limits=limits, transaction_kinds=transaction_kinds, patient=patient
    )
    findings: list[Finding] = []
    for finding in _examine(examination):
        if len(findings) == limits.findings:
            findings.append(more_findings(limits))
            break
        findings.append(finding)
    return findings


def more_findings(limits: ValidationLimits) -> Finding:
    """The last line of a report that was cut."""
    return MORE_FINDINGS.finding("", "", limit=str(limits.findings))


def _examine(examination: Examination) -> Iterator[Finding]:
    for element in examination.message.iter(*_RULES):
        yield from _RULES[str(element.tag)](element, examination)


def _document(element: etree._Element, examination: Examination) -> Iterator[Finding]:
    folders = element.findall(f"{{{KMEHR}}}folder")
    if len(folders) > 1:
        yield examination.finding(SEVERAL_FOLDERS, element, f"{len(folders)} folders")
    for sealed in element.iterchildren(*_SEALED):
        yield examination.finding(SEALED, sealed, f"<{local_name(sealed)}>")


def _header(element: etree._Element, examination: Examination) -> Iterator[Finding]:
    for date in element.iterchildren(*_DATES):
        yield from not_future(date, examination)


def _transaction(element: etree._Element, examination: Examination) -> Iterator[Finding]:
    """A transaction with its content."""
    kinds = _kinds(element)
    yield from _reference(element, kinds, examination)
    if kinds.keys() & _HEADS_OF_SETS or next(element.iterchildren(*_CONTENT), None) is not None:
        return
    yield examination.finding(TRANSACTION_EMPTY, element, ", ".join(kinds))


def _core_transaction(element: etree._Element, examination: Examination) -> Iterator[Finding]:
    """A transaction in the hub's own part: the summary of one in a folder, elsewhere a filter or an identifier."""
    parent = element.getparent()
    if parent is not None and parent.tag == f"{{{CORE}}}folder":
        yield from _reference(element, _kinds(element), examination)
    else:
        yield from _known_kinds(_kinds(element), examination)


def _reference(
    element: etree._Element, kinds: Mapping[str, etree._Element], examination: Examination
) -> Iterator[Finding]:
    """What a transaction and its summary have in common."""
    if not kinds:
        yield examination.finding(TRANSACTION_KIND_MISSING, element, "")
    yield from _known_kinds(kinds, examination)
    for date in element.iterchildren(*_DATES):
        yield from not_future(date, examination)


def _known_kinds(kinds: Mapping[str, etree._Element], examination: Examination) -> Iterator[Finding]:
    known = examination.transaction_kinds
    for kind, cd in kinds.items():
        if known and kind not in known:
            near = difflib.get_close_matches(kind[:LONGEST_SEEN].lower(), known, n=1)
            yield examination.finding(TRANSACTION_KIND_UNKNOWN, cd, kind, hint=f" ({near[0]} ?)" if near else "")


def _kinds(element: etree._Element) -> dict[str, etree._Element]:
    """The kinds of document that a transaction names, each with its element."""
    named = ((text(cd), cd) for cd in element.iterchildren(*_CD) if cd.get("S") == "CD-TRANSACTION")
    return {kind: cd for kind, cd in named if kind}


_RULES: RulesByElement = {
    f"{{{KMEHR}}}kmehrmessage": _document,
    f"{{{CORE}}}kmehrmessage": _document,
    f"{{{KMEHR}}}header": _header,
    f"{{{KMEHR}}}transaction": _transaction,
    f"{{{CORE}}}transaction": _core_transaction,
    **PEOPLE_RULES,
    **LINK_RULES,
}
