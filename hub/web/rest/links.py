"""Therapeutic links: list, make, read, change, end (security facts, part 4.3)."""

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from typing import Annotated

from msgspec import Meta, Struct, field

from hub.domain.cards import CardKind
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.link_policy import LinkClaim
from hub.domain.parties import Id
from hub.domain.subjects import subject_named
from hub.domain.therapeutic_links import LinkSelection, Proof, TherapeuticLink
from hub.ports.statement_ids import StatementIds, StatementName, StatementType
from hub.services.therapeutic_links import TherapeuticLinks
from hub.web.rest.cards import PatientCard, patient_ids
from hub.web.rest.routes import Answer, AnyRoute, Call, Nothing, Route
from hub.web.rest.shapes import (
    CHANGED,
    EXAMPLE_ID,
    MADE,
    Changed,
    Code,
    Made,
    Nihii,
    OpaqueId,
    Page,
    Party,
    PartyNumbers,
    Remark,
    Strict,
    cut,
    followed,
    ids_of,
    known,
    made,
)

_COLLECTION = "/therapeutic-links"
_ONE = f"{_COLLECTION}/{{id}}"
_KIND = Meta(description="CD-THERAPEUTICLINKTYPE.", examples=["gpconsultation"])


class LinkStatement(Strict, frozen=True):
    """A link that somebody states. It starts today and lasts as long as its kind may, unless days are given."""

    party: PartyNumbers
    kind: Annotated[Code, _KIND]
    start: date | None = None
    end: date | None = None
    comment: Remark = ""
    card: PatientCard | None = None

    def claim(self) -> LinkClaim:
        """As the services take it."""
        return LinkClaim(
            party=self.party.ids(), kind=self.kind.strip(), start=self.start, end=self.end, comment=self.comment
        )


class Link(Struct, kw_only=True, frozen=True):
    """A link; both days are included, `end` is the last on which it holds, or held."""

    id: OpaqueId
    party: Party
    kind: Annotated[str, _KIND]
    start: date
    end: date
    proof: Annotated[Proof, Meta(description="What shows that patient and care party met.")]
    comment: str


class Links(Struct, kw_only=True, frozen=True):
    """A page of links, those that start last first, and how many there are in all."""

    total: int
    rows: list[Link]


class LinkQuery(Page, frozen=True):
    """Which links: without days those in force, else those that held on some day from `begin` to `end`."""

    nihii: Annotated[Nihii | None, Meta(description="With this care party.")] = None
    kind: Annotated[list[Code], Meta(max_length=20, description="Of these kinds.")] = field(default_factory=list)
    begin: date | None = None
    end: date | None = None


_STATEMENT = LinkStatement(
    party=PartyNumbers(nihii="19990116004"),
    kind="gpconsultation",
    end=date(2027, 6, 30),
    card=PatientCard(kind=CardKind.EID, number="591123456753"),
)
_LINK = Link(
    id=EXAMPLE_ID,
    party=Party(nihii="19990116004"),
    kind="gpconsultation",
    start=date(2026, 11, 22),
    end=date(2027, 6, 30),
    proof=Proof.EID_READING,
    comment="",
)


class LinkResource:
    """The links of a patient. An id names the link with a care party of a kind, also when it is renewed."""

    def __init__(self, *, links: TherapeuticLinks, ids: StatementIds) -> None:
        self._links, self._ids = links, ids

    def routes(self) -> Sequence[AnyRoute]:
        """See `Resource`."""
        return (
            Route(
                operation="ListTherapeuticLinks",
                method="GET",
                path=_COLLECTION,
                says="The links of a patient: all of them for the patient, his own ones for a care party.",
                handle=self._list,
                query=LinkQuery,
                body=Nothing(),
                answers={HTTPStatus.OK: Links(total=1, rows=[_LINK])},
            ),
            Route(
                operation="CreateTherapeuticLink",
                method="POST",
                path=_COLLECTION,
                says="Make a link, or renew it; nothing changes when one of the kind stands that ends no earlier.",
                handle=self._create,
                query=Nothing,
                body=_STATEMENT,
                answers=MADE,
            ),
            Route(
                operation="GetTherapeuticLink",
                method="GET",
                path=_ONE,
                says="A link in force.",
                handle=self._get,
                query=Nothing,
                body=Nothing(),
                answers={HTTPStatus.OK: _LINK},
            ),
            Route(
                operation="PutTherapeuticLink",
                method="PUT",
                path=_ONE,
                says="Let a link be as stated, also when it ends earlier; care party and kind are those of its id.",
                handle=self._put,
                query=Nothing,
                body=_STATEMENT,
                answers={HTTPStatus.OK: Made(id=EXAMPLE_ID, changed=True)},
            ),
            Route(
                operation="DeleteTherapeuticLink",
                method="DELETE",
                path=_ONE,
                says="End a link at once; to end one that is not there changes nothing.",
                handle=self._delete,
                query=Nothing,
                body=Nothing(),
                answers=CHANGED,
            ),
        )

    async def _list(self, call: Call[LinkQuery, Nothing]) -> Answer:
        query = call.query
        selection = LinkSelection(
            patient=call.patient,
            party=PartyNumbers(nihii=query.nihii).ids(),
            kinds=frozenset(query.kind),
            begin=query.begin,
            end=query.end,
        )
        links = (await self._links.links(call.context, selection)).links
        return Answer(Links(total=len(links), rows=[self._row(call.patient, link) for link in cut(links, query)]))

    async def _create(self, call: Call[Nothing, LinkStatement]) -> Answer:
        claim = call.body.claim()
        changed = await self._links.put(call.context, call.patient, patient_ids(call.patient, call.body.card), claim)
        return made(_COLLECTION, self._id(call.patient, claim.party, claim.kind), changed=changed)

    async def _get(self, call: Call[Nothing, Nothing]) -> Answer:
        name = followed(self._ids, StatementType.LINK, call)
        selection = LinkSelection(patient=call.patient, party=ids_of(name.subject), kinds=frozenset({name.kind}))
        link = known((await self._links.links(call.context, selection)).links)
        return Answer(self._row(call.patient, link))

    async def _put(self, call: Call[Nothing, LinkStatement]) -> Answer:
        claim, id_ = call.body.claim(), call.names["id"]
        name = followed(self._ids, StatementType.LINK, call)
        if (subject_named(claim.party, where="party"), claim.kind) != name:
            raise HubError(Reason.CONTENT, where="party", limit="the care party and the kind that the id is of")
        changed = await self._links.restate(
            call.context, call.patient, patient_ids(call.patient, call.body.card), claim
        )
        return Answer(Made(id=id_, changed=changed))

    async def _delete(self, call: Call[Nothing, Nothing]) -> Answer:
        name = followed(self._ids, StatementType.LINK, call)
        changed = await self._links.revoke(call.context, call.patient, ids_of(name.subject), name.kind)
        return Answer(Changed(changed=changed))

    def _row(self, patient: Ssin, link: TherapeuticLink) -> Link:
        return Link(
            id=self._id(patient, link.party, link.kind),
            party=Party.of_ids(link.party),
            kind=link.kind,
            start=link.start,
            end=link.last_day,
            proof=link.proof,
            comment=link.comment,
        )

    def _id(self, patient: Ssin, party: tuple[Id, ...], kind: str) -> str:
        name = StatementName(subject_named(party, where="party"), kind)
        return self._ids.give(StatementType.LINK, patient.digits, name)
