"""The other systems that a configuration can name, sources and directories by their kinds: how each is built.

A new kind is a folder beside this file and an entry here.
"""

from collections.abc import Mapping

from connectors.hospital_rest.settings import HospitalRestSettings
from connectors.hospital_rest.source import HospitalRestSource
from connectors.hospital_soap.settings import HospitalSoapSettings
from connectors.hospital_soap.source import HospitalSoapSource
from connectors.national.answers import read_consent, read_exclusions, read_links
from connectors.national.service import JsonNationalService
from connectors.national.settings import NationalServiceSettings
from connectors.provider_directory.directory import HttpProviderDirectory
from connectors.provider_directory.settings import HttpProviderDirectorySettings
from connectors.vault.storage import storage_at
from connectors.vault.vault import Vault
from hub.domain.parties import HcParty
from hub.ports.documents import DocumentSource
from hub.ports.national import NationalConsents, NationalExclusions, NationalLinks
from hub.ports.providers import ProviderDirectory
from hub.ports.runtime import Clock

kinds: Mapping[str, type[HospitalSoapSettings | HospitalRestSettings]] = {
    "hospital_soap": HospitalSoapSettings,
    "hospital_rest": HospitalRestSettings,
}
"""The settings class of each kind of source."""

directories: Mapping[str, type[HttpProviderDirectorySettings]] = {"http": HttpProviderDirectorySettings}
"""The settings class of each kind of directory of care providers."""

national_service = NationalServiceSettings
"""The settings class of a national register."""


def source(name: str, settings: object, *, hub: HcParty, clock: Clock) -> DocumentSource:
    """A source from its settings; it talks to nobody yet.

    Raises OSError when a file that the settings name cannot be used, ValueError for settings of no known kind.
    """
    match settings:
        case HospitalSoapSettings():
            return HospitalSoapSource(name=name, settings=settings, hub=hub, clock=clock)
        case HospitalRestSettings():
            return HospitalRestSource(name=name, settings=settings)
        case _:
            raise ValueError(f"no kind of source has settings of the class {type(settings).__name__}")


def directory(settings: object) -> ProviderDirectory:
    """A directory of care providers from its settings; it talks to nobody yet. Raises what `source` raises."""
    match settings:
        case HttpProviderDirectorySettings():
            return HttpProviderDirectory(settings=settings)
        case _:
            raise ValueError(f"no kind of directory has settings of the class {type(settings).__name__}")


def vault(url: str, *, keys: Mapping[str, bytes], key_id: str) -> Vault:
    """The vault. Raises ValueError for a URL or keys that will not do, OSError when a folder cannot be made."""
    return Vault(storage=storage_at(url), keys=keys, key_id=key_id)


def national_consents(settings: object, *, clock: Clock) -> NationalConsents:
    """The register of consents; it is not asked yet. Raises OSError and ValueError as `source` does."""
    return JsonNationalService(name="national-consents", settings=_national(settings), read=read_consent, clock=clock)


def national_links(settings: object, *, clock: Clock) -> NationalLinks:
    """The register of therapeutic links; see `national_consents`."""
    return JsonNationalService(name="national-links", settings=_national(settings), read=read_links, clock=clock)


def national_exclusions(settings: object, *, clock: Clock) -> NationalExclusions:
    """The register of exclusions; see `national_consents`."""
    return JsonNationalService(
        name="national-exclusions", settings=_national(settings), read=read_exclusions, clock=clock
    )


def _national(settings: object) -> NationalServiceSettings:
    if not isinstance(settings, NationalServiceSettings):
        raise ValueError(f"no national register has settings of the class {type(settings).__name__}")  # noqa: TRY004 - as `source`
    return settings
