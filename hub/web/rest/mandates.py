"""Mandates: who may act for a patient; name, agree, end (security facts, part 4.8)."""

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from typing import Annotated

from msgspec import Meta, Struct

from hub.domain.identifiers import Ssin
from hub.domain.mandates import Mandate, MandateKind
from hub.domain.subjects import Subject, SubjectKind
from hub.ports.statement_ids import StatementIds, StatementName, StatementType
from hub.services.mandates import Mandates
from hub.web.rest.routes import Answer, AnyRoute, Call, Nothing, Route
from hub.web.rest.shapes import (
    CHANGED,
    EXAMPLE_ID,
    MADE,
    Changed,
    Inss,
    OpaqueId,
    Page,
    Strict,
    cut,
    followed,
    made,
)

_COLLECTION = "/mandates"
_ONE = f"{_COLLECTION}/{{id}}"
_ACCEPTANCE = f"{_ONE}/acceptance"


class MandateStatement(Strict, frozen=True):
    """Who may act for the patient, from today or another day on, without an end or up to a day."""

    holder: Inss
    kind: MandateKind
    start: date | None = None
    end: date | None = None


class NamedPerson(Struct, kw_only=True, frozen=True):
    """A mandate, both days included; one of a trusted person counts once he has agreed."""

    id: OpaqueId
    holder: Annotated[str, Meta(description="His national number.", examples=["12123199886"])]
    kind: MandateKind
    start: date
    end: date | None
    accepted: bool
    ended_on: Annotated[date | None, Meta(description="The day on which it was ended before its end.")]


class MandateList(Struct, kw_only=True, frozen=True):
    """A page of mandates, the newest first, ended ones included, and how many there are in all."""

    total: int
    rows: list[NamedPerson]


class MandateResource:
    """The mandates of a patient. An id names those of one kind that somebody holds."""

    def __init__(self, *, mandates: Mandates, ids: StatementIds) -> None:
        self._mandates, self._ids = mandates, ids

    def routes(self) -> Sequence[AnyRoute]:
        """See `Resource`."""
        return (
            Route(
                operation="ListMandates",
                method="GET",
                path=_COLLECTION,
                says="The mandates of a patient: all for the patient, his own for somebody else.",
                handle=self._list,
                query=Page,
                body=Nothing(),
                answers={HTTPStatus.OK: MandateList(total=1, rows=[_MANDATE])},
            ),
            Route(
                operation="CreateMandate",
                method="POST",
                path=_COLLECTION,
                says="Name somebody; a trusted person has to agree.",
                handle=self._create,
                query=Nothing,
                body=MandateStatement(holder="12123199886", kind=MandateKind.TRUSTED_PERSON, end=date(2027, 12, 31)),
                answers=MADE,
            ),
            Route(
                operation="AcceptMandate",
                method="PUT",
                path=_ACCEPTANCE,
                says="Agree to a mandate of one's own.",
                handle=self._accept,
                query=Nothing,
                body=Nothing(),
                answers=CHANGED,
            ),
            Route(
                operation="DeleteMandate",
                method="DELETE",
                path=_ONE,
                says="End a mandate at once, or give it back; to end one that is not there changes nothing.",
                handle=self._delete,
                query=Nothing,
                body=Nothing(),
                answers=CHANGED,
            ),
        )

    async def _list(self, call: Call[Page, Nothing]) -> Answer:
        found = sorted(
            await self._mandates.mandates(call.context, call.patient),
            key=lambda mandate: mandate.recorded.at,
            reverse=True,
        )
        rows = [self._row(call.patient, mandate) for mandate in cut(found, call.query)]
        return Answer(MandateList(total=len(found), rows=rows))

    async def _create(self, call: Call[Nothing, MandateStatement]) -> Answer:
        said = call.body
        holder = Ssin(said.holder.strip())
        changed = await self._mandates.name(
            call.context, call.patient, holder, said.kind, start=said.start, end=said.end
        )
        return made(_COLLECTION, self._id(call.patient, holder, said.kind), changed=changed)

    async def _accept(self, call: Call[Nothing, Nothing]) -> Answer:
        holder, kind = self._followed(call)
        return Answer(Changed(changed=await self._mandates.accept(call.context, call.patient, holder, kind)))

    async def _delete(self, call: Call[Nothing, Nothing]) -> Answer:
        holder, kind = self._followed(call)
        return Answer(Changed(changed=await self._mandates.end(call.context, call.patient, holder, kind)))

    def _followed(self, call: Call[Nothing, Nothing]) -> tuple[Ssin, MandateKind]:
        name = followed(self._ids, StatementType.MANDATE, call)
        return Ssin(name.subject.value), MandateKind(name.kind)

    def _row(self, patient: Ssin, mandate: Mandate) -> NamedPerson:
        return NamedPerson(
            id=self._id(patient, mandate.holder, mandate.kind),
            holder=mandate.holder.digits,
            kind=mandate.kind,
            start=mandate.start,
            end=mandate.end,
            accepted=mandate.accepted,
            ended_on=mandate.revoked_on,
        )

    def _id(self, patient: Ssin, holder: Ssin, kind: MandateKind) -> str:
        name = StatementName(Subject(SubjectKind.INSS, holder.digits), kind)
        return self._ids.give(StatementType.MANDATE, patient.digits, name)


_MANDATE = NamedPerson(
    id=EXAMPLE_ID,
    holder="12123199886",
    kind=MandateKind.TRUSTED_PERSON,
    start=date(2026, 11, 22),
    end=date(2027, 12, 31),
    accepted=False,
    ended_on=None,
)
