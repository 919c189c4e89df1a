"""What can be configured about a hospital by HTTPS."""

from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter

from connectors.http_settings import HttpSettings

_PLACES = frozenset({"scheme", "local_scheme", "id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HospitalRestSettings(HttpSettings):
    """Where a hospital gives its documents. A patient's number never stands in a URL: URLs end up in logs."""

    url: str = field(
        metadata={
            "doc": "URL of a document, with {id} and, where needed, {scheme} and {local_scheme} of the publisher's id"
        }
    )
    patient_header: str = field(
        default="", metadata={"doc": "Name of a header that carries the patient's INSS; none is sent when empty"}
    )
    token_file: Path | None = field(
        default=None, metadata={"doc": "File with a bearer token for the hospital", "secret": True}
    )

    def __post_init__(self) -> None:
        self.require_https(self.url)
        try:
            places = {name for _, name, _, _ in Formatter().parse(self.url) if name is not None}
        except ValueError as error:
            raise ValueError("url: a brace is not closed") from error
        if "id" not in places or not places <= _PLACES:
            raise ValueError("url: it needs {id} and may have {scheme} and {local_scheme}")
