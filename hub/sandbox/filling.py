"""Filling a new sandbox the way a network fills: people registered, hospitals declaring, care providers putting."""

from hub.domain.references import VAULT
from hub.sandbox.callers import Callers
from hub.sandbox.documents import SampleDocument, sample_documents
from hub.wire.xml import parse


class Filling:
    """Puts the sample people and documents into a hub. Methods raise NotAccepted when the hub refuses one."""

    def __init__(self, callers: Callers) -> None:
        self._people, self._client, self._publishers = callers.people, callers.client, callers.publishers

    async def register_people(self) -> None:
        """Register every patient, provider and hospital."""
        for patient in self._people.patients.values():
            (await self._client.put_patient(patient.content("k:"))).accepted()
        providers = [provider.party for provider in self._people.providers.values()]
        hospitals = [hospital.party for hospital in self._people.hospitals.values()]
        for party in (*providers, *hospitals):
            (await self._client.put_party(party)).accepted()

    async def publish_documents(self) -> None:
        """Publish every sample document."""
        for document in sample_documents(self._people):
            await self._publish(document)

    async def _publish(self, document: SampleDocument) -> None:
        if document.source != VAULT:
            await self._publishers[document.source].publish(document)
            return
        author = self._client.speaking_as(document.declaration.author)
        (await author.put(parse(document.content), as_set=document.is_set)).accepted()
