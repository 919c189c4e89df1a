"""Is this message valid? The schema decides first, then the rules beyond it (design part 3; style guide, part 4.5)."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Self

from lxml import etree

from hub.domain.findings import Finding
from hub.domain.identifiers import Ssin
from hub.wire.kmehr.codes import code_list
from hub.wire.kmehr.limits import ValidationLimits
from hub.wire.kmehr.refusals import Refusal
from hub.wire.kmehr.rules import check_rules, more_findings
from hub.wire.kmehr.schema_verdict import refusals
from hub.wire.namespaces import KMEHR
from hub.wire.schemas import SchemaSet


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

    @property
    def schema_file(self) -> Path:
        """The schema of the hub messages, which imports that of KMEHR documents."""
        return self._schemas.hub_file

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
