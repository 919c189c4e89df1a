"""The bytes of a SOAP message, read under limits of size and time."""

import asyncio
import codecs

from aiohttp import web

from hub.domain.errors import HubError, Reason


async def read_body(request: web.Request, most_bytes: int, most_seconds: float) -> tuple[bytes, str | None]:
    """The body and the charset that the transport states, None when it states none.

    Raises HubError: message-not-soap (not text/xml, or compressed), soap-version, message-too-large, message-malformed
    (it did not arrive in time or its charset is unknown).
    """
    _check_type(request)
    if (request.content_length or 0) > most_bytes:
        raise _too_large(most_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(most_seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > most_bytes:
                    raise _too_large(most_bytes)
    except TimeoutError as error:
        problem = f"only {len(body)} bytes arrived within {most_seconds:g} seconds"
        raise HubError(Reason.MESSAGE_MALFORMED, where="body", problem=problem) from error
    return bytes(body), _charset(request)


def _check_type(request: web.Request) -> None:
    if request.content_type == "application/soap+xml":
        raise HubError(Reason.SOAP_VERSION, where="Content-Type")
    if request.content_type not in ("text/xml", "application/xml", "application/octet-stream"):
        raise HubError(Reason.MESSAGE_NOT_SOAP, where=request.content_type)
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise HubError(Reason.MESSAGE_NOT_SOAP, where=f"Content-Encoding {encoding[:20]}")


def _charset(request: web.Request) -> str | None:
    """The charset of the transport, which counts before the document's own declaration (RFC 7303)."""
    if not request.charset:
        return None
    try:
        name = codecs.lookup(request.charset).name
    except LookupError as error:
        raise HubError(Reason.MESSAGE_MALFORMED, where="Content-Type", problem="unknown charset") from error
    return name


def _too_large(most_bytes: int) -> HubError:
    return HubError(Reason.MESSAGE_TOO_LARGE, where="body", limit=f"{most_bytes // 1024 // 1024} MiB")
