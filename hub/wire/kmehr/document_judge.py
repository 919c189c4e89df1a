"""What is this document, and what is all that is wrong with it? What `hub validate` and the worker processes run.

Loads xmlschema, which takes a quarter of a second and tens of megabytes: a server leaves that to processes of its own.
"""

from datetime import datetime
from pathlib import Path
from typing import Self

from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.wire.kmehr import rule_texts as texts
from hub.wire.kmehr.explanation import Explainer
from hub.wire.kmehr.judgement import DocumentKind, Judgement, unreadable
from hub.wire.kmehr.limits import ValidationLimits
from hub.wire.kmehr.paths import cut
from hub.wire.kmehr.validation import KmehrValidator
from hub.wire.namespaces import CORE, KMEHR, PROTOCOL, SOAP, SOAP_12
from hub.wire.soap import open_envelope
from hub.wire.xml import local_name, parse


class DocumentJudge:
    """Judges documents given as bytes, at length: explained refusals by the schema, and the rules."""

    def __init__(self, *, validator: KmehrValidator, explainer: Explainer, limits: ValidationLimits) -> None:
        self._validator, self._explainer, self._limits = validator, explainer, limits

    @classmethod
    def load(cls, folder: Path, limits: ValidationLimits) -> Self:
        """A judge over the schemas of a folder; raises SchemaFolderError when the folder will not do."""
        validator = KmehrValidator.load(folder, limits)
        return cls(validator=validator, explainer=Explainer(validator.schema_file), limits=limits)

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
