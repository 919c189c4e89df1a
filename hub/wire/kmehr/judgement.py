"""What is found out about a document: its kind, and everything that is wrong with it."""

from dataclasses import dataclass
from enum import StrEnum

from hub.domain.findings import Finding
from hub.wire.kmehr import rule_texts as texts


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
