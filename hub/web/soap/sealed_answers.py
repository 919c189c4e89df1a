"""Sealed folders on their way out: a document is collected, sealed for the caller's encryption actor, and handed on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from hub.domain.encryption import encryption_actor_of
from hub.domain.errors import HubError, Reason
from hub.ports.documents import OpenDocument
from hub.ports.sealing import Sealing
from hub.web.soap.calls import Call, DocumentAnswer, DocumentHandler
from hub.wire.kmehr.sealed_folders import sealable


class AnswerSealing:
    """Seals what document handlers answer. A document that cannot be sealed is never given in clear.

    `most` is the largest document, in bytes, that is held in memory for it.
    """

    def __init__(self, *, sealing: Sealing, most: int) -> None:
        self._sealing, self._most = sealing, most

    def around(self, handler: DocumentHandler) -> DocumentHandler:
        """The same handler, sealing for callers whose first care party names an encryption actor."""

        def sealing(call: Call) -> AbstractAsyncContextManager[DocumentAnswer]:
            return self._sealed(call, handler)

        return sealing

    @asynccontextmanager
    async def _sealed(self, call: Call, handler: DocumentHandler) -> AsyncIterator[DocumentAnswer]:
        author = call.request.author
        recipient = encryption_actor_of(author[0]) if author else None
        async with handler(call) as answer:
            if recipient is None:
                yield answer
                return
            try:
                async with asyncio.timeout_at(call.context.deadline):
                    message = await self._collected(answer)
                    parted = await asyncio.to_thread(sealable, message)
                    if parted is not None:
                        sealed = await self._sealing.seal(parted.clear, recipient)
                        message = await asyncio.to_thread(parted.with_sealed, sealed)
            except TimeoutError as error:
                raise HubError(Reason.TOO_LATE) from error
            document = OpenDocument(answer.document.shape, len(message), _once(message))
            yield DocumentAnswer(document, _AsItIs(), answer.source)

    async def _collected(self, answer: DocumentAnswer) -> bytes:
        message = bytearray()
        async for chunk in answer.document.chunks:
            message += answer.stream.feed(chunk)
            if len(message) > self._most:
                raise HubError(Reason.SEAL_TOO_LARGE, limit=f"{self._most / 1024 / 1024:g} MiB")
        return bytes(message + answer.stream.finish())


class _AsItIs:
    """A `MessageStream` of what is a message of ours already."""

    def feed(self, chunk: bytes) -> bytes:
        return chunk

    def finish(self) -> bytes:
        return b""


async def _once(message: bytes) -> AsyncIterator[bytes]:
    yield message
