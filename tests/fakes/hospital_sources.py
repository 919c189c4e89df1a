"""Sources that talk to the fake hospital, and reading a document from one as the hub does."""

from dataclasses import replace

from connectors.hospital_rest.settings import HospitalRestSettings
from connectors.hospital_rest.source import HospitalRestSource
from connectors.hospital_soap.settings import HospitalSoapSettings
from connectors.hospital_soap.source import HospitalSoapSource
from connectors.http_settings import HttpSettings
from hub.ports.documents import DocumentRequest, DocumentSource, OpenDocument, Shape
from hub.wire.kmehr.persons import unnamed_patient
from hub.wire.kmehr.relay.document import DocumentRelay
from hub.wire.kmehr.relay.pdf import PdfMessage
from hub.wire.kmehr.relay.stream import MessageStream
from tests.fakes.document_requests import HUB_AS_PARTY, FixedClock

KINDS = ("soap", "rest")
IMPATIENT = HttpSettings(
    connect_timeout=0.4,
    first_byte_timeout=0.6,
    idle_timeout=0.3,
    total_timeout=1.0,
    size_limit=1024 * 1024,
    connections=4,
    connection_wait=0.2,
    failures_to_open=1000,
    allow_http=True,
)


def a_source(kind: str, base: str, *, limits: HttpSettings = IMPATIENT, name: str = "deproef") -> DocumentSource:
    """A source of this kind for the hospital at a URL."""
    common = {field: getattr(limits, field) for field in HttpSettings.__dataclass_fields__}
    if kind == "soap":
        settings = HospitalSoapSettings(url=f"{base}/hub", takes_publication_requests=True, **common)
        return HospitalSoapSource(name=name, settings=settings, hub=HUB_AS_PARTY, clock=FixedClock())
    return HospitalRestSource(name=name, settings=HospitalRestSettings(url=f"{base}/documents/{{id}}", **common))


def impatient(**changes: object) -> HttpSettings:
    """The limits of tests, with changes."""
    return replace(IMPATIENT, **changes)  # type: ignore[arg-type]  # fields of any type by name


async def fetch(source: DocumentSource, request: DocumentRequest) -> bytes:
    """What a caller of the hub would get of a document."""
    out = b""
    async with source.open(request) as document:
        stream = stream_for(document, request)
        async for chunk in document.chunks:
            out += stream.feed(chunk)
        return out + stream.finish()


def stream_for(document: OpenDocument, request: DocumentRequest) -> MessageStream:
    """What makes a KMEHR message of a document."""
    declaration = request.reference.declaration
    if document.shape is Shape.PDF:
        return PdfMessage(
            hub=HUB_AS_PARTY,
            recipient=request.context.requester.parties,
            patient=unnamed_patient(request.patient),
            declaration=declaration,
            ids=(),
            message_id="1",
            now=FixedClock().now(),
        )
    return DocumentRelay(shape=document.shape, patient=request.patient, names=declaration.names())
