"""The other systems that can be reached. Only `hub.__main__` knows them, and hands them down."""

from collections.abc import Mapping
from typing import Protocol

from hub.domain.parties import HcParty
from hub.ports.documents import DocumentSource, DocumentVault
from hub.ports.national import NationalConsents, NationalExclusions, NationalLinks
from hub.ports.providers import ProviderDirectory
from hub.ports.runtime import Clock


class HeldDocuments(DocumentVault, DocumentSource, Protocol):
    """The vault: where documents are put, and a source of them."""


class ConnectorSettings(Protocol):
    """The settings classes of other systems."""

    @property
    def kinds(self) -> Mapping[str, type]:
        """The settings class of each kind of source."""
        ...

    @property
    def directories(self) -> Mapping[str, type]:
        """The settings class of each kind of directory of care providers."""
        ...

    @property
    def national_service(self) -> type:
        """The settings class of a national register."""
        ...


class Connectors(ConnectorSettings, Protocol):
    """Builds sources, directories, the vault and the ways to national registers from their settings."""

    def source(self, name: str, settings: object, *, hub: HcParty, clock: Clock) -> DocumentSource:
        """A source; it talks to nobody yet. Raises ValueError or OSError when its settings cannot be used."""
        ...

    def directory(self, settings: object) -> ProviderDirectory:
        """A directory; it talks to nobody yet. Raises ValueError or OSError when its settings cannot be used."""
        ...

    def vault(self, url: str, *, keys: Mapping[str, bytes], key_id: str) -> HeldDocuments:
        """The vault. Raises ValueError or OSError when it cannot be used."""
        ...

    def national_consents(self, settings: object, *, clock: Clock) -> NationalConsents:
        """The national register of consents; it is not asked yet. Raises ValueError or OSError as `source` does."""
        ...

    def national_links(self, settings: object, *, clock: Clock) -> NationalLinks:
        """The same for therapeutic links."""
        ...

    def national_exclusions(self, settings: object, *, clock: Clock) -> NationalExclusions:
        """The same for exclusions."""
        ...
