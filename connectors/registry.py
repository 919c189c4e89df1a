"""The kinds of source that a configuration can name: their settings and how each is built.

A new kind is a folder beside this file and an entry here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.hospital_rest.settings import HospitalRestSettings
from connectors.hospital_rest.source import HospitalRestSource
from connectors.hospital_soap.settings import HospitalSoapSettings
from connectors.hospital_soap.source import HospitalSoapSource
from connectors.vault.storage import storage_at
from connectors.vault.vault import Vault
from hub.domain.parties import HcParty
from hub.ports.documents import DocumentSource
from hub.ports.runtime import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a source may need of the hub it belongs to."""

    hub: HcParty
    clock: Clock


SETTINGS: Mapping[str, type[HospitalSoapSettings | HospitalRestSettings]] = {
    "hospital_soap": HospitalSoapSettings,
    "hospital_rest": HospitalRestSettings,
}
"""The settings class of each kind."""


def build_source(name: str, settings: object, surroundings: Surroundings) -> DocumentSource:
    """A source from its settings.

    It talks to nobody yet. Raises OSError when a file that the settings name cannot be used, TypeError for settings
    of no known kind.
    """
    match settings:
        case HospitalSoapSettings():
            return HospitalSoapSource(name=name, settings=settings, hub=surroundings.hub, clock=surroundings.clock)
        case HospitalRestSettings():
            return HospitalRestSource(name=name, settings=settings)
        case _:
            raise TypeError(f"no kind of source has settings of the class {type(settings).__name__}")


def build_vault(url: str, *, keys: Mapping[str, bytes], key_id: str) -> Vault:
    """The vault. Raises ValueError for a URL or keys that will not do, OSError when a folder cannot be made."""
    return Vault(storage=storage_at(url), keys=keys, key_id=key_id)
