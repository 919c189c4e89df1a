"""What an address of the REST API takes and answers: the endpoint and its description both read it here."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Raw, Struct

from hub.domain.context import RequestContext
from hub.domain.identifiers import Ssin

PATH = "/api/v1"
DESCRIPTION_PATH = f"{PATH}/openapi.json"


class Naming(Enum):
    """Whether a request names a patient, in the header of that name."""

    NEEDED = auto()
    POSSIBLE = auto()
    """Without one what is asked is about who asks, whoever the patients are."""
    NEVER = auto()
    """What it is about leads to its patient."""


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """No query parameters, or no body."""


Query = TypeVar("Query", bound=Struct)
Body = TypeVar("Body", bound=Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Query, Body]):
    """A request that was read. `names` are the parts of the path that vary."""

    context: RequestContext
    named: Ssin | None
    names: Mapping[str, str]
    query: Query
    body: Body

    @property
    def patient(self) -> Ssin:
        """The patient, of a route that needs one."""
        if self.named is None:
            raise TypeError("this route takes no patient")
        return self.named


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; `headers` besides those of every answer."""

    content: Struct | Raw
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Generic[Query, Body]):
    """One method at one address.

    `operation` names it in logs, metrics, the audit trail (behind `rest:`) and the description. `path` stands below
    `/api/v1`. `body` is an example of what is sent, `answers` examples of what is answered by status: their types are
    what is read and described.
    """

    operation: str
    method: str
    path: str
    says: str
    handle: Callable[[Call[Query, Body]], Awaitable[Answer]]
    query: type[Query]
    body: Body
    answers: Mapping[HTTPStatus, Struct]
    patient: Naming = Naming.NEEDED

    @property
    def takes_body(self) -> bool:
        """Whether a body is read at all."""
        return not isinstance(self.body, Nothing)


AnyRoute = Route[Any, Any]
"""A route of whatever it takes: which it is, its own handler knows."""


class Resource(Protocol):
    """A group of addresses."""

    def routes(self) -> Sequence[AnyRoute]:
        """Its routes."""
        ...
