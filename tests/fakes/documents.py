"""KMEHR documents and hub answers of invented people, for tests and for the fake hospital."""

import base64
from collections.abc import Sequence

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
PROTOCOL = "http://www.ehealth.fgov.be/hubservices/protocol/v3"
CORE = "http://www.ehealth.fgov.be/hubservices/core/v3"
KMEHR = "http://www.ehealth.fgov.be/standards/kmehr/schema/v1"

PATIENT = "81020300469"
OTHER_PATIENT = "70413199724"
HOSPITAL = "71099713"
HUB = "1990000728"

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)

_HOSPITAL_PARTY = (
    f'<hcparty><id S="ID-HCPARTY" SV="1.0">{HOSPITAL}</id><cd S="CD-HCPARTY" SV="1.16">orghospital</cd>'
    "<name>Ziekenhuis De Proef</name></hcparty>"
)
HUB_PARTY = (
    f'<hcparty><id S="ID-HCPARTY" SV="1.0">{HUB}</id><cd S="CD-HCPARTY" SV="1.16">hub</cd><name>RSB</name></hcparty>'
)


def a_transaction(local_id: str, *, content: str = '<text L="nl">Geen bijzonderheden.</text>', number: int = 1) -> str:
    """A transaction, with elements of the default namespace."""
    local = f'<id S="LOCAL" SL="deproef" SV="1.0">{local_id}</id>' if local_id else ""
    return (
        f'<transaction><id S="ID-KMEHR" SV="1.0">{number}</id>{local}'
        '<cd S="CD-TRANSACTION" SV="1.14">contactreport</cd><date>2026-03-02</date><time>10:00:00</time>'
        f"<author>{_HOSPITAL_PARTY}</author><iscomplete>true</iscomplete><isvalidated>true</isvalidated>"
        f"{content}</transaction>"
    )


def a_folder(transactions: Sequence[str], *, patient: str = PATIENT) -> str:
    """A folder of one patient."""
    return (
        f'<folder><id S="ID-KMEHR" SV="1.0">1</id><patient><id S="ID-PATIENT" SV="1.0">{patient}</id>'
        f'<id S="INSS" SV="1.0">{patient}</id><firstname>Proef</firstname><familyname>Verzonnen</familyname>'
        '<sex><cd S="CD-SEX" SV="1.1">female</cd></sex></patient>'
        f"{''.join(transactions)}</folder>"
    )


def a_header(*, sender: str = _HOSPITAL_PARTY) -> str:
    """The header of a message from the hospital to the hub."""
    return (
        '<header><standard><cd S="CD-STANDARD" SV="1.4">20161201</cd></standard>'
        f'<id S="ID-KMEHR" SV="1.0">{HOSPITAL}.7</id><date>2026-03-02</date><time>10:15:00</time>'
        f"<sender>{sender}</sender><recipient>{HUB_PARTY}</recipient></header>"
    )


def a_message(content: str, *, namespace: str = KMEHR, header: str | None = None) -> str:
    """A KMEHR message; in a hub's answer its root is in the core namespace and its children bring their own."""
    inner = (a_header() if header is None else header) + content
    if namespace == KMEHR:
        return f'<kmehrmessage xmlns="{KMEHR}">{inner}</kmehrmessage>'
    for name in ("header", "folder", "Base64EncryptedData"):
        inner = inner.replace(f"<{name}>", f'<{name} xmlns="{KMEHR}">')
    return f'<kmehrmessage xmlns="{namespace}">{inner}</kmehrmessage>'


def a_document(local_id: str = "D-1", *, patient: str = PATIENT, content: str | None = None) -> str:
    """A standalone KMEHR document with one transaction."""
    transaction = a_transaction(local_id) if content is None else a_transaction(local_id, content=content)
    return a_message(a_folder([transaction], patient=patient))


def a_lnk(size: int) -> str:
    """Inline base64 of this many bytes."""
    return f'<lnk TYPE="multimedia" MEDIATYPE="application/pdf">{base64.b64encode(bytes(size)).decode()}</lnk>'


def a_hub_answer(
    message: str, *, iscomplete: str = "true", errors: str = "", operation: str = "GetTransaction", header: str = ""
) -> str:
    """The answer of a hospital's own hub services server."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{SOAP}">{header}<s:Body>'
        f'<p:{operation}Response xmlns:p="{PROTOCOL}" xmlns="{CORE}">'
        f'<response xmlns:k="{KMEHR}"><id S="ID-KMEHR" SV="1.0">{HOSPITAL}.9</id>'
        f'<author><k:hcparty><k:id S="ID-HCPARTY" SV="1.0">{HOSPITAL}</k:id>'
        '<k:cd S="CD-HCPARTY" SV="1.16">orghospital</k:cd></k:hcparty></author>'
        "<date>2026-03-02</date><time>10:20:00</time>"
        f'<request><id S="ID-KMEHR" SV="1.0">{HUB}.5</id>'
        f'<author><k:hcparty><k:id S="ID-HCPARTY" SV="1.0">{HUB}</k:id>'
        '<k:cd S="CD-HCPARTY" SV="1.16">hub</k:cd></k:hcparty></author>'
        "<date>2026-03-02</date><time>10:19:59</time></request></response>"
        f"<acknowledge><iscomplete>{iscomplete}</iscomplete>{errors}</acknowledge>{message}"
        f"</p:{operation}Response></s:Body></s:Envelope>"
    )


def a_refusal(code: str = "406") -> str:
    """The error entry of a refusing acknowledge."""
    return (
        f'<error xmlns:k="{KMEHR}"><k:cd S="CD-ERROR" SV="1.0">{code}</k:cd>'
        '<k:description L="fr">Document secret de Madame Inventée</k:description></error>'
    )


def a_soap_fault() -> str:
    """A SOAP 1.1 fault."""
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault><faultcode>s:Server</faultcode>'
        "<faultstring>stack trace of the hospital</faultstring></s:Fault></s:Body></s:Envelope>"
    )
