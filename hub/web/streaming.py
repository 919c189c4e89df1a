"""A document on its way to the caller: started only when it is the right one, at the caller's pace, in flat memory."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from aiohttp import web

from hub.domain.errors import HubError
from hub.wire.kmehr.relay.stream import MessageStream

_SENT_WHOLE = 256 * 1024
"""A document that is complete within so many bytes is sent in one piece, so that all its failures can still be told."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What has left: the response and its bytes. `interruption` is why the document stopped half-way, if it did."""

    response: web.StreamResponse
    size: int
    interruption: HubError | None = None


async def send_document(
    request: web.Request,
    *,
    before: bytes,
    chunks: AsyncIterator[bytes],
    stream: MessageStream,
    after: bytes,
    headers: Mapping[str, str],
) -> Sent:
    """Write a document between the parts of an answer.

    Raises HubError as long as nothing has left. A document that fails later cannot be refused any more: the
    connection is cut, so that nobody takes half of it for the whole.
    """
    parts = _rewritten(chunks, stream)
    held = bytearray(before)
    async for part in parts:
        held += part
        if len(held) > _SENT_WHOLE:
            break
    else:
        held += after
        return Sent(web.Response(body=bytes(held), headers=headers), len(held))
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    size = 0
    try:
        await response.write(held)
        size = len(held)
        async for part in parts:
            await response.write(part)
            size += len(part)
        await response.write_eof(after)
    except HubError as error:
        if request.transport is not None:
            request.transport.abort()
        return Sent(response, size, error)
    return Sent(response, size + len(after))


async def _rewritten(chunks: AsyncIterator[bytes], stream: MessageStream) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        if part := stream.feed(chunk):
            yield part
    yield stream.finish()
