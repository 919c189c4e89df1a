"""The endpoint of the REST API: every request goes the same way, and everything that goes wrong leaves as a problem.

The order is fixed: method, Accept, caller, patient, parameters, body, service.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from aiohttp import web

from hub.domain.context import Origin, RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import has_nihii_check_digits
from hub.domain.parties import software_of
from hub.domain.texts import Language
from hub.ports.local_ids import LocalIds
from hub.ports.statement_ids import StatementIds
from hub.services.access_services import AccessServices
from hub.web.deadlines import until
from hub.web.languages import accepted_language
from hub.web.middleware import REPORT, RequestReport
from hub.web.rest.authentication import TokenAuthenticator, bearer_token
from hub.web.rest.consents import ConsentResource
from hub.web.rest.description import describe
from hub.web.rest.exclusions import ExclusionResource
from hub.web.rest.links import LinkResource
from hub.web.rest.mandates import MandateResource
from hub.web.rest.problems import PROBLEM_TYPE, problem_of
from hub.web.rest.reading import JSON_TYPE, check_accept, names_patient, read_body, read_patient, read_query
from hub.web.rest.rights import RightResource
from hub.web.rest.routes import DESCRIPTION_PATH, PATH, Answer, AnyRoute, Call, Naming, Resource
from hub.web.rest.trails import TrailResource

_NOT_AUTHENTICATED = 401
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestLimits:
    """The most bytes of a body, and the seconds it may take to arrive."""

    body_bytes: int = 64 * 1024
    body_seconds: float = 60.0


def access_routes(services: AccessServices, *, ids: StatementIds, local_ids: LocalIds) -> Sequence[AnyRoute]:
    """All routes of the API."""
    resources: tuple[Resource, ...] = (
        LinkResource(links=services.links, ids=ids),
        ExclusionResource(exclusions=services.exclusions, ids=ids),
        ConsentResource(consents=services.consents),
        RightResource(rights=services.rights, ids=ids, scheme=local_ids.scheme),
        MandateResource(mandates=services.mandates, ids=ids),
        TrailResource(trails=services.trails, records=services.records, scheme=local_ids.scheme),
    )
    return tuple(route for resource in resources for route in resource.routes())


class RestApi:
    """Serves routes below `/api/v1`, and their description."""

    def __init__(
        self,
        *,
        routes: Sequence[AnyRoute],
        authenticator: TokenAuthenticator,
        language: Language,
        limits: RestLimits,
    ) -> None:
        self._routes: defaultdict[str, dict[str, AnyRoute]] = defaultdict(dict)
        for route in routes:
            self._routes[route.path][route.method] = route
        self._authenticator, self._language, self._limits = authenticator, language, limits
        self._description = describe(routes)

    def add_to(self, application: web.Application) -> None:
        """Let an application serve it."""
        router = application.router
        router.add_route("*", DESCRIPTION_PATH, self._answering(self._describe))
        for path, methods in self._routes.items():
            router.add_route("*", f"{PATH}{path}", self._answering(self._calling(methods)))
        router.add_route("*", f"{PATH}{{rest:(/.*)?}}", self._answering(self._nowhere))

    def serves(self, request: web.Request) -> bool:
        """Whether a request is for this API."""
        return request.path == PATH or request.path.startswith(f"{PATH}/")

    def internal_problem(self, request: web.Request) -> web.Response:
        """The answer when the hub itself failed: a request id to quote, and nothing else."""
        return self._problem(HubError(Reason.INTERNAL), request)

    def _answering(self, handle: Handle) -> Handle:
        async def answering(request: web.Request) -> web.StreamResponse:
            try:
                async with until(request[REPORT].deadline):
                    return await handle(request)
            except HubError as error:
                return self._problem(error, request)

        return answering

    async def _describe(self, request: web.Request) -> web.Response:
        report = request[REPORT]
        report.operation = "rest:Describe"
        _require_method(request, ("GET",))
        check_accept(request)
        return _response(self._description, report)

    async def _nowhere(self, _request: web.Request) -> web.Response:
        raise HubError(Reason.RESOURCE_UNKNOWN)

    def _calling(self, methods: Mapping[str, AnyRoute]) -> Handle:
        async def calling(request: web.Request) -> web.Response:
            report = request[REPORT]
            _require_method(request, tuple(methods))
            route = methods[request.method]
            report.operation = f"rest:{route.operation}"
            check_accept(request)
            call = await self._call(request, route, report)
            answer: Answer = await route.handle(call)
            return _response(msgspec.json.encode(answer.content), report, answer)

        return calling

    async def _call(
        self, request: web.Request, route: AnyRoute, report: RequestReport
    ) -> Call[msgspec.Struct, msgspec.Struct]:
        context = await self._context(request, report)
        is_named = route.patient is Naming.NEEDED or (route.patient is Naming.POSSIBLE and names_patient(request))
        return Call(
            context=context,
            named=read_patient(request) if is_named else None,
            names=dict(request.match_info),
            query=read_query(request, route.query),
            body=await self._body(request, route, report) if route.takes_body else route.body,
        )

    async def _context(self, request: web.Request, report: RequestReport) -> RequestContext:
        token = bearer_token(request.headers.get("Authorization", ""))
        requester = await self._authenticator.authenticate(token)
        # Only a number that is one: what callers write in its place may be a person's.
        if has_nihii_check_digits(requester.organisation_number):
            report.organisation = requester.organisation_number
        origin = Origin(
            operation=report.operation,
            request_id=report.request_id,
            address=report.address,
            software=software_of(requester.parties),
        )
        return RequestContext(requester=requester, origin=origin, deadline=report.deadline)

    async def _body(self, request: web.Request, route: AnyRoute, report: RequestReport) -> msgspec.Struct:
        limits = self._limits
        type_: type[msgspec.Struct] = type(route.body)
        read, report.bytes_in = await read_body(
            request, type_, most_bytes=limits.body_bytes, most_seconds=limits.body_seconds
        )
        return read

    def _problem(self, error: HubError, request: web.Request) -> web.Response:
        report = request[REPORT]
        report.outcome = error.reason.value
        language = accepted_language(request, self._language)
        problem = problem_of(error, language, report.request_id)
        headers: dict[str, str] = {"Content-Language": language}
        if problem.status == _NOT_AUTHENTICATED:
            headers["WWW-Authenticate"] = 'Bearer realm="hub"'
        if error.reason is Reason.METHOD_NOT_ALLOWED:
            headers["Allow"] = error.details["wanted"]
        content = msgspec.json.encode(problem)
        report.bytes_out = len(content)
        response = web.Response(
            body=content, status=problem.status, content_type=PROBLEM_TYPE, headers={**_HEADERS, **headers}
        )
        if error.reason is Reason.MESSAGE_TOO_LARGE:
            response.force_close()
        return response


def _require_method(request: web.Request, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        raise HubError(Reason.METHOD_NOT_ALLOWED, wanted=", ".join(sorted(methods)))


def _response(content: bytes, report: RequestReport, answer: Answer | None = None) -> web.Response:
    report.bytes_out = len(content)
    headers, status = (answer.headers, answer.status) if answer else ({}, 200)
    return web.Response(body=content, status=status, content_type=JSON_TYPE, headers={**_HEADERS, **headers})
