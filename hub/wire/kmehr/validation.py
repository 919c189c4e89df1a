"""Is this message valid? The schema decides first, then the rules beyond it (design part 3; style guide, part 4.5).

`KmehrValidator` is the fast path for a message that is already parsed. `DocumentJudge` takes bytes of any kind, says
what they are and everything that is wrong with them; it is what `hub validate` and the worker processes run.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Self

from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.domain.findings import Finding
from hub.domain.identifiers import Ssin
from hub.wire.kmehr import rule_texts as texts
from hub.wire.kmehr.codes import code_list
from hub.wire.kmehr.explanation import Explainer
from hub.wire.kmehr.limits import ValidationLimits
from hub.wire.kmehr.paths import cut
from hub.wire.kmehr.refusals import Refusal
from hub.wire.kmehr.rules import check_rules, more_findings
from hub.wire.kmehr.schema_verdict import refusals
from hub.wire.namespaces import CORE, KMEHR, PROTOCOL, SOAP, SOAP_12
from hub.wire.schemas import SchemaSet
from hub.wire.soap import open_envelope
from hub.wire.xml import local_name, parse


class DocumentKind(StrEnum):
    """What a file or message is, by its root element."""

    KMEHR = "kmehr"
    HUB = "hub"
    SOAP = "soap"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """Valid, refused, or not even readable as XML."""

    VALID = "valid"
    INVALID = "invalid"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a document is, and everything a validator found in it."""

    kind: DocumentKind
    findings: tuple[Finding, ...]
    is_readable: bool = True

    @property
    def verdict(self) -> Verdict:
        """Warnings alone leave a document valid."""
        if not self.is_readable:
            return Verdict.UNREADABLE
        return Verdict.INVALID if any(finding.refuses for finding in self.findings) else Verdict.VALID


def unreadable(problem: str, where: str = "") -> Judgement:
    """The judgement on what could not be read, or not be judged in time."""
    return Judgement(DocumentKind.UNKNOWN, (texts.NOT_READABLE.finding(where, "", problem=problem),), is_readable=False)


class KmehrValidator:
    """Schema and rules for parsed messages.

    One instance for each thread: libxml2's messages about a document are kept in the compiled schema until read.
    """

    def __init__(self, *, schemas: SchemaSet, transaction_kinds: frozenset[str], limits: ValidationLimits) -> None:
        self._schemas, self._transaction_kinds, self._limits = schemas, transaction_kinds, limits

    @classmethod
    def load(cls, folder: Path, limits: ValidationLimits) -> Self:
        """A validator over the schemas of a folder; raises SchemaFolderError when the folder will not do."""
        schemas, kinds = SchemaSet.load(folder), code_list(folder, "CD-TRANSACTIONvalues")
        return cls(schemas=schemas, transaction_kinds=kinds, limits=limits)

    def explainer(self) -> Explainer:
        """One that explains what this validator refuses."""
        return Explainer(self._schemas.hub_file)

    def check(self, message: etree._Element, *, now: datetime, patient: Ssin | None = None) -> tuple[Finding, ...]:
        """What is wrong with a KMEHR document or a hub message; findings of the rules only if the schema accepts it.

        Refusals by the schema are in libxml2's knowledge here: `Explainer` says more. `patient` is the person that
        was asked for, where a document is relayed.
        """
        refused = self.refusals(message)
        return self.worded(refused) if refused else self.rules(message, now=now, patient=patient)

    def refusals(self, message: etree._Element) -> list[Refusal]:
        """What the schema refuses, one more than a report holds."""
        is_document = etree.QName(message).namespace == KMEHR
        schema = self._schemas.kmehr_message if is_document else self._schemas.hub_message
        return refusals(schema, message, most=self._limits.findings + 1)

    def rules(self, message: etree._Element, *, now: datetime, patient: Ssin | None = None) -> tuple[Finding, ...]:
        """What the rules beyond the schema find."""
        kinds = self._transaction_kinds
        return tuple(check_rules(message, now=now, limits=self._limits, transaction_kinds=kinds, patient=patient))

    def worded(self, refused: Iterable[Refusal]) -> tuple[Finding, ...]:
        """Refusals as the findings of a report."""
        findings = [refusal.finding() for refusal in refused]
        if len(findings) > self._limits.findings:
            findings[self._limits.findings :] = [more_findings(self._limits)]
        return tuple(findings)


