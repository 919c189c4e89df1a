"""`sandbox.json`: where everything in a running sandbox is (design, part 8: tools outside the repository read it)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from hub.sandbox.people import SANDBOX_HUB, People

DESCRIPTION_FILE = "sandbox.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDescription:
    """A hospital: `nihii` is its number, `documents` the folder that its server reads at every request."""

    name: str
    kind: str
    nihii: str
    url: str
    documents: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """The addresses of a sandbox. Parts that do not exist yet have no key in the file."""

    intrahub_plain: str
    metrics: str
    redis: str
    sources: tuple[SourceDescription, ...]

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read the file of a running sandbox. Raises OSError, and ValueError for a file that is something else."""
        try:
            values = json.loads(file.read_text("utf-8"))
            return cls(
                intrahub_plain=values["intrahub_plain"],
                metrics=values["metrics"],
                redis=values["redis"],
                sources=tuple(SourceDescription(**source) for source in values["sources"]),
            )
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{file}: no description of a sandbox") from error

    def to_json(self, people: People, *, with_patients: bool) -> str:
        """The file as text, with the people who can call and those who can be asked for."""
        values: dict[str, Any] = {
            "intrahub_plain": self.intrahub_plain,
            "wsdl_plain": f"{self.intrahub_plain}?wsdl",
            "redis": self.redis,
            "metrics": self.metrics,
            "hub_id": SANDBOX_HUB.number,
            "credentials": _credentials(people),
            "patients": _patients(people) if with_patients else [],
            "sources": [asdict(source) for source in self.sources],
        }
        return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def _credentials(people: People) -> Mapping[str, Mapping[str, str]]:
    """Who may call: keys and certificates come with the signed listener."""
    providers = {
        key: {"quality": provider.quality, "inss": provider.inss, "nihii": provider.nihii, "name": provider.name}
        for key, provider in people.providers.items()
    }
    hospitals = {
        key: {"quality": "hospital", "nihii": hospital.number, "name": hospital.name}
        for key, hospital in people.hospitals.items()
    }
    return providers | hospitals


def _patients(people: People) -> list[Mapping[str, str]]:
    return [
        {"inss": patient.ssin.digits, "name": patient.name, "what": patient.what}
        for patient in people.patients.values()
    ]
