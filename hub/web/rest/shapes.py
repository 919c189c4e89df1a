"""What several requests and answers of the REST API have in common, and its values in and out."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from msgspec import Meta, Struct

from hub.domain.errors import HubError, Reason
from hub.domain.parties import HcParty, Id
from hub.domain.recorded import Recorded
from hub.domain.search import PageRequest
from hub.domain.subjects import Subject, SubjectKind
from hub.ports.statement_ids import StatementIds, StatementName, StatementType
from hub.web.rest.routes import PATH, Answer, Call

Row = TypeVar("Row")

Nihii = Annotated[
    str,
    Meta(pattern="^[0-9]{8}([0-9]{3})?$", description="A NIHII number: 8 or 11 digits.", examples=["19990116004"]),
]
Inss = Annotated[
    str, Meta(pattern="^[0-9]{11}$", description="A national number: 11 digits.", examples=["12123199886"])
]
OpaqueId = Annotated[str, Meta(description="Stable; made by the hub, and telling nothing.")]
Code = Annotated[str, Meta(pattern="^[A-Za-z][A-Za-z0-9-]{0,59}$")]
Remark = Annotated[str, Meta(max_length=500, pattern="^[^\\u0000-\\u001f\\u007f-\\u009f\\ufffe\\uffff]*$")]


class Strict(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Something a caller sends: what is not described is refused."""


class PartyNumbers(Strict, frozen=True):
    """A care party by its number: NIHII, or INSS for who has none."""

    nihii: Nihii | None = None
    inss: Inss | None = None

    def ids(self) -> tuple[Id, ...]:
        """As the services take it."""
        numbers = (("ID-HCPARTY", self.nihii), ("INSS", self.inss))
        return tuple(Id(scheme, "1.0", value.strip()) for scheme, value in numbers if value)


class Party(Struct, kw_only=True, frozen=True):
    """A care party, as far as it was named."""

    nihii: Annotated[str, Meta(examples=["19990116004"])] = ""
    inss: str = ""
    profession: Annotated[str, Meta(description="CD-HCPARTY.", examples=["persphysician"])] = ""
    name: Annotated[str, Meta(examples=["Ana Testarts"])] = ""

    @classmethod
    def of(cls, party: HcParty) -> "Party":
        """A party of the field."""
        name = party.name or " ".join(filter(None, (party.firstname, party.familyname)))
        return cls(nihii=party.number, inss=party.id_value("INSS"), profession=party.profession, name=name)

    @classmethod
    def of_ids(cls, ids: tuple[Id, ...]) -> "Party":
        """A party of which only the numbers are known."""
        return cls.of(HcParty(ids=ids, cds=()))


class Said(Struct, kw_only=True, frozen=True):
    """When the hub took a statement, and from whom."""

    at: datetime
    by: list[Party]

    @classmethod
    def of(cls, recorded: Recorded) -> "Said":
        """As recorded."""
        return cls(at=recorded.at, by=[Party.of(party) for party in recorded.by])


class Page(Strict, frozen=True):
    """Which part of a list: its first row, counted from 1, and how many rows."""

    first: Annotated[int, Meta(ge=1, le=1_000_000, description="The first row wanted, counted from 1.")] = 1
    size: Annotated[int, Meta(ge=1, le=500, description="How many rows at most.")] = 100

    def request(self) -> PageRequest:
        """As the services take it."""
        return PageRequest(self.first, self.size)


class Changed(Struct, kw_only=True, frozen=True):
    """What was asked is so now; `changed` says whether it was not before."""

    changed: bool


class Made(Struct, kw_only=True, frozen=True):
    """What was stated is so now, under this id; `changed` says whether it was not before."""

    id: OpaqueId
    changed: bool


EXAMPLE_ID = "uFqoZ2lYx0r3u1mEo5wq7sQH2nSJ0cV9cT4e"
EXAMPLE_MOMENT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
EXAMPLE_PARTY = Party(nihii="19990116004", profession="persphysician", name="Ana Testarts")
MADE = {HTTPStatus.CREATED: Made(id=EXAMPLE_ID, changed=True), HTTPStatus.OK: Made(id=EXAMPLE_ID, changed=False)}
CHANGED = {HTTPStatus.OK: Changed(changed=True)}


def made(collection: str, id_: str, *, changed: bool) -> Answer:
    """The answer to a statement that has an address of its own."""
    headers = {"Location": f"{PATH}{collection}/{id_}"} if changed else {}
    return Answer(Made(id=id_, changed=changed), HTTPStatus.CREATED if changed else HTTPStatus.OK, headers)


def ids_of(subject: Subject) -> tuple[Id, ...]:
    """The ids by which a care party is named that an id led to."""
    return (Id("ID-HCPARTY" if subject.kind is SubjectKind.NIHII else "INSS", "1.0", subject.value),)


def followed(ids: StatementIds, of: StatementType, call: Call[Any, Any], *, owner: str = "") -> StatementName:
    """What the id in the path of a call names, of its patient or of another owner.

    Raises HubError (resource-unknown) for an id that is not ours.
    """
    name = ids.follow(of, owner or call.patient.digits, call.names["id"])
    if name is None:
        raise HubError(Reason.RESOURCE_UNKNOWN)
    return name


def known(found: Iterable[Row]) -> Row:
    """The one row there is. Raises HubError (resource-unknown) when there is none."""
    for row in found:
        return row
    raise HubError(Reason.RESOURCE_UNKNOWN)


def cut(rows: Sequence[Row], page: Page) -> list[Row]:
    """The rows of a page."""
    return list(page.request().cut(rows))
