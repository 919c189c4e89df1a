"""A hospital that gives documents by number over HTTPS, as a source."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from connectors.hospital_rest.settings import HospitalRestSettings
from connectors.transport import XML_TYPES, Answer, Transport
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.parties import Id
from hub.domain.search import PublicationWish
from hub.ports.certificates import CertificateFiles
from hub.ports.documents import DocumentRequest, OpenDocument, Shape
from hub.wire.hubservices.calls import publishers_id


class HospitalRestSource:
    """A `DocumentSource` whose Content-Type decides what the document is: XML or PDF."""

    def __init__(self, *, name: str, settings: HospitalRestSettings) -> None:
        self.name = name
        self._settings = settings
        self._transport = Transport(source=name, settings=settings)
        self._headers = {"Accept": "application/xml, application/pdf"}
        if settings.token_file is not None:
            self._headers["Authorization"] = f"Bearer {settings.token_file.read_text().strip()}"

    @asynccontextmanager
    async def open(self, request: DocumentRequest) -> AsyncIterator[OpenDocument]:
        """See `DocumentSource.open`.

        A document whose identifier holds the patient's number is not asked for: no such number stands in a URL
        (source-answer).
        """
        headers = dict(self._headers)
        if self._settings.patient_header:
            headers[self._settings.patient_header] = request.patient.digits
        document = publishers_id(request.reference.declaration)
        if request.patient.digits in document.value:
            problem = "its identifier holds the patient's number, which may not stand in a URL"
            raise HubError(Reason.SOURCE_ANSWER, source=self.name, problem=problem)
        url = self._url(document)
        async with self._transport.exchange("GET", url, deadline=request.context.deadline, headers=headers) as answer:
            yield OpenDocument(self._shape(answer), answer.size, answer.chunks())

    async def request_publication(self, wish: PublicationWish, context: RequestContext) -> None:  # noqa: ARG002  # as the port says
        """There is no channel for it: always source-cannot-be-asked."""
        raise HubError(Reason.SOURCE_CANNOT_BE_ASKED, source=self.name)

    @property
    def certificates(self) -> CertificateFiles | None:
        """See `DocumentSource.certificates`."""
        return self._transport

    def is_available(self) -> bool:
        """See `DocumentSource.is_available`."""
        return self._transport.is_available

    async def close(self) -> None:
        """See `DocumentSource.close`."""
        await self._transport.close()

    def _url(self, document: Id) -> str:
        places = {"id": document.value, "scheme": document.scheme, "local_scheme": document.local_scheme or ""}
        return self._settings.url.format(**{name: quote(value.strip(), safe="") for name, value in places.items()})

    def _shape(self, answer: Answer) -> Shape:
        if answer.status in (404, 410):
            raise HubError(Reason.SOURCE_LACKS_DOCUMENT, source=self.name)
        if answer.status != 200:
            raise HubError(Reason.SOURCE_ANSWER, source=self.name, problem=f"HTTP status {answer.status}")
        if answer.media_type == "application/pdf":
            return Shape.PDF
        if answer.media_type in XML_TYPES:
            return Shape.KMEHR_MESSAGE
        raise HubError(Reason.SOURCE_ANSWER, source=self.name, problem="a media type other than XML and PDF")
