"""HTTP to one source: bounded in time, size and number, and never trying a source that keeps failing.

What the client library raises becomes a HubError here. Nothing a source sends gets into an error's text.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp

from connectors.circuit_breaker import Attempt, CircuitBreaker
from connectors.http_settings import HttpSettings
from hub.domain.errors import HubError, Reason

XML_TYPES = frozenset({"text/xml", "application/xml", "application/soap+xml"})


class Answer:
    """The answer of a source, of which the head has come."""

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        *,
        source: str,
        settings: HttpSettings,
        deadline: float,
        attempt: Attempt,
    ) -> None:
        self._response = response
        self._source = source
        self._settings = settings
        self._deadline = deadline
        self._attempt = attempt

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters, in lower case; empty when the source gave none."""
        return self._response.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def size(self) -> int | None:
        """The announced number of bytes."""
        return self._response.content_length

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, as it comes. Raises HubError: source-too-late, source-unavailable, source-too-large."""
        loop, content = asyncio.get_running_loop(), self._response.content
        received = 0
        with translated(self._source, self._attempt):
            while True:
                async with asyncio.timeout_at(min(self._deadline, loop.time() + self._settings.idle_timeout)):
                    chunk = await content.readany()
                if not chunk:
                    break
                received += len(chunk)
                self.check_size(received)
                yield chunk
        self._attempt.succeed()

    def distrust(self) -> None:
        """It has come, but it is nonsense: the source counts as failing."""
        self._attempt.fail()

    def check_size(self, size: int) -> None:
        """Raises HubError (source-too-large) for a body beyond the limit."""
        if size > self._settings.size_limit:
            limit = str(self._settings.size_limit)
            raise HubError(Reason.SOURCE_TOO_LARGE, source=self._source, limit=limit)


class Transport:
    """The way to one source: its connections, its turns, and whether it is worth trying.

    Implements `hub.ports.certificates.CertificateFiles`. A connection in use keeps the certificates it began with.
    """

    def __init__(self, *, source: str, settings: HttpSettings) -> None:
        self._source = source
        self._settings = settings
        self.name = f"source {source}"
        self._tls, self.expiries = settings.tls_context(), settings.expiries(self.name)
        self._breaker = CircuitBreaker(failures=settings.failures_to_open, pause=settings.pause)
        self._turns = asyncio.Semaphore(settings.connections)
        self._session: aiohttp.ClientSession | None = None

    @property
    def is_available(self) -> bool:
        """Whether a request would be tried now."""
        return not self._breaker.is_open

    @property
    def files(self) -> Sequence[Path]:
        """See `CertificateFiles.files`."""
        return self._settings.certificate_files

    async def reload(self) -> None:
        """See `CertificateFiles.reload`."""
        self._tls, self.expiries = self._settings.tls_context(), self._settings.expiries(self.name)

    async def close(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @asynccontextmanager
    async def exchange(
        self,
        method: str,
        url: str,
        *,
        deadline: float,
        headers: Mapping[str, str],
        body: bytes | None = None,
        is_repeatable: bool = True,
        may_fault: bool = False,
    ) -> AsyncIterator[Answer]:
        """Send a request and give the answer as soon as its head has come; the connection ends with the context.

        `deadline` is on the event loop's clock: the exchange ends then, or earlier by the settings.
        A request that `is_repeatable` is sent once more when the source ended the connection without a word, as
        servers do with one that has been idle. `may_fault` says that status 500 with an XML body is an
        answer (SOAP 1.1). Raises HubError: source-unavailable, source-too-late, source-too-large, source-answer.
        """
        loop = asyncio.get_running_loop()
        deadline = min(deadline, loop.time() + self._settings.total_timeout)
        async with self._turn(deadline), self._attempt() as attempt:
            with translated(self._source, attempt):
                async with asyncio.timeout_at(min(deadline, loop.time() + self._settings.first_byte_timeout)):
                    response = await self._send(method, url, headers, body, tries=2 if is_repeatable else 1)
            try:
                answer = Answer(
                    response, source=self._source, settings=self._settings, deadline=deadline, attempt=attempt
                )
                self._check(answer, response.headers.get("Content-Encoding", ""), attempt, may_fault=may_fault)
                yield answer
            finally:
                if response.content.at_eof():
                    response.release()
                else:  # the rest is not wanted: this ends the connection
                    response.close()

    @asynccontextmanager
    async def _turn(self, deadline: float) -> AsyncIterator[None]:
        """One of the limited places at this source; waiting for one is bounded."""
        if self._breaker.is_open:
            raise self._not_trying()
        wait_until = min(deadline, asyncio.get_running_loop().time() + self._settings.connection_wait)
        try:
            async with asyncio.timeout_at(wait_until):
                await self._turns.acquire()
        except TimeoutError as error:
            raise HubError(Reason.SOURCE_UNAVAILABLE, source=self._source, problem="busy") from error
        try:
            yield
        finally:
            self._turns.release()

    @asynccontextmanager
    async def _attempt(self) -> AsyncIterator[Attempt]:
        attempt = self._breaker.begin()
        if attempt is None:
            raise self._not_trying()
        try:
            yield attempt
        finally:
            attempt.end()

    def _not_trying(self) -> HubError:
        return HubError(Reason.SOURCE_UNAVAILABLE, source=self._source, problem="not tried: it failed repeatedly")

    async def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, tries: int
    ) -> aiohttp.ClientResponse:
        if self._session is None:
            self._session = self._new_session()
        try:
            return await self._session.request(
                method, url, headers=headers, data=body, allow_redirects=False, ssl=self._tls
            )
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if tries <= 1 or isinstance(error, aiohttp.ClientConnectorError):
                raise
            return await self._send(method, url, headers, body, tries=tries - 1)

    def _new_session(self) -> aiohttp.ClientSession:
        connect = self._settings.connect_timeout
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),  # the turns limit
            timeout=aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=connect),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity", "User-Agent": "openhub"},
            auto_decompress=False,
        )

    def _check(self, answer: Answer, encoding: str, attempt: Attempt, *, may_fault: bool) -> None:
        is_fault = may_fault and answer.status == 500 and answer.media_type in XML_TYPES
        if answer.status >= 500 and not is_fault:
            attempt.fail()
            raise HubError(Reason.SOURCE_UNAVAILABLE, source=self._source, problem=f"HTTP status {answer.status}")
        attempt.answer()
        if encoding.strip().lower() not in ("", "identity"):
            raise HubError(Reason.SOURCE_ANSWER, source=self._source, problem="a compressed answer")
        answer.check_size(answer.size or 0)


@contextmanager
def translated(source: str, attempt: Attempt) -> Iterator[None]:
    """Errors of the client library as HubErrors, and what they tell about the source."""
    try:
        yield
    except TimeoutError as error:
        attempt.fail()
        raise HubError(Reason.SOURCE_TOO_LATE, source=source) from error
    except aiohttp.ClientResponseError as error:
        raise HubError(Reason.SOURCE_ANSWER, source=source, problem="not HTTP") from error
    except (aiohttp.ClientError, OSError) as error:
        attempt.fail()
        raise HubError(Reason.SOURCE_UNAVAILABLE, source=source) from error
