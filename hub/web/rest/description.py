"""The OpenAPI 3.1 description of the REST API, written from its routes and their types, so that it cannot be stale."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec

from hub.domain.errors import HubError, Reason
from hub.web.rest.problems import PROBLEM_TYPE, STATUSES, Problem, problem_of
from hub.web.rest.reading import JSON_TYPE, PATIENT_HEADER
from hub.web.rest.routes import PATH, AnyRoute, Naming, Nothing

Json = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"
_ALWAYS: Final = (
    Reason.REQUEST_INVALID,
    Reason.TOKEN_INVALID,
    Reason.NOT_YOURS,
    Reason.RESOURCE_UNKNOWN,
    Reason.METHOD_NOT_ALLOWED,
    Reason.NOT_ACCEPTABLE,
    Reason.INTERNAL,
    Reason.INDEX_UNAVAILABLE,
    Reason.TOO_LATE,
)
_WITH_BODY: Final = (Reason.MESSAGE_TOO_LARGE, Reason.MEDIA_TYPE)
"""One reason for each status that an operation may answer with."""

_VERSION = "1.0"
_CALLER = "TokenOfCaller"
_PATH_PARTS: Final[Mapping[str, Json]] = {
    "id": {
        "description": "The id that the hub gave.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{20,600}$"},
    },
    "document": {
        "description": "The id that the hub gave to the document.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "example": "772642bf9939e88ad289015f6c8169af",
    },
}
_PATIENT: Final[Json] = {
    "name": PATIENT_HEADER,
    "in": "header",
    "description": "The national number of the patient, which never stands in a URL.",
    "schema": {"type": "string", "pattern": "^[0-9]{11}$"},
    "example": "12123199886",
}
_LANGUAGE: Final[Json] = {
    "name": "Accept-Language",
    "in": "header",
    "description": "The language of error texts: fr, nl, en or de.",
    "schema": {"type": "string"},
    "example": "nl",
}
_ABOUT = """\
What patients and care parties say about access to documents, and who looked at them.

The patient is named in the header `Patient`, the caller by a bearer token. What is stated again, or taken back where
there is nothing, is no error: `changed` tells whether anything did. Errors are problem details (RFC 9457)."""


def describe(routes: Sequence[AnyRoute]) -> bytes:
    """The description, as JSON."""
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Therapeutic links, exclusions and other statements about access",
                "version": _VERSION,
                "description": _ABOUT,
                "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
            },
            "servers": [{"url": PATH}],
            "security": [{_CALLER: []}],
            "paths": _paths(routes),
            "components": {
                "securitySchemes": {_CALLER: {"type": "http", "scheme": "bearer"}},
                "schemas": _schemas(routes),
                "responses": {_status(reason): _problem(reason) for reason in (*_ALWAYS, *_WITH_BODY)},
            },
        }
    )


def _paths(routes: Iterable[AnyRoute]) -> Json:
    paths: Json = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return paths


def _operation(route: AnyRoute) -> Json:
    errors = (*_ALWAYS, *(_WITH_BODY if route.takes_body else ()))
    operation: Json = {
        "operationId": route.operation,
        "summary": route.says,
        "parameters": list(_parameters(route)),
        "responses": {
            **{str(int(status)): _answer(status, example) for status, example in route.answers.items()},
            **{_status(reason): {"$ref": f"#/components/responses/{_status(reason)}"} for reason in errors},
        },
    }
    if route.takes_body:
        operation["requestBody"] = {"required": True, "content": _content(JSON_TYPE, route.body)}
    return operation


def _parameters(route: AnyRoute) -> Iterator[Json]:
    for name in re.findall(r"{(\w+)}", route.path):
        yield {"name": name, "in": "path", "required": True, **_PATH_PARTS[name]}
    if route.patient is not Naming.NEVER:
        yield {**_PATIENT, "required": route.patient is Naming.NEEDED}
    yield _LANGUAGE
    yield from _query(route.query)


def _query(query: type[msgspec.Struct]) -> Iterator[Json]:
    schema = msgspec.json.schema_components([query], ref_template=_REF)[1][query.__name__]
    for name, property_ in schema["properties"].items():
        # An absent parameter is left out, never null.
        (wanted,) = (each for each in property_.pop("anyOf", [property_]) if each != {"type": "null"})
        default = property_.pop("default", None)
        schema_ = {**property_, **wanted} | ({} if default in (None, []) else {"default": default})
        about = schema_.pop("description", None)
        yield {"name": name, "in": "query", "schema": schema_} | ({"description": about} if about else {})


def _answer(status: HTTPStatus, example: msgspec.Struct) -> Json:
    headers = {"X-Request-Id": {"schema": {"type": "string"}}}
    if status is HTTPStatus.CREATED:
        headers["Location"] = {"schema": {"type": "string"}}
    about = (type(example).__doc__ or "").partition("\n")[0]
    return {"description": about, "headers": headers, "content": _content(JSON_TYPE, example)}


def _content(media_type: str, example: msgspec.Struct) -> Json:
    reference = {"$ref": _REF.format(name=type(example).__name__)}
    return {media_type: {"schema": reference, "example": msgspec.to_builtins(example)}}


def _problem(reason: Reason) -> Json:
    status = STATUSES[reason]
    headers: Json = {"X-Request-Id": {"schema": {"type": "string"}}}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = {"schema": {"type": "string"}}
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = {"schema": {"type": "string"}}
    example = problem_of(HubError(reason), "en", "4f6c1f0a")
    return {"description": status.phrase, "headers": headers, "content": _content(PROBLEM_TYPE, example)}


def _status(reason: Reason) -> str:
    return str(int(STATUSES[reason]))


def _schemas(routes: Sequence[AnyRoute]) -> Json:
    types = {type(example): None for route in routes for example in (route.body, *route.answers.values())}
    wanted = [type_ for type_ in (*types, Problem) if type_ is not Nothing]
    return msgspec.json.schema_components(wanted, ref_template=_REF)[1]
