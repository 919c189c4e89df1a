"""The kinds of sources and directories there are. Only `hub.__main__` knows them, and hands them down."""

from collections.abc import Mapping
from typing import Protocol

from hub.domain.parties import HcParty
from hub.ports.documents import DocumentSource, DocumentVault
from hub.ports.providers import ProviderDirectory
from hub.ports.runtime import Clock


class HeldDocuments(DocumentVault, DocumentSource, Protocol):
    """The vault: where documents are put, and a source of them."""


class Connectors(Protocol):
    """Builds sources, directories and the vault from their settings."""

    @property
    def kinds(self) -> Mapping[str, type]:
        """The settings class of each kind of source."""
        ...

    def source(self, name: str, settings: object, *, hub: HcParty, clock: Clock) -> DocumentSource:
        """A source; it talks to nobody yet. Raises ValueError or OSError when its settings cannot be used."""
        ...

    @property
    def directories(self) -> Mapping[str, type]:
        """The settings class of each kind of directory of care providers."""
        ...

    def directory(self, settings: object) -> ProviderDirectory:
        """A directory; it talks to nobody yet. Raises ValueError or OSError when its settings cannot be used."""
        ...

    def vault(self, url: str, *, keys: Mapping[str, bytes], key_id: str) -> HeldDocuments:
        """The vault. Raises ValueError or OSError when it cannot be used."""
        ...
