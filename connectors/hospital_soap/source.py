"""A hospital's own hub services server as a source of documents (hub services v3, GetTransaction and its set)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors.hospital_soap.settings import HospitalSoapSettings
from connectors.transport import XML_TYPES, Answer, Transport
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.parties import HcParty
from hub.domain.search import PublicationWish
from hub.ports.certificates import CertificateFiles
from hub.ports.documents import DocumentRequest, OpenDocument, Shape
from hub.ports.runtime import Clock
from hub.wire.hubservices import calls

_LONGEST_ACKNOWLEDGE = 256 * 1024


class HospitalSoapSource:
    """A `DocumentSource` that asks as the hub does: with the hub first in the author chain, then who asked the hub."""

    def __init__(self, *, name: str, settings: HospitalSoapSettings, hub: HcParty, clock: Clock) -> None:
        self.name = name
        self._settings = settings
        self._hub = hub
        self._clock = clock
        self._transport = Transport(source=name, settings=settings)

    @asynccontextmanager
    async def open(self, request: DocumentRequest) -> AsyncIterator[OpenDocument]:
        """See `DocumentSource.open`."""
        reference = request.reference
        call = calls.get_transaction(
            self._hub,
            self._clock.now(),
            request.context,
            request.patient,
            calls.publishers_id(reference.declaration),
            is_set=bool(reference.version),
        )
        async with self._transport.exchange(
            "POST",
            self._settings.url,
            deadline=request.context.deadline,
            headers=self._headers(call),
            body=call.envelope,
            may_fault=True,
        ) as answer:
            self._check(answer)
            yield OpenDocument(Shape.HUB_ANSWER, answer.size, answer.chunks())

    async def request_publication(self, wish: PublicationWish, context: RequestContext) -> None:
        """See `DocumentSource.request_publication`."""
        if not self._settings.takes_publication_requests:
            raise HubError(Reason.SOURCE_CANNOT_BE_ASKED, source=self.name)
        call = calls.request_publication(self._hub, self._clock.now(), context, wish)
        async with self._transport.exchange(
            "POST",
            self._settings.url,
            deadline=context.deadline,
            headers=self._headers(call),
            body=call.envelope,
            is_repeatable=False,
            may_fault=True,
        ) as answer:
            self._check(answer)
            body = bytearray()
            async for chunk in answer.chunks():
                body += chunk
                if len(body) > _LONGEST_ACKNOWLEDGE:
                    raise HubError(Reason.SOURCE_TOO_LARGE, source=self.name, limit=str(_LONGEST_ACKNOWLEDGE))
        calls.read_publication_answer(bytes(body))

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

    def _headers(self, call: calls.Call) -> dict[str, str]:
        return {
            "Content-Type": "text/xml; charset=utf-8",
            "Accept": "text/xml",
            "SOAPAction": f'"{self._settings.action_prefix}{call.operation.name}"',
        }

    def _check(self, answer: Answer) -> None:
        """A fault comes with status 500 and leaves as what it is: an answer that is no document."""
        if answer.status not in (200, 500):
            raise HubError(Reason.SOURCE_ANSWER, source=self.name, problem=f"HTTP status {answer.status}")
        if answer.media_type not in XML_TYPES:
            raise HubError(Reason.SOURCE_ANSWER, source=self.name, problem="a media type other than XML")
