"""A small server that answers every operation with a canned valid answer and serves the real description.

It refuses with a fault what is not valid by the schema or has the SOAPAction of another operation, so that a toolkit's
message is judged as the hub would judge it.
"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from hub.wire.hubservices.description import Service, ServiceDescription
from hub.wire.namespaces import CORE, KMEHR, PROTOCOL, SOAP
from hub.wire.schemas import SchemaSet, default_schema_folder

_DECLARATIONS = f'xmlns="{CORE}" xmlns:k="{KMEHR}"'
_LOCAL = '<id S="LOCAL" SV="1.0" SL="RSBID">interop-{}</id>'
_HUB = (
    '<k:hcparty><k:id S="ID-HCPARTY" SV="1.0">1990000728</k:id><k:cd S="CD-HCPARTY" SV="1.1">hub</k:cd>'
    "<k:name>Stub</k:name></k:hcparty>"
)
_PATIENT = (
    '<k:id S="INSS" SV="1.0">12031599818</k:id><k:firstname>Invented</k:firstname><k:familyname>Patient</k:familyname>'
    '<k:sex><k:cd S="CD-SEX" SV="1.0">female</k:cd></k:sex>'
)
_PATIENT_ID = '<patient><id S="INSS" SV="1.0">12031599818</id></patient>'
_PARTY_ID = '<hcparty><id S="ID-HCPARTY" SV="1.0">19998727004</id></hcparty>'
_SUMMARY = (
    '<transaction>{}<cd S="CD-TRANSACTION" SV="1.0">note</cd><date>2026-03-01</date><time>08:00:00</time>'
    f"<author>{_HUB}</author><iscomplete>true</iscomplete><isvalidated>true</isvalidated>"
    "<recorddatetime>2026-03-01T08:05:00+01:00</recorddatetime></transaction>"
)
_MESSAGE = (
    '<kmehrmessage><k:header><k:standard><k:cd S="CD-STANDARD" SV="1.0">20260210</k:cd></k:standard>'
    '<k:id S="ID-KMEHR" SV="1.0">1</k:id><k:date>2026-03-01</k:date><k:time>08:00:00</k:time>'
    f"<k:sender>{_HUB}</k:sender><k:recipient>{_HUB}</k:recipient></k:header>"
    f'<k:folder><k:id S="ID-KMEHR" SV="1.0">1</k:id><k:patient>{_PATIENT}</k:patient><k:transaction>'
    '<k:id S="ID-KMEHR" SV="1.0">1</k:id><k:cd S="CD-TRANSACTION" SV="1.0">note</k:cd><k:date>2026-03-01</k:date>'
    f"<k:time>08:00:00</k:time><k:author>{_HUB}</k:author><k:iscomplete>true</k:iscomplete>"
    '<k:isvalidated>true</k:isvalidated><k:text L="en">Invented.</k:text>'
    '<k:lnk TYPE="multimedia" MEDIATYPE="text/plain">SW52ZW50ZWQ=</k:lnk></k:transaction></k:folder></kmehrmessage>'
)
_PARTY = (
    '<hcparty><id S="ID-HCPARTY" SV="1.0">19998727004</id><cd S="CD-HCPARTY" SV="1.1">persphysician</cd>'
    "<firstname>Imagined</firstname><familyname>Physician</familyname>"
    "<recorddatetime>2026-03-01T08:05:00Z</recorddatetime></hcparty>"
)
_LINK = (
    f'<therapeuticlink>{_PATIENT_ID}{_PARTY_ID}<cd S="CD-THERAPEUTICLINKTYPE" SV="1.0">gpconsultation</cd>'
    "<startdate>2026-03-01</startdate></therapeuticlink>"
)
_RIGHT = (
    f"<accessright><transaction>{_LOCAL.format(1)}</transaction>{_PARTY_ID}"
    '<cd S="CD-ACCESSRIGHT" SV="1.0">disallow</cd></accessright>'
)
_ACCESS = f"<transactionaccess>{_PATIENT_ID}<accessdatetime>2026-03-01T08:05:00Z</accessdatetime></transactionaccess>"

RESULTS = {
    "DeclareTransaction": f"<transaction>{_LOCAL.format(1)}</transaction>",
    "PutTransaction": f"<transaction>{_LOCAL.format(1)}</transaction>",
    "PutTransactionSet": "".join(
        f"<transaction>{_LOCAL.format(n)}{_LOCAL.format(n + 10)}</transaction>" for n in (1, 2)
    ),
    "GetTransactionList": f"<kmehrheader><folder><patient>{_PATIENT}</patient>"
    + "".join(_SUMMARY.format(_LOCAL.format(n)) for n in (1, 2))
    + "</folder></kmehrheader>",
    "GetTransaction": _MESSAGE,
    "GetTransactionSet": _MESSAGE,
    "GetLatestUpdate": f'<latestupdatelist><latestupdate>{_PATIENT_ID}<cd S="CD-TRANSACTION" SV="1.0">note</cd>'
    "<version>3</version><updatedatetime>2026-03-01T08:05:00Z</updatedatetime></latestupdate></latestupdatelist>",
    "PutPatient": f"<patient>{_PATIENT}</patient>",
    "GetPatient": f"<patient>{_PATIENT}</patient>",
    "PutHCParty": _PARTY,
    "GetHCParty": _PARTY,
    "GetPatientConsent": f'<consent>{_PATIENT_ID}<cd S="CD-CONSENTTYPE" SV="1.0">retrospective</cd></consent>',
    "GetHCPartyConsent": f"<consent>{_PARTY_ID}<signdate>2026-03-01</signdate></consent>",
    "GetTherapeuticLink": f"<therapeuticlinklist>{_LINK}{_LINK}</therapeuticlinklist>",
    "GetAccessRight": f"<accessrightlist>{_RIGHT}{_RIGHT}</accessrightlist>",
    "GetPatientAuditTrail": f"<transactionaccesslist>{_ACCESS}{_ACCESS}</transactionaccesslist>",
}
"""What follows the acknowledge, by operation; the others have nothing there."""


class StubHub(ThreadingHTTPServer):
    """Serves `/intrahub/v3` and `/interhub/v3` on a free port of the loopback."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.schemas = SchemaSet.load(default_schema_folder())
        self.description = ServiceDescription.load(default_schema_folder())

    def endpoint(self, service: Service) -> str:
        """The address that the WSDL of a service gives."""
        return f"http://127.0.0.1:{self.server_port}/{service}/v3"

    def describe(self, service: Service, query: str) -> bytes | None:
        """What is served under a query of a service's address."""
        endpoint = self.endpoint(service)
        if query.lower() == "wsdl":
            return self.description.wsdl(service, endpoint=endpoint)
        return self.description.schema("".join(parse_qs(query).get("xsd", [])), endpoint=endpoint)

    def answer(self, service: Service, action: str, message: etree._Element) -> etree._Element:
        """The answer to a request message; raises ValueError with what is wrong with it."""
        operation = etree.QName(message).localname.removesuffix("Request")
        if not self.schemas.hub_message(message):
            raise ValueError(str(self.schemas.hub_message.error_log))
        if action.strip('"') != f"{service.action_prefix}{operation}":
            raise ValueError(f"SOAPAction {action} for {operation}")
        answer = etree.fromstring(
            f'<p:{operation}Response {_DECLARATIONS} xmlns:p="{PROTOCOL}"><response>'
            f'<id S="ID-KMEHR" SV="1.0">stub.1</id><author>{_HUB}</author><date>2026-03-02</date><time>09:30:01</time>'
            f"</response><acknowledge><iscomplete>true</iscomplete></acknowledge>{RESULTS.get(operation, '')}"
            f"</p:{operation}Response>"
        )
        answer[0].append(_copy_of(message[0]))
        if not self.schemas.hub_message(answer):
            raise AssertionError(str(self.schemas.hub_message.error_log))
        return answer


