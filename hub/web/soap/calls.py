"""What a handler is given and what it gives back."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from lxml import etree

from hub.domain.context import RequestContext
from hub.domain.errors import HubError
from hub.domain.texts import Language
from hub.ports.documents import OpenDocument
from hub.wire.hubservices.requests import RequestPart
from hub.wire.kmehr.relay.stream import MessageStream


@dataclass(frozen=True, slots=True)
class Call:
    """An understood, authenticated, schema-valid request, and the language that its sender reads."""

    context: RequestContext
    request: RequestPart
    message: etree._Element
    language: Language


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands behind the acknowledge: the result part as a fragment, the page of a list, and what is missing.

    `gaps` are errors to report beside a result; with any of them the answer is not complete.
    """

    result: bytes = b""
    page: tuple[int, int] | None = None
    gaps: tuple[HubError, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentAnswer:
    """A document to be relayed as the result: what comes from its source, and what makes a KMEHR message of it."""

    document: OpenDocument
    stream: MessageStream
    source: str


Handler = Callable[[Call], Awaitable[Answer]]
DocumentHandler = Callable[[Call], AbstractAsyncContextManager[DocumentAnswer]]
