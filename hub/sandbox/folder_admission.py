"""Before a document of a folder is shared: its patient consents, and who is to read it takes part and has a link."""

from hub.config.access_settings import AccessSettings
from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, HcParty
from hub.sandbox.callers import Callers
from hub.sandbox.client import HubClient
from hub.sandbox.demo_admission import LINK
from hub.sandbox.office import Office

_READER = "gp_fr"


class FolderAdmission:
    """Does so for one document after the other; what was said before is not said again."""

    def __init__(self, callers: Callers, office: Office) -> None:
        self._callers, self._office = callers, office
        roles = AccessSettings().policy().roles
        self._professions = {code for role in roles for code in role.codes}
        self._taking_part: dict[str, bool] = {}
        self._consented: set[Ssin] = set()
        self._linked: set[tuple[Ssin, str]] = set()

    async def reader(self, author: Author, patient: Ssin) -> HubClient:
        """Who fetches a document of a patient back: its author, or a GP of ours for an author who may see nothing.

        Raises NotAccepted when the hub refuses the consent or the link.
        """
        gp = self._callers.caller(_READER)
        if patient not in self._consented:
            (await gp.consent(patient)).accepted()
            self._consented.add(patient)
        is_reading = bool(author) and await self._takes_part(author[-1])
        reader = (self._callers.caller_for(author) if is_reading else gp).in_clear()
        if (patient, reader.number.value) not in self._linked:
            (await reader.link(patient, reader.number, LINK)).accepted()
            self._linked.add((patient, reader.number.value))
        return reader

    async def _takes_part(self, person: HcParty) -> bool:
        """Enrol a person of a profession that may look, whose number the hub takes."""
        if person.profession not in self._professions or not person.number:
            return False
        if person.number not in self._taking_part:
            self._taking_part[person.number] = await self._enrol(person)
        return self._taking_part[person.number]

    async def _enrol(self, person: HcParty) -> bool:
        try:
            await self._office.apply(person.number, person.profession)
            await self._office.approve(person.number)
        except HubError:
            return False
        return (await self._callers.caller_for((person,)).take_part()).complete