def _copy_of(element: etree._Element) -> etree._Element:
    # As text and back, which takes all namespaces along: an `xsi:type` inside uses a prefix where lxml does not look.
    return etree.fromstring(etree.tostring(element, with_tail=False))


class _Handler(BaseHTTPRequestHandler):
    server: StubHub

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        self._send(200, self.server.describe(Service(address.path.split("/")[1]), address.query))

    def do_POST(self) -> None:
        envelope = etree.fromstring(self.rfile.read(int(self.headers["Content-Length"])))
        message = next(envelope.iterchildren(f"{{{SOAP}}}Body"))[0]
        service = Service(self.path.split("/")[1])
        try:
            answer = self.server.answer(service, self.headers.get("SOAPAction", ""), message)
        except ValueError as error:
            answer = etree.Element(f"{{{SOAP}}}Fault")
            etree.SubElement(answer, "faultcode").text = "Client"
            etree.SubElement(answer, "faultstring").text = str(error)
        reply = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
        etree.SubElement(reply, f"{{{SOAP}}}Body").append(answer)
        self._send(500 if etree.QName(answer).localname == "Fault" else 200, etree.tostring(reply))

    def _send(self, status: int, body: bytes | None) -> None:
        self.send_response(404 if body is None else status)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Stay silent."""
