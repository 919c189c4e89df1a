"""Exclusions: list, make, read, make again, lift (security facts, part 4.4)."""

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from typing import Annotated

from msgspec import Meta, Struct

from hub.domain.errors import HubError, Reason
from hub.domain.exclusions import Exclusion
from hub.domain.identifiers import Ssin
from hub.domain.subjects import Subject, subject_named
from hub.ports.statement_ids import StatementIds, StatementName, StatementType
from hub.services.exclusions import Exclusions
from hub.web.rest.routes import Answer, AnyRoute, Call, Nothing, Route
from hub.web.rest.shapes import (
    CHANGED,
    EXAMPLE_ID,
    MADE,
    Changed,
    Made,
    OpaqueId,
    Page,
    Party,
    PartyNumbers,
    Strict,
    cut,
    followed,
    ids_of,
    known,
    made,
)

_COLLECTION = "/exclusions"
_ONE = f"{_COLLECTION}/{{id}}"


class ExclusionStatement(Strict, frozen=True):
    """Whom the patient shuts out, from now on."""

    party: PartyNumbers


class ExcludedParty(Struct, kw_only=True, frozen=True):
    """An exclusion; it is in force while it has not been lifted."""

    id: OpaqueId
    party: Party
    start: date
    lifted_on: Annotated[date | None, Meta(description="The day since which the party may look again.")]


class ExclusionList(Struct, kw_only=True, frozen=True):
    """A page of exclusions, the newest first, and how many there are in all."""

    total: int
    rows: list[ExcludedParty]


class ExclusionQuery(Page, frozen=True):
    """Which exclusions: those in force, or with `lifted` all of them."""

    lifted: bool = False


_STATEMENT = ExclusionStatement(party=PartyNumbers(nihii="19990116004"))
_EXCLUSION = ExcludedParty(id=EXAMPLE_ID, party=Party(nihii="19990116004"), start=date(2026, 11, 22), lifted_on=None)


class ExclusionResource:
    """The exclusions of a patient. An id names that of a care party, also when it is lifted and made again."""

    def __init__(self, *, exclusions: Exclusions, ids: StatementIds) -> None:
        self._exclusions, self._ids = exclusions, ids

    def routes(self) -> Sequence[AnyRoute]:
        """See `Resource`."""
        return (
            Route(
                operation="ListExclusions",
                method="GET",
                path=_COLLECTION,
                says="The exclusions of a patient.",
                handle=self._list,
                query=ExclusionQuery,
                body=Nothing(),
                answers={HTTPStatus.OK: ExclusionList(total=1, rows=[_EXCLUSION])},
            ),
            Route(
                operation="CreateExclusion",
                method="POST",
                path=_COLLECTION,
                says="Shut a care party out from now on; nothing changes when it is out already.",
                handle=self._create,
                query=Nothing,
                body=_STATEMENT,
                answers=MADE,
            ),
            Route(
                operation="GetExclusion",
                method="GET",
                path=_ONE,
                says="An exclusion in force.",
                handle=self._get,
                query=Nothing,
                body=Nothing(),
                answers={HTTPStatus.OK: _EXCLUSION},
            ),
            Route(
                operation="PutExclusion",
                method="PUT",
                path=_ONE,
                says="Shut out the care party that the id is of; nothing changes when it is out already.",
                handle=self._put,
                query=Nothing,
                body=_STATEMENT,
                answers={HTTPStatus.OK: Made(id=EXAMPLE_ID, changed=True)},
            ),
            Route(
                operation="DeleteExclusion",
                method="DELETE",
                path=_ONE,
                says="Let a care party in again; to lift what is not there changes nothing.",
                handle=self._delete,
                query=Nothing,
                body=Nothing(),
                answers=CHANGED,
            ),
        )

    async def _list(self, call: Call[ExclusionQuery, Nothing]) -> Answer:
        found = await self._exclusions.exclusions(call.context, call.patient)
        rows = [
            (subject, exclusion)
            for subject, exclusions in found.items()
            for exclusion in exclusions
            if call.query.lifted or exclusion.is_in_force
        ]
        rows.sort(key=lambda row: row[1].recorded.at, reverse=True)
        page = [self._row(call.patient, *row) for row in cut(rows, call.query)]
        return Answer(ExclusionList(total=len(rows), rows=page))

    async def _create(self, call: Call[Nothing, ExclusionStatement]) -> Answer:
        party = call.body.party.ids()
        changed = await self._exclusions.exclude(call.context, call.patient, party)
        return made(_COLLECTION, self._id(call.patient, subject_named(party, where="party")), changed=changed)

    async def _get(self, call: Call[Nothing, Nothing]) -> Answer:
        subject = self._subject(call)
        found = (await self._exclusions.exclusions(call.context, call.patient)).get(subject, ())
        exclusion = known(exclusion for exclusion in found if exclusion.is_in_force)
        return Answer(self._row(call.patient, subject, exclusion))

    async def _put(self, call: Call[Nothing, ExclusionStatement]) -> Answer:
        subject, party = self._subject(call), call.body.party.ids()
        if subject_named(party, where="party") != subject:
            raise HubError(Reason.CONTENT, where="party", limit="the care party that the id is of")
        changed = await self._exclusions.exclude(call.context, call.patient, party)
        return Answer(Made(id=call.names["id"], changed=changed))

    async def _delete(self, call: Call[Nothing, Nothing]) -> Answer:
        changed = await self._exclusions.lift(call.context, call.patient, ids_of(self._subject(call)))
        return Answer(Changed(changed=changed))

    def _row(self, patient: Ssin, subject: Subject, exclusion: Exclusion) -> ExcludedParty:
        return ExcludedParty(
            id=self._id(patient, subject),
            party=Party.of_ids(exclusion.party),
            start=exclusion.start,
            lifted_on=exclusion.lifted_on,
        )

    def _id(self, patient: Ssin, subject: Subject) -> str:
        return self._ids.give(StatementType.EXCLUSION, patient.digits, StatementName(subject))

    def _subject(self, call: Call[Nothing, ExclusionStatement] | Call[Nothing, Nothing]) -> Subject:
        return followed(self._ids, StatementType.EXCLUSION, call).subject
