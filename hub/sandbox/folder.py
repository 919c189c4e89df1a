"""A hospital's documents: a folder in which the name of a file is the number of a document."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_SUFFIXES = (".xml", ".pdf")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class DocumentFolder:
    """Documents by number, each in a file of its own: KMEHR as `NUMBER.xml`, a PDF as `NUMBER.pdf`.

    A file that appears is a document that can be asked for. Numbers are percent-encoded, so none leads elsewhere.
    """

    path: Path

    def find(self, number: str) -> Path | None:
        """The file of a document; None when there is no such document."""
        name = quote(number, safe="")
        if not name or len(name) > _LONGEST_NAME:
            return None
        files = (self.path / f"{name}{suffix}" for suffix in _SUFFIXES)
        return next((file for file in files if file.is_file()), None)

    def keep(self, number: str, content: bytes) -> None:
        """Put a document here, or replace it."""
        suffix = ".pdf" if content.startswith(b"%PDF-") else ".xml"
        file = self.path / f"{quote(number, safe='')}{suffix}"
        new = file.with_name(f".{file.name}.new")
        new.write_bytes(content)
        new.replace(file)
