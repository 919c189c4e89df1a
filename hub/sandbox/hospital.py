"""A hospital's own server: `python -m hub.sandbox.hospital --kind soap|rest …`.

One kind answers hub services over SOAP (GetTransaction, GetTransactionSet, RequestPublication), the other one gives
files by their number over HTTP. Both read their folder at every request: a file that is put there can be asked for.
Plain HTTP on loopback, for the sandbox; real ones have TLS and know their hub by its certificate.
"""

import argparse
import sys
from pathlib import Path

from aiohttp import web
from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, Code, HcParty, Id
from hub.ports.runtime import Clock
from hub.runtime import BelgianClock
from hub.sandbox.folder import DocumentFolder
from hub.sandbox.serving import serve, soap_response, tell
from hub.wire.hubservices.requests import read_request_part, read_transaction_select
from hub.wire.hubservices.responses import ErrorEntry, write_acknowledge
from hub.wire.kmehr.parties import write_hcparty
from hub.wire.kmehr.persons import read_patient_number
from hub.wire.namespaces import CORE, KMEHR
from hub.wire.schemas import SchemaSet, default_schema_folder
from hub.wire.soap import Envelope, Fault, answer_end, answer_start, open_envelope
from hub.wire.xml import parse

SOAP_PATH = "/hubservices/v3"
DOCUMENT_PATH = "/documents"
_DOCUMENT_OPERATIONS = ("GetTransaction", "GetTransactionSet")
_LARGEST_REQUEST = 1 << 20


class FileServer:
    """Gives documents by number: KMEHR as XML, or the PDF alone."""

    def __init__(self, *, folder: DocumentFolder) -> None:
        self._folder = folder

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer one GET."""
        file = self._folder.find(request.match_info["number"])
        tell("GET", "document" if file else "no such document")
        if file is None:
            raise web.HTTPNotFound
        media_type = "application/pdf" if file.suffix == ".pdf" else "application/xml"
        return web.FileResponse(file, headers={"Content-Type": media_type})


class SoapServer:
    """Answers the operations that a hub asks of a hospital. Only the hub with this number is answered."""

    def __init__(self, *, folder: DocumentFolder, party: HcParty, hub: str, schemas: SchemaSet, clock: Clock) -> None:
        self._folder, self._party, self._hub, self._schemas, self._clock = folder, party, hub, schemas, clock

    async def post(self, request: web.Request) -> web.Response:
        """Answer one message."""
        try:
            envelope = self._open(await request.read())
        except HubError as error:
            tell("message", error.reason.value)
            return soap_response(_fault(error), status=500)
        return soap_response(self._answer(envelope))

    def _open(self, body: bytes) -> Envelope:
        envelope = open_envelope(parse(body))
        if not self._schemas.hub_message.validate(etree.ElementTree(envelope.message)):
            raise HubError(Reason.SCHEMA)
        if envelope.operation not in (*_DOCUMENT_OPERATIONS, "RequestPublication"):
            raise HubError(Reason.OPERATION_NOT_SUPPORTED, where=envelope.operation)
        return envelope

    def _answer(self, envelope: Envelope) -> bytes:
        message, operation = envelope.message, envelope.operation
        request = read_request_part(message)
        try:
            self._require_hub(request.author)
            result = self._document(message) if operation in _DOCUMENT_OPERATIONS else b""
        except _Refused as refusal:
            tell(operation, str(refusal))
            result, acknowledge = b"", write_acknowledge([refusal.entry])
        else:
            tell(operation, "answered")
            acknowledge = write_acknowledge()
        return b"".join(
            (
                answer_start(f"{operation}Response"),
                self._response_part(request.copy),
                acknowledge,
                result,
                answer_end(f"{operation}Response"),
            )
        )

    def _document(self, message: etree._Element) -> bytes:
        """The document as a result part. Unknown, unreadable and another patient's are the same refusal."""
        try:
            select = read_transaction_select(message)
            file = self._folder.find(select.id.value.strip())
            if file is None or file.suffix != ".xml":
                raise _NO_SUCH_DOCUMENT
            document = parse(file.read_bytes())
        except HubError:
            raise _NO_SUCH_DOCUMENT from None
        folders = document.findall(f"{{{KMEHR}}}folder")
        if folders and not any(_is_of(folder, select.patient) for folder in folders):
            raise _NO_SUCH_DOCUMENT
        document.tag = f"{{{CORE}}}kmehrmessage"
        return etree.tostring(document)

    def _require_hub(self, author: Author) -> None:
        if not any(party.profession == "hub" and party.number == self._hub for party in author):
            raise _Refused("not-your-hub", "This hospital answers its own hub only.")

    def _response_part(self, request: bytes) -> bytes:
        now = self._clock.now()
        start = (
            f'<response><id S="ID-KMEHR" SV="1.0">{self._party.number}.{int(now.timestamp() * 1000)}</id>'
            f"<author>{write_hcparty(self._party)}</author><date>{now:%Y-%m-%d}</date><time>{now:%H:%M:%S}</time>"
        )
        return start.encode() + request + b"</response>"


class _Refused(Exception):
    """The hospital's answer is no."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.entry = ErrorEntry(Code("CD-ERROR", "1.0", code), text, "en")


_NO_SUCH_DOCUMENT = _Refused("transaction-unknown", "There is no such document of this patient.")


def _is_of(folder: etree._Element, patient: Ssin) -> bool:
    person = folder.find(f"{{{KMEHR}}}patient")
    try:
        return person is not None and read_patient_number(person) == patient
    except HubError:
        return False


def _fault(error: HubError) -> bytes:
    return Fault(
        code="Client",
        text=f"This message cannot be processed: {error}.",
        soa_code="SOA-03001",
        origin="Consumer",
        request_id="-",
        language="en",
    ).to_bytes()


def _application(arguments: argparse.Namespace) -> web.Application:
    app = web.Application(client_max_size=_LARGEST_REQUEST)
    folder = DocumentFolder(arguments.folder)
    if arguments.kind == "rest":
        app.router.add_get(f"{DOCUMENT_PATH}/{{number}}", FileServer(folder=folder).get)
        return app
    party = HcParty(
        ids=(Id("ID-HCPARTY", "1.0", arguments.number),),
        cds=(Code("CD-HCPARTY", "1.16", "orghospital"),),
        name=arguments.name,
    )
    server = SoapServer(
        folder=folder,
        party=party,
        hub=arguments.hub,
        schemas=SchemaSet.load(default_schema_folder()),
        clock=BelgianClock(),
    )
    app.router.add_post(SOAP_PATH, server.post)
    return app


def main(words: list[str]) -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="hub.sandbox.hospital", description="A hospital's server for the sandbox.")
    parser.add_argument("--kind", choices=("soap", "rest"), required=True)
    parser.add_argument("--folder", type=Path, required=True, help="holds NUMBER.xml and NUMBER.pdf")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--number", default="", help="NIHII number of the hospital (soap)")
    parser.add_argument("--name", default="", help="name of the hospital (soap)")
    parser.add_argument("--hub", default="", help="number of the hub that may ask (soap)")
    arguments = parser.parse_args(words)
    serve(_application(arguments), arguments.port)


if __name__ == "__main__":
    main(sys.argv[1:])
