"""A bare PDF as the KMEHR message that carries it (KMEHR `lnk`, TYPE multimedia)."""

from binascii import b2a_base64
from datetime import datetime

from hub.domain.declarations import Declaration
from hub.domain.parties import Author, HcParty, Id, Patient
from hub.wire.kmehr.parties import write_author, write_code, write_hcparty, write_id
from hub.wire.kmehr.relay.stream import refusal
from hub.wire.namespaces import CORE, KMEHR
from hub.wire.xml import escape

KMEHR_RELEASE = "20161201"
"""The oldest release with everything that is used here, for callers whose validator knows no newer one."""
_MAGIC, _MAGIC_WITHIN = b"%PDF-", 1024


class PdfMessage:
    """A `MessageStream` that wraps a PDF into a KMEHR message with what the reference says about it.

    `patient` is the person as registered. The sender is the hub and the institutions among the document's authors.
    `ids` are those the hub gives to the transaction. Nothing comes out before the PDF's mark has been seen; raises
    HubError (source-answer) when there is none within the first 1,024 bytes.
    """

    def __init__(
        self,
        *,
        hub: HcParty,
        recipient: Author,
        patient: Patient,
        declaration: Declaration,
        ids: tuple[Id, ...],
        message_id: str,
        now: datetime,
    ) -> None:
        recorded = declaration.recorddatetime
        self._before = "".join(
            (
                f'<hub:kmehrmessage xmlns:hub="{CORE}" xmlns:k="{KMEHR}">',
                _header(hub, recipient, declaration, message_id, now),
                '<k:folder><k:id S="ID-KMEHR" SV="1.0">1</k:id><k:patient>',
                patient.as_put.decode(),
                "</k:patient><k:transaction>",
                _summary(declaration, ids),
                '<k:lnk TYPE="multimedia" MEDIATYPE="application/pdf">',
            )
        ).encode()
        self._after = (
            "</k:lnk>"
            + (f"<k:recorddatetime>{escape(recorded)}</k:recorddatetime>" if recorded else "")
            + "</k:transaction></k:folder></hub:kmehrmessage>"
        ).encode()
        self._is_pdf = False
        self._waiting = b""

    def feed(self, chunk: bytes) -> bytes:
        """Take the next bytes and return what can be sent on; see `MessageStream`."""
        if self._is_pdf:
            return self._encode(chunk)
        self._waiting += chunk
        self._is_pdf = _MAGIC in self._waiting[:_MAGIC_WITHIN]
        if self._is_pdf:
            return self._before + self._encode(b"")
        if len(self._waiting) >= _MAGIC_WITHIN:
            raise refusal("not a PDF")
        return b""

    def finish(self) -> bytes:
        """Write what is left and close the message; see `MessageStream`."""
        if not self._is_pdf:
            raise refusal("not a PDF")
        return b2a_base64(self._waiting, newline=False) + self._after

    def _encode(self, chunk: bytes) -> bytes:
        """Base64 of all groups of three bytes that are complete; the rest waits."""
        data = self._waiting + chunk if self._waiting else chunk
        complete = len(data) - len(data) % 3
        self._waiting = data[complete:]
        return b2a_base64(data[:complete], newline=False)


def _header(hub: HcParty, recipient: Author, declaration: Declaration, message_id: str, now: datetime) -> str:
    institutions = tuple(party for party in declaration.author if party.is_organisation)
    return (
        f'<k:header><k:standard><k:cd S="CD-STANDARD" SV="1.4">{KMEHR_RELEASE}</k:cd></k:standard>'
        f'<k:id S="ID-KMEHR" SV="1.0">{escape(message_id)}</k:id>'
        f"<k:date>{now:%Y-%m-%d}</k:date><k:time>{now:%H:%M:%S}</k:time>"
        f"<k:sender>{write_hcparty(hub)}{write_author(institutions)}</k:sender>"
        f"<k:recipient>{write_author(recipient)}</k:recipient></k:header>"
    )


def _summary(declaration: Declaration, ids: tuple[Id, ...]) -> str:
    return "".join(
        (
            *(write_id(id_) for id_ in (*declaration.ids, *ids)),
            *(write_code(cd) for cd in declaration.cds),
            f"<k:date>{escape(declaration.date)}</k:date><k:time>{escape(declaration.time)}</k:time>",
            f"<k:author>{write_author(declaration.author)}</k:author>",
            f"<k:iscomplete>{'true' if declaration.iscomplete else 'false'}</k:iscomplete>",
            f"<k:isvalidated>{'true' if declaration.isvalidated else 'false'}</k:isvalidated>",
        )
    )
