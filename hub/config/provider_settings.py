"""`[providers]`: the registration of care providers (docs/providers.md)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hub.config.about import about
from hub.domain.providers import GuarantorPolicy
from hub.domain.texts import Language

_KEY = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuarantorSettings:
    """A league, federation or association that the hub recognises: it vouches for care providers of its professions."""

    name: str = field(metadata=about("Its name"))
    professions: tuple[str, ...] = field(metadata=about("Professions (CD-HCPARTY) that it vouches for"))
    address: str = field(default="", metadata=about("Mail address that reminders are addressed to"))
    language: Language = field(default="fr", metadata=about("Language of its reminders"))

    def __post_init__(self) -> None:
        if not self.professions:
            raise ValueError("professions: at least one is wanted")
        if self.address and not _ADDRESS.fullmatch(self.address):
            raise ValueError(f"address: a mail address is wanted, seen: {self.address!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectorySettings:
    """The directory of care providers that registrations are validated by. Without this table the staff does it."""

    kind: str = field(metadata=about("Kind of directory; it decides which other keys there are"))
    connector: object = field(metadata=about("The settings of this kind"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """Who vouches for care providers, and how long their standing is remembered (docs/providers.md)."""

    remembered_seconds: float = field(
        default=30.0,
        metadata=about(
            "Seconds that a worker remembers that a care provider is registered and has consented; a suspension or a "
            "revocation counts everywhere after as long",
            least=0,
            most=3600,
            inferred=True,
        ),
    )
    without_guarantor: tuple[str, ...] = field(
        default=("persnurse",),
        metadata=about(
            "Professions (CD-HCPARTY) that need no guarantor when they are self-employed; organisations never need one"
        ),
    )
    reminder_folder: Path = field(
        default=Path("reminders"),
        metadata=about("Where `hub providers remind` writes a message for each guarantor with registrations to decide"),
    )
    guarantors: Mapping[str, GuarantorSettings] = field(
        default_factory=dict, metadata=about("Who is recognised as a guarantor, by any name")
    )
    directory: DirectorySettings | None = field(default=None, metadata=about(""))

    def __post_init__(self) -> None:
        for key in self.guarantors:  # numbers are those of organisations, and files are named by keys
            if not _KEY.fullmatch(key):
                raise ValueError(f"guarantors: a letter, then letters, digits, - and _ are wanted, seen: {key}")

    @property
    def policy(self) -> GuarantorPolicy:
        """The same, as the rules take it."""
        return GuarantorPolicy(
            guarantors={key: frozenset(guarantor.professions) for key, guarantor in self.guarantors.items()},
            without=frozenset(self.without_guarantor),
        )
