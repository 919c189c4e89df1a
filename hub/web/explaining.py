"""`POST /explain`: why somebody would see something or nothing, for the staff of the hub (docs/access.md).

The supervisor takes the question on the operators' address and hands it to a worker, which has the stores and what is
remembered of them, on the worker's private socket.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
from aiohttp import web

from hub.domain.errors import HubError, Kind, Reason
from hub.domain.parties import HcParty
from hub.domain.staff import Staff
from hub.ports.runtime import IdSource
from hub.services.explanations import Explanations
from hub.web.access_answers import LANGUAGES, answer
from hub.web.access_questions import AskedAccess, question_of
from hub.web.texts import sentence

EXPLAIN_PATH: Final = "/explain"

_JSON: Final = "application/json"
_LOCAL_NAMES: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_STATUSES: Final[Mapping[Kind, HTTPStatus]] = {
    Kind.INVALID: HTTPStatus.BAD_REQUEST,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.TOO_LATE: HTTPStatus.GATEWAY_TIMEOUT,
}

Sockets = Callable[[], Iterable[Path]]


class AskedByStaff(AskedAccess, kw_only=True, forbid_unknown_fields=True):
    """A question about access, and who has it, for the audit trail."""

    by: str


class ExplainEndpoint:
    """What a worker answers."""

    def __init__(
        self, explanations: Explanations, *, hub: HcParty, id_scheme: str, ids: IdSource, seconds: float
    ) -> None:
        self._explanations, self._hub, self._id_scheme = explanations, hub, id_scheme
        self._ids, self._seconds = ids, seconds

    async def post(self, request: web.Request) -> web.Response:
        """The explanation, or why there is none."""
        request_id = self._ids.new_id()
        try:
            return web.json_response(await self._answer(await request.read(), request_id))
        except HubError as error:
            texts = {language: sentence(error, language, request_id) for language in LANGUAGES}
            status = _STATUSES.get(error.kind, HTTPStatus.INTERNAL_SERVER_ERROR)
            return web.json_response({"reason": error.reason.value, "texts": texts}, status=status)

    async def _answer(self, body: bytes, request_id: str) -> Mapping[str, Any]:
        asked = _read(body)
        question = question_of(asked, id_scheme=self._id_scheme)
        deadline = asyncio.get_running_loop().time() + self._seconds
        staff = Staff(hub=self._hub, name=asked.by, request_id=request_id, deadline=deadline)
        try:
            async with asyncio.timeout_at(deadline):
                return answer(await self._explanations.explain(staff, question), request_id)
        except TimeoutError as error:
            raise HubError(Reason.TOO_LATE, limit=f"{self._seconds:g} seconds") from error


def explain_handing_on(sockets: Sockets, *, patience: float) -> Callable[[web.Request], Awaitable[web.Response]]:
    """What the supervisor answers: what the first worker says that can be reached.

    A page of another site that is open in a browser of this machine is not heeded: it can neither send JSON nor know
    the address by a local name.
    """

    async def post(request: web.Request) -> web.Response:
        if request.content_type != _JSON:
            return _refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"{_JSON} is wanted")
        if request.url.host not in _LOCAL_NAMES:
            return _refused(HTTPStatus.FORBIDDEN, "asked for by the name of this machine only")
        body = await request.read()
        for place in sockets():
            if (said := await _ask(place, body, patience)) is not None:
                return said
        return _refused(HTTPStatus.SERVICE_UNAVAILABLE, "no worker answers")

    return post


async def _ask(place: Path, body: bytes, patience: float) -> web.Response | None:
    """What a worker says, if anything; None when it cannot be reached."""
    limits = aiohttp.ClientTimeout(total=patience)
    try:
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(place)), timeout=limits) as session,
            session.post(f"http://worker{EXPLAIN_PATH}", data=body) as response,
        ):
            return web.Response(body=await response.read(), status=response.status, content_type=_JSON)
    except aiohttp.ClientConnectorError:
        return None
    except (aiohttp.ClientError, TimeoutError):
        return _refused(HTTPStatus.GATEWAY_TIMEOUT, "the worker has not answered")


def _read(body: bytes) -> AskedByStaff:
    """Raises HubError (content)."""
    try:
        asked = msgspec.json.decode(body, type=AskedByStaff)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HubError(Reason.CONTENT, where="body", limit=_wanted(error)) from None
    if not asked.by.strip():
        raise HubError(Reason.CONTENT, where="by", limit="who asks")
    return asked


def _wanted(error: Exception) -> str:
    """What was expected, and where, as the library says it."""
    return str(error) if isinstance(error, msgspec.ValidationError) else "a JSON object"


def _refused(status: HTTPStatus, problem: str) -> web.Response:
    return web.Response(text=json.dumps({"problem": problem}), status=status, content_type=_JSON)
