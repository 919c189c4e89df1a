"""What operators see: whether the hub lives, whether it is ready and what it waits for, and its metrics.

The supervisor serves these on an address of their own. Each worker answers the supervisor's question about its own
dependencies on a private unix socket, so that a worker that hangs is seen as such.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp
from aiohttp import web

_STATE_PATH = "/state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One thing the hub depends on. The hub is ready when all that are required are well."""

    name: str
    is_well: bool
    is_required: bool = True
    detail: str = ""


State = Callable[[], Awaitable[Sequence[Dependency]]]


def operations_application(
    *, state: State, metrics: Callable[[], bytes], routes: Iterable[web.RouteDef] = ()
) -> web.Application:
    """`/health/live`, `/health/ready` and `/metrics`, and what else operators may ask."""

    async def live(_request: web.Request) -> web.Response:
        return web.json_response({"status": "live"})

    async def ready(_request: web.Request) -> web.Response:
        dependencies = await state()
        is_ready = all(one.is_well for one in dependencies if one.is_required)
        return web.json_response(
            {"status": "ready" if is_ready else "not ready", "dependencies": _by_name(dependencies)},
            status=200 if is_ready else 503,
        )

    async def values(_request: web.Request) -> web.Response:
        body = await asyncio.to_thread(metrics)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    application = web.Application()
    application.router.add_get("/health/live", live)
    application.router.add_get("/health/ready", ready)
    application.router.add_get("/metrics", values)
    application.add_routes(routes)
    return application


def state_application(state: State, routes: Iterable[web.RouteDef] = ()) -> web.Application:
    """What a worker serves for the supervisor: how it is, and what else it is asked."""

    async def get(_request: web.Request) -> web.Response:
        return web.json_response([asdict(one) for one in await state()])

    application = web.Application()
    application.router.add_get(_STATE_PATH, get)
    application.add_routes(routes)
    return application


async def ask_state(place: Path, *, patience: float) -> Sequence[Dependency] | None:
    """What a worker says of its dependencies; None when it does not answer within `patience` seconds."""
    limits = aiohttp.ClientTimeout(total=patience)
    try:
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(place)), timeout=limits) as session,
            session.get(f"http://worker{_STATE_PATH}") as response,
        ):
            return [Dependency(**one) for one in await response.json()]
    except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError):
        return None


def _by_name(dependencies: Sequence[Dependency]) -> Mapping[str, Mapping[str, object]]:
    return {one.name: {"ok": one.is_well, "required": one.is_required, "detail": one.detail} for one in dependencies}
