"""Rights on one document: read, hide or open, take back (security facts, part 4.5)."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from msgspec import Meta, Struct

from hub.domain.access_rights import AccessRight, Right, subject_of_right
from hub.domain.errors import HubError, Reason
from hub.domain.parties import Code as KmehrCode
from hub.domain.parties import HcParty, Id
from hub.domain.subjects import Subject, SubjectKind
from hub.ports.statement_ids import StatementIds, StatementName, StatementType
from hub.services.access_rights import AccessRights
from hub.web.rest.routes import Answer, AnyRoute, Call, Naming, Nothing, Route
from hub.web.rest.shapes import (
    CHANGED,
    EXAMPLE_ID,
    EXAMPLE_MOMENT,
    EXAMPLE_PARTY,
    MADE,
    Changed,
    Code,
    OpaqueId,
    Party,
    PartyNumbers,
    Strict,
    followed,
    ids_of,
    made,
)

_COLLECTION = "/documents/{document}/rights"
_ONE = f"{_COLLECTION}/{{id}}"


class Audience(PartyNumbers, frozen=True):
    """A care party by its number, or everybody of a profession."""

    profession: Annotated[Code | None, Meta(description="CD-HCPARTY.", examples=["persnurse"])] = None


class RightStatement(Strict, frozen=True):
    """What somebody may do with the document, in place of what was said of him before."""

    to: Literal["everybody"] | Audience
    right: Right


class DocumentRight(Struct, kw_only=True, frozen=True):
    """A right that stands; `to` without numbers and profession is everybody."""

    id: OpaqueId
    to: Party
    right: Right
    given_at: datetime


class DocumentRights(Struct, kw_only=True, frozen=True):
    """The rights on a document, in the order they were given."""

    rows: list[DocumentRight]


class RightResource:
    """The rights on documents, which are named by the id that the hub gave them."""

    def __init__(self, *, rights: AccessRights, ids: StatementIds, scheme: str) -> None:
        self._rights, self._ids, self._scheme = rights, ids, scheme

    def routes(self) -> Sequence[AnyRoute]:
        """See `Resource`."""
        return (
            Route(
                operation="ListAccessRights",
                method="GET",
                path=_COLLECTION,
                says="The rights that stand on a document; a care party is told of his own.",
                handle=self._list,
                query=Nothing,
                body=Nothing(),
                answers={HTTPStatus.OK: DocumentRights(rows=[_RIGHT])},
                patient=Naming.NEVER,
            ),
            Route(
                operation="CreateAccessRight",
                method="POST",
                path=_COLLECTION,
                says="Hide a document (disallow) or open it (allow).",
                handle=self._create,
                query=Nothing,
                body=RightStatement(to=Audience(profession="persnurse"), right=Right.DISALLOW),
                answers=MADE,
                patient=Naming.NEVER,
            ),
            Route(
                operation="DeleteAccessRights",
                method="DELETE",
                path=_COLLECTION,
                says="Take back whatever was said of a document.",
                handle=self._delete_all,
                query=Nothing,
                body=Nothing(),
                answers=CHANGED,
                patient=Naming.NEVER,
            ),
            Route(
                operation="DeleteAccessRight",
                method="DELETE",
                path=_ONE,
                says="Take back one right; to take back what was not said changes nothing.",
                handle=self._delete,
                query=Nothing,
                body=Nothing(),
                answers=CHANGED,
                patient=Naming.NEVER,
            ),
        )

    async def _list(self, call: Call[Nothing, Nothing]) -> Answer:
        found = await self._rights.rights(call.context, self._names(call))
        return Answer(DocumentRights(rows=[self._row(call.names["document"], right) for right in found.rights]))

    async def _create(self, call: Call[Nothing, RightStatement]) -> Answer:
        party = _party(call.body.to)
        changed = await self._rights.put(call.context, self._names(call), party, call.body.right)
        document = call.names["document"]
        id_ = self._id(document, subject_of_right(party, where="to"))
        return made(_COLLECTION.format(document=document), id_, changed=changed)

    async def _delete_all(self, call: Call[Nothing, Nothing]) -> Answer:
        return Answer(Changed(changed=await self._rights.take_back(call.context, self._names(call), None)))

    async def _delete(self, call: Call[Nothing, Nothing]) -> Answer:
        name = followed(self._ids, StatementType.RIGHT, call, owner=call.names["document"])
        changed = await self._rights.take_back(call.context, self._names(call), _party_of(name.subject))
        return Answer(Changed(changed=changed))

    def _names(self, call: Call[Nothing, RightStatement] | Call[Nothing, Nothing]) -> Sequence[Id]:
        return (Id("LOCAL", "1.0", call.names["document"], self._scheme),)

    def _row(self, document: str, right: AccessRight) -> DocumentRight:
        id_ = self._id(document, subject_of_right(right.party, where="to"))
        return DocumentRight(id=id_, to=Party.of(right.party), right=right.right, given_at=right.recorded.at)

    def _id(self, document: str, subject: Subject) -> str:
        return self._ids.give(StatementType.RIGHT, document, StatementName(subject))


def _party(to: Literal["everybody"] | Audience) -> HcParty:
    """Whom a right is for, who is named: forgetting a field opens nothing to everybody."""
    if to == "everybody":
        return HcParty(ids=(), cds=())
    party = HcParty(ids=to.ids(), cds=_profession(to.profession or ""))
    if not (party.ids or party.cds):
        wanted = 'nihii, inss or profession, or the text "everybody"'
        raise HubError(Reason.REQUEST_INVALID, where="to", wanted=wanted, seen="none of them")
    return party


def _party_of(subject: Subject) -> HcParty:
    if subject.kind in (SubjectKind.NIHII, SubjectKind.INSS):
        return HcParty(ids=ids_of(subject), cds=())
    return HcParty(ids=(), cds=_profession(subject.value))


def _profession(code: str) -> tuple[KmehrCode, ...]:
    return (KmehrCode("CD-HCPARTY", "1.16", code.strip()),) if code else ()


_RIGHT = DocumentRight(id=EXAMPLE_ID, to=EXAMPLE_PARTY, right=Right.DISALLOW, given_at=EXAMPLE_MOMENT)
