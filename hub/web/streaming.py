"""A document on its way to the caller: started only when it is the right one, at the caller's pace, in flat memory."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from aiohttp import web

from hub.domain.errors import HubError, Reason
from hub.wire.kmehr.relay.stream import MessageStream

_SENT_WHOLE = 256 * 1024
"""A document that is complete within so many bytes is sent in one piece, so that all its failures can still be told."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What has left: the response and its bytes."""

    response: web.StreamResponse
    size: int


class Interrupted(HubError):
    """A document stopped half-way, for the reason of `cause`; the connection is cut already.

    `sent` is what had left by then.
    """

    def __init__(self, cause: HubError, sent: Sent) -> None:
        super().__init__(cause.reason, where=cause.where)
        self.sent = sent


async def send_document(
    request: web.Request,
    *,
    before: bytes,
    chunks: AsyncIterator[bytes],
    stream: MessageStream,
    after: bytes,
    headers: Mapping[str, str],
    deadline: float,
) -> Sent:
    """Write a document between the parts of an answer.

    Raises HubError as long as nothing has left. A document that fails later, or that the caller has not taken by the
    deadline, cannot be refused any more: the connection is cut, so that nobody takes half of it for the whole, and
    Interrupted is raised.
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
        async with asyncio.timeout_at(deadline):
            await response.write(held)
            size = len(held)
            async for part in parts:
                await response.write(part)
                size += len(part)
            await response.write_eof(after)
    except (HubError, TimeoutError) as error:
        if request.transport is not None:
            request.transport.abort()
        cause = error if isinstance(error, HubError) else HubError(Reason.TOO_LATE)
        raise Interrupted(cause, Sent(response, size)) from error
    return Sent(response, size + len(after))


async def _rewritten(chunks: AsyncIterator[bytes], stream: MessageStream) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        if part := stream.feed(chunk):
            yield part
    yield stream.finish()
