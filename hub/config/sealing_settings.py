"""`[sealing]`: folders that are sealed from sender to receiver (docs/sealing.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hub.config.about import about

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPairSettings:
    """A private key and its certificate. The files are read again when they change."""

    key_file: Path = field(metadata=about("PEM file of the private key, not encrypted", secret=True))
    certificate_file: Path = field(metadata=about("PEM file of its certificate, then those between it and the root"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingSettings:
    """Sealed folders (ETEE). Without this table sealed content is refused and answers are always in clear."""

    mode: Literal["required", "accepted", "off"] = field(
        default="accepted",
        metadata=about(
            "What is put: `required` takes sealed folders only, `accepted` those in clear as well, `off` none that is "
            "sealed"
        ),
    )
    answers: Literal["when-asked", "never"] = field(
        default="when-asked",
        metadata=about(
            "`when-asked` seals a document for the encryption actor that its caller names, and refuses an actor "
            "without a certificate in the depot; `never` gives it in clear"
        ),
    )
    signing: KeyPairSettings = field(metadata=about("What signs the answers that the hub seals"))
    decryption: Mapping[str, KeyPairSettings] = field(metadata=about("What callers seal for: RSA keys, by any name"))
    anchors_file: Path = field(
        metadata=about("PEM file with the authorities whose certificates may sign what callers seal")
    )
    depot: Literal["folder"] = field(
        default="folder", metadata=about("Kind of key depot: where callers' encryption certificates are found")
    )
    depot_folder: Path = field(
        metadata=about("Folder of that depot, with files `KIND=NUMBER.pem` and `KIND=NUMBER,APPLICATION.pem`")
    )
    signature_age: float = field(
        default=300.0, metadata=about("Seconds ago that a caller may have sealed what he puts", least=1, inferred=True)
    )
    clock_skew: float = field(
        default=300.0, metadata=about("Seconds that a caller's clock may be wrong", least=0, inferred=True)
    )
    content_limit: int = field(
        default=20 * _MEBIBYTE,
        metadata=about("Largest clear content that is opened or sealed; all of it is held in memory", least=1024),
    )
    timeout: float = field(default=10.0, metadata=about("Seconds one run of openssl may take", least=0.1))

    def __post_init__(self) -> None:
        if not self.decryption:
            raise ValueError("decryption: at least one table [sealing.decryption.NAME] is wanted")
