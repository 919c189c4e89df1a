"""What a validator found in a document: one finding per thing that is wrong or odd."""

from dataclasses import dataclass
from enum import StrEnum

from hub.domain.texts import Text


class Severity(StrEnum):
    """An error refuses the document, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a validator saw.

    `rule` is a stable id such as `kmehr.patient-number`; `where` is the path of the element in the message;
    `seen` is the value that was there, cut to a readable length; `wanted` says what to write instead.
    """

    severity: Severity
    rule: str
    where: str
    seen: str
    wanted: Text

    @property
    def refuses(self) -> bool:
        """Whether this finding alone refuses the document."""
        return self.severity is Severity.ERROR

    @property
    def is_of_schema(self) -> bool:
        """Whether the schema says it, rather than a rule beyond it."""
        return self.rule.startswith("xsd.")
