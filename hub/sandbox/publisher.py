"""A hospital's publishing system: it files documents in the hospital and tells the hub about them."""

from hub.domain.declarations import Declaration
from hub.domain.identifiers import Ssin
from hub.domain.parties import Id
from hub.sandbox.client import HubClient
from hub.sandbox.documents import SampleDocument
from hub.sandbox.folder import DocumentFolder
from hub.sandbox.people import SampleHospital


class Publisher:
    """Publishes for one hospital, as whose software `client` speaks. Methods raise NotAccepted when the hub says no."""

    def __init__(self, *, hospital: SampleHospital, folder: DocumentFolder, client: HubClient) -> None:
        self.hospital = hospital
        self._folder, self._client = folder, client

    async def publish(self, document: SampleDocument) -> Id:
        """File a document and declare it, or its new version; the hub's id."""
        return await self.publish_content(document.patient.ssin, document.declaration, document.content)

    async def publish_content(self, patient: Ssin, declaration: Declaration, content: bytes) -> Id:
        """The same for content of any kind, named as the declaration says."""
        self._folder.keep(declaration.ids[-1].value, content)
        reply = await self._client.declare(patient, declaration)
        return reply.accepted().ids[0]

    async def revoke(self, patient: Ssin, transaction: Id) -> None:
        """Withdraw a document from the hub; the hospital keeps it."""
        (await self._client.revoke(patient, transaction)).accepted()
