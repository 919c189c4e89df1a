"""A document on its way to the caller: started only when it is the right one, at the caller's pace, in flat memory."""

from collections.abc import AsyncIterator

from aiohttp import web

from hub.domain.errors import HubError
from hub.wire.kmehr.relay.stream import MessageStream

_SENT_WHOLE = 256 * 1024
"""A document that is complete within so many bytes is sent in one piece, so that all its failures can still be told."""


class Interrupted(Exception):
    """The document stopped half-way, after `sent` bytes had left; the connection to the caller was cut."""

    def __init__(self, error: HubError, sent: int) -> None:
        super().__init__(str(error))
        self.error, self.sent = error, sent


async def send_document(
    request: web.Request,
    *,
    before: bytes,
    chunks: AsyncIterator[bytes],
    stream: MessageStream,
    after: bytes,
    headers: dict[str, str],
) -> tuple[web.StreamResponse, int]:
    """Write a document between the parts of an answer; the response, and how many bytes it has.

    Raises HubError as long as nothing has left, Interrupted after that.
    """
    messages = _rewritten(chunks, stream)
    held = bytearray(before)
    async for part in messages:
        held += part
        if len(held) > _SENT_WHOLE:
            break
    else:
        held += after
        return web.Response(body=bytes(held), headers=headers), len(held)
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    sent = 0
    try:
        await response.write(held)
        sent = len(held)
        async for part in messages:
            await response.write(part)
            sent += len(part)
        await response.write_eof(after)
    except HubError as error:
        if request.transport is not None:
            request.transport.abort()
        raise Interrupted(error, sent) from error
    return response, sent + len(after)


async def _rewritten(chunks: AsyncIterator[bytes], stream: MessageStream) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        if part := stream.feed(chunk):
            yield part
    yield stream.finish()
