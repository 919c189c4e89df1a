"""SOAP 1.1: opening an envelope, writing an answer or a fault.

Fault details follow the Belgian eHealth error type (security facts, part 6).
"""

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.wire.namespaces import ANSWER_DECLARATIONS, SECURITY, SECURITY_UTILITY, SOA_ERRORS, SOAP, SOAP_12
from hub.wire.xml import drop_comments, escape, has_comments, local_name, parse

MOST_NAMESPACES = 1_000
"""Declared around a part: libxml2 compares each with all others when it checks or writes a part of the message."""

NEXT_ACTOR = "http://schemas.xmlsoap.org/soap/actor/next"
_MUST_UNDERSTAND = f"{{{SOAP}}}mustUnderstand"
_ACTOR = f"{{{SOAP}}}actor"

_COMMENTED: Callable[[etree._Element], object] = etree.XPath(
    "boolean(/*/*/wsse:Security/*[descendant::comment() or descendant::processing-instruction()])",
    namespaces={"wsse": SECURITY},
)
"""One step to the nodes, and no union of them: libxml2 takes the square of their number to put sets together."""

ANSWER_START = f'<?xml version="1.0" encoding="UTF-8"?>\n<S:Envelope xmlns:S="{SOAP}"><S:Body>'.encode()
ANSWER_END = b"</S:Body></S:Envelope>"


@dataclass(frozen=True, slots=True)
class Envelope:
    """An opened envelope: its body with the one element in it, and the security headers that are meant for us.

    `is_commented` says that a comment or a processing instruction stood inside a part of such a header.
    """

    root: etree._Element
    security: tuple[etree._Element, ...]
    body: etree._Element
    message: etree._Element
    is_commented: bool

    @property
    def operation(self) -> str:
        """The operation that the message names: its element without `Request`."""
        return local_name(self.message).removesuffix("Request")


def read_envelope(data: bytes, *, encoding: str | None = None) -> Envelope:
    """The parts of an envelope in bytes. Raises what `hub.wire.xml.parse` and `open_envelope` raise."""
    root = parse(data, encoding=encoding, with_comments=True)
    is_commented = False
    if has_comments(root):  # which nearly none has
        is_commented = bool(_COMMENTED(root))
        drop_comments(root)
    return open_envelope(root, is_commented=is_commented)


def open_envelope(root: etree._Element, *, is_commented: bool = False) -> Envelope:
    """The parts of a SOAP 1.1 envelope in a tree that has no comments (any more).

    Raises HubError: message-not-soap, soap-version (1.2), soap-body (not exactly one body with one element),
    soap-header-not-understood (a header other than security that must be understood), message-too-large (too many
    namespaces).
    """
    if root.tag == f"{{{SOAP_12}}}Envelope":
        raise HubError(Reason.SOAP_VERSION, where="Envelope")
    if root.tag != f"{{{SOAP}}}Envelope":
        raise HubError(Reason.MESSAGE_NOT_SOAP, where=local_name(root))
    headers = [child for child in root if child.tag == f"{{{SOAP}}}Header"]
    bodies = [child for child in root if child.tag == f"{{{SOAP}}}Body"]
    if len(bodies) != 1 or len(bodies[0]) != 1:
        found = f"{len(bodies)} Body" if len(bodies) != 1 else f"{len(bodies[0])} elements in Body"
        raise HubError(Reason.SOAP_BODY, where="Envelope/Body", found=found)
    if len(headers) > 1:
        raise HubError(Reason.SOAP_BODY, where="Envelope/Header", found=f"{len(headers)} Header")
    message = bodies[0][0]
    require_few_namespaces(message, "Envelope/Body")
    security = _security(headers[0]) if headers else ()
    return Envelope(root=root, security=security, body=bodies[0], message=message, is_commented=is_commented)


def require_few_namespaces(part: etree._Element, where: str) -> None:
    """That a part can be taken out of its message in good time. Raises HubError (message-too-large)."""
    if len(part.nsmap) > MOST_NAMESPACES:
        raise HubError(Reason.MESSAGE_TOO_LARGE, where=where, limit=f"{MOST_NAMESPACES} namespaces")


def _security(header: etree._Element) -> tuple[etree._Element, ...]:
    """Those without an actor; others are for whoever stands between the caller and us."""
    security = []
    for entry in header:
        if entry.tag == f"{{{SECURITY}}}Security":
            if entry.get(_ACTOR) in (None, "", NEXT_ACTOR):
                security.append(entry)
        elif entry.get(_MUST_UNDERSTAND) in ("1", "true"):
            raise HubError(Reason.SOAP_HEADER_NOT_UNDERSTOOD, where=f"Envelope/Header/{local_name(entry)}")
    return tuple(security)


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP 1.1 fault: the code, a sentence, and the eHealth error that explains it.

    Codes are those of SOAP (`Client`, `Server`, …), or of WS-Security with the prefix `wsse:` or `wsu:`.
    """

    code: str
    text: str
    soa_code: str
    origin: str
    request_id: str
    language: str
    details: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """The whole envelope."""
        messages = "".join(
            f'<Message xml:lang="{self.language}">{escape(text)}</Message>' for text in (self.text, *self.details)
        )
        code = self.code if ":" in self.code else f"S:{self.code}"
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<S:Envelope xmlns:S="{SOAP}"><S:Body><S:Fault>'
            f'<faultcode xmlns:wsse="{SECURITY}" xmlns:wsu="{SECURITY_UTILITY}">{code}</faultcode>'
            f'<faultstring xml:lang="{self.language}">{escape(self.text)}</faultstring>'
            f'<detail><e:SystemError xmlns:e="{SOA_ERRORS}" Id="{escape(self.request_id)}">'
            f"<Origin>{self.origin}</Origin><Code>{self.soa_code}</Code>{messages}</e:SystemError></detail>"
            "</S:Fault></S:Body></S:Envelope>"
        ).encode()


def answer_start(response_element: str) -> bytes:
    """Everything before the content of a response message."""
    return ANSWER_START + f"<p:{response_element} {ANSWER_DECLARATIONS}>".encode()


def answer_end(response_element: str) -> bytes:
    """Everything after it."""
    return f"</p:{response_element}>".encode() + ANSWER_END