class DocumentJudge:
    """Judges documents given as bytes, at length: explained refusals by the schema, and the rules."""

    def __init__(self, *, validator: KmehrValidator, explainer: Explainer, limits: ValidationLimits) -> None:
        self._validator, self._explainer, self._limits = validator, explainer, limits

    @classmethod
    def load(cls, folder: Path, limits: ValidationLimits) -> Self:
        """A judge over the schemas of a folder; raises SchemaFolderError when the folder will not do."""
        validator = KmehrValidator.load(folder, limits)
        return cls(validator=validator, explainer=validator.explainer(), limits=limits)

    def warm_up(self) -> None:
        """Load what is loaded when first needed, so that the first refusal is explained as fast as the others."""
        self._explainer.load()

    def judge(self, data: bytes, *, now: datetime, patient: Ssin | None = None) -> Judgement:
        """Everything about one document. Raises nothing: what cannot be read is a judgement too."""
        if len(data) > self._limits.message_bytes:
            return unreadable(f"{len(data)} > {self._limits.message_bytes} bytes")
        try:
            root = parse(data)
        except HubError as error:
            return _not_xml(error)
        try:
            kind, message = _recognise(root)
        except HubError as error:
            return _not_an_envelope(error)
        if kind is DocumentKind.UNKNOWN:
            return _unknown(message)
        refused = self._validator.refusals(message)
        if refused and len(data) <= self._limits.explained_bytes:
            refused = self._explainer.refusals(message, refused, most=self._limits.findings + 1)
        findings = self._validator.worded(refused) + self._validator.rules(message, now=now, patient=patient)
        return Judgement(kind, findings)


def _recognise(root: etree._Element) -> tuple[DocumentKind, etree._Element]:
    """What a document is, and the message in it. Raises HubError for an envelope that is none."""
    if root.tag not in (f"{{{SOAP}}}Envelope", f"{{{SOAP_12}}}Envelope"):
        return _kind_of(root), root
    message = open_envelope(root).message
    return DocumentKind.SOAP if _kind_of(message) is not DocumentKind.UNKNOWN else DocumentKind.UNKNOWN, message


def _kind_of(message: etree._Element) -> DocumentKind:
    if message.tag == f"{{{KMEHR}}}kmehrmessage":
        return DocumentKind.KMEHR
    is_hub_message = etree.QName(message).namespace in (PROTOCOL, CORE)
    return DocumentKind.HUB if is_hub_message else DocumentKind.UNKNOWN


def _not_xml(error: HubError) -> Judgement:
    problem = error.details.get("problem") or f"> {error.details.get('limit', '')}"
    if error.reason is Reason.MESSAGE_TOO_LARGE:
        return unreadable(problem, error.where)
    return Judgement(
        DocumentKind.UNKNOWN, (texts.NOT_XML.finding(error.where, "", problem=problem),), is_readable=False
    )


def _not_an_envelope(error: HubError) -> Judgement:
    seen = error.details.get("found", "") or ("SOAP 1.2" if error.reason is Reason.SOAP_VERSION else "")
    return Judgement(DocumentKind.SOAP, (texts.ENVELOPE.finding(f"/{error.where}", seen),))


def _unknown(message: etree._Element) -> Judgement:
    name = etree.QName(message)
    seen = cut(f"{name.localname} ({name.namespace or '-'})")
    finding = texts.UNKNOWN_ROOT.finding(f"/{local_name(message)}", seen, kmehr=KMEHR, protocol=PROTOCOL)
    return Judgement(DocumentKind.UNKNOWN, (finding,))
