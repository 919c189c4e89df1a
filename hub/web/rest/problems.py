"""The one table from reasons to HTTP, and the errors of the REST API as problem details (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Final

from msgspec import Meta, Struct

from hub.domain.errors import HubError, Kind, Reason
from hub.domain.texts import Language
from hub.web.phrases import phrase
from hub.web.texts import sentence

PROBLEM_TYPE: Final = "application/problem+json"

_BY_KIND: Final[Mapping[Kind, HTTPStatus]] = {
    Kind.INVALID: HTTPStatus.BAD_REQUEST,
    Kind.NOT_AUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Kind.REFUSED: HTTPStatus.FORBIDDEN,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.NOT_SUPPORTED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.TOO_LATE: HTTPStatus.GATEWAY_TIMEOUT,
    Kind.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_OF_HTTP: Final[Mapping[Reason, HTTPStatus]] = {
    Reason.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    Reason.NOT_ACCEPTABLE: HTTPStatus.NOT_ACCEPTABLE,
    Reason.MEDIA_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Reason.MESSAGE_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}
STATUSES: Final[Mapping[Reason, HTTPStatus]] = {
    reason: _OF_HTTP.get(reason, _BY_KIND[reason.kind]) for reason in Reason
}

_PLACES: Final[Mapping[str, str]] = {
    "therapeuticlink/hcparty": "party",
    "therapeuticlink/cd": "kind",
    "therapeuticlink/patient": "Patient",
    "therapeuticlink/startdate": "start",
    "therapeuticlink/enddate": "end",
    "exclusion/hcparty": "party",
    "consent/patient": "Patient",
    "consent/signdate": "signed_on",
    "accessright/hcparty": "to",
    "accessright/transaction": "document",
    "select/transaction": "document",
    "select/transaction/id": "document",
    "select/patient": "Patient",
    "select/hcparty": "nihii",
    "mandate/kind": "kind",
    "mandate/holder": "holder",
    "mandate/end": "end",
    "patient": "Patient",
}
"""What the services name by its place in a SOAP message, as it is named here."""


class Problem(Struct, kw_only=True, omit_defaults=True):
    """Why the answer is no (RFC 9457): `detail` is for people, in the language of Accept-Language."""

    type: str = "about:blank"
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str
    reason: Annotated[
        str,
        Meta(
            description="The stable name of the reason, for programs.",
            extra_json_schema={"enum": sorted({reason.value for reason in Reason})},
        ),
    ]
    request_id: Annotated[str, Meta(description="To quote to the help desk; also in the header X-Request-Id.")]
    where: Annotated[str, Meta(description="The parameter, header or JSON path that it is about.")] = ""
    wanted: Annotated[str, Meta(description="What is accepted there.")] = ""
    seen: Annotated[str, Meta(description="What was found there.")] = ""


def problem_of(error: HubError, language: Language, request_id: str) -> Problem:
    """An error as a caller is told of it."""
    where = _PLACES.get(error.where, error.where) if _is_the_callers(error) else ""
    told = HubError(error.reason, where=where, findings=error.findings, **error.details)
    status = STATUSES[error.reason]
    return Problem(
        title=status.phrase,
        status=status,
        detail=sentence(told, language, request_id),
        reason=error.reason.value,
        request_id=request_id,
        where=where,
        wanted=phrase(error.details.get("wanted", error.details.get("limit", "")), language),
        seen=phrase(error.details.get("seen", ""), language),
    )


def _is_the_callers(error: HubError) -> bool:
    """Whether the place is one in his request."""
    return error.kind not in (Kind.UNAVAILABLE, Kind.TOO_LATE, Kind.INTERNAL)
