"""`sandbox.json`: where everything in a running sandbox is (design, part 8: tools outside the repository read it)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from hub.domain.identity import HUB
from hub.sandbox.credentials import CredentialFiles
from hub.sandbox.people import SANDBOX_HUB, People
from hub.sandbox.signatories import Signatory

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
class SealingDescription:
    """What the hub's sealed folders take: `etk` is the certificate to seal for the hub, in its depot.

    `callers` is what each caller opens with, by key; his certificate is in the depot too.
    """

    etk: Path
    callers: Mapping[str, CredentialFiles]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """The addresses of a sandbox. Parts that do not exist have no key in the file.

    `authority` is the certificate that all others lead to; `sealing` is None where there are no sealed folders.
    """

    intrahub: str
    intrahub_plain: str
    rest: str
    sts: str
    national: str
    metrics: str
    redis: str
    authority: Path
    credentials: Mapping[str, CredentialFiles]
    sealing: SealingDescription | None
    sources: tuple[SourceDescription, ...]

    @property
    def folder(self) -> Path:
        """The folder of the sandbox."""
        return self.authority.parents[1]

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read the file of a running sandbox. Raises OSError, and ValueError for a file that is something else."""
        try:
            written = file.read_text("utf-8")
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{file} is only there while a sandbox runs") from error
        try:
            values = json.loads(written)
            return cls(
                intrahub=values["intrahub"],
                intrahub_plain=values["intrahub_plain"],
                rest=values["rest"],
                sts=values["sts"],
                national=values["national"],
                metrics=values["metrics"],
                redis=values["redis"],
                authority=Path(values["authority"]),
                credentials=_read_files(values["credentials"], "key", "cert"),
                sealing=_read_sealing(values),
                sources=tuple(SourceDescription(**source) for source in values["sources"]),
            )
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{file}: no description of a sandbox") from error

    def to_json(self, people: People, *, with_patients: bool) -> str:
        """The file as text, with the people who can call and those who can be asked for."""
        values: dict[str, Any] = {
            "intrahub": self.intrahub,
            "intrahub_plain": self.intrahub_plain,
            "wsdl": f"{self.intrahub}?wsdl",
            "wsdl_plain": f"{self.intrahub_plain}?wsdl",
            "rest": self.rest,
            "sts": self.sts,
            "national": self.national,
            "redis": self.redis,
            "metrics": self.metrics,
            "hub_id": SANDBOX_HUB.number,
            "authority": str(self.authority),
            **({"etk": str(self.sealing.etk)} if self.sealing else {}),
            "credentials": {key: self._credential(people.signatories[key]) for key in self.credentials},
            "patients": _patients(people) if with_patients else [],
            "sources": [asdict(source) for source in self.sources],
        }
        return json.dumps(values, ensure_ascii=False, indent=2) + "\n"

    def _credential(self, signatory: Signatory) -> Mapping[str, str]:
        """Who may call, what he signs and opens with; what he does not have is left out."""
        files = self.credentials[signatory.key]
        values = {"key": str(files.key), "cert": str(files.certificate)}
        if self.sealing is not None:
            encryption = self.sealing.callers[signatory.key]
            values |= {"encryption_key": str(encryption.key), "encryption_cert": str(encryption.certificate)}
        number = "ehp" if signatory.quality == HUB else "nihii"
        values |= {
            "quality": signatory.quality,
            "inss": signatory.inss,
            number: signatory.number,
            "name": signatory.name,
        }
        return {name: value for name, value in values.items() if value}


def _read_sealing(values: Mapping[str, Any]) -> SealingDescription | None:
    if "etk" not in values:
        return None
    callers = _read_files(values["credentials"], "encryption_key", "encryption_cert")
    return SealingDescription(etk=Path(values["etk"]), callers=callers)


def _read_files(
    credentials: Mapping[str, Mapping[str, str]], key: str, certificate: str
) -> Mapping[str, CredentialFiles]:
    return {name: CredentialFiles(Path(one[key]), Path(one[certificate])) for name, one in credentials.items()}


def _patients(people: People) -> list[Mapping[str, str]]:
    return [
        {"inss": patient.ssin.digits, "name": patient.name, "what": patient.what}
        for patient in people.patients.values()
    ]
