"""What every request gets: an id, a deadline, and one line that says how it ended."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from hub.domain.identifiers import has_ssin_check_digits
from hub.observability.events import REQUEST_FAILED, Logger, emit
from hub.observability.logging import request_scope
from hub.ports.runtime import IdSource
from hub.web.tls_terminator import TlsTerminator

_ALLOWED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ELEVEN_DIGITS = re.compile(r"(?=(\d\d)[._-]?(\d\d)[._-]?(\d\d)[._-]?(\d{3})[._-]?(\d\d))")
"""Wherever a national number may begin, as people write it too."""


@dataclass(slots=True)
class RequestReport:
    """How a request went, filled in while it is handled. Nothing in it identifies a patient.

    `address` is that of the caller, for the audit trail and not for the log.
    `cause` and `place` say what was wrong with the security of the message, precisely, when something was.
    """

    request_id: str
    deadline: float
    address: str = ""
    operation: str = "-"
    organisation: str = ""
    source: str = ""
    outcome: str = "ok"
    cause: str = ""
    place: str = ""
    status: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    seconds: float = 0.0


REPORT = web.RequestKey("report", RequestReport)


def request_reporting(
    *,
    ids: IdSource,
    timeout: float,
    report: Callable[[RequestReport], None],
    apologise: Callable[[web.Request], web.Response],
    logger: Logger,
    terminator: TlsTerminator,
) -> Middleware:
    """The middleware. `timeout` is how many seconds a request may take; `report` is called once per request.

    What nobody expected is logged, and answered by `apologise` without a word of what it was.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        started = loop.time()
        current = RequestReport(
            request_id=_request_id(request.headers.get("X-Request-Id", ""), ids),
            deadline=started + timeout,
            address=terminator.caller_address(request),
        )
        request[REPORT] = current
        with request_scope(current.request_id):
            try:
                response = await handler(request)
                current.status = response.status
                return response
            except web.HTTPException as error:
                current.status, current.outcome = error.status, "http"
                raise
            except asyncio.CancelledError:
                current.outcome = "abandoned"
                raise
            except Exception as error:  # noqa: BLE001 - the outermost place: a caller never sees a stack
                emit(logger, REQUEST_FAILED, operation=current.operation, exception=error)
                response = apologise(request)
                current.status = response.status
                return response
            finally:
                current.seconds = loop.time() - started
                report(current)

    return middleware


async def add_request_id(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: every answer names its request."""
    if REPORT in request:
        response.headers["X-Request-Id"] = request[REPORT].request_id


def _request_id(given: str, ids: IdSource) -> str:
    """The caller's own id when it is one and cannot hold a national number, else a new one."""
    numbers = map("".join, _ELEVEN_DIGITS.findall(given))
    if _ALLOWED_ID.fullmatch(given) and not any(map(has_ssin_check_digits, numbers)):
        return given
    return ids.new_id()
