"""The patient's consent: read, give, withdraw (security facts, part 4.2)."""

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from typing import Annotated

from msgspec import Meta, Struct, field

from hub.domain.consent import ConsentKind, ConsentState, ConsentStatement
from hub.services.consents import Consents, FoundConsent
from hub.web.rest.cards import PatientCard, patient_ids
from hub.web.rest.routes import Answer, AnyRoute, Call, Nothing, Route
from hub.web.rest.shapes import CHANGED, EXAMPLE_MOMENT, EXAMPLE_PARTY, Changed, Said, Strict
from hub.wire.kmehr.persons import unnamed_patient

_PATH = "/consent"


class GivenConsent(Strict, frozen=True):
    """A consent that the patient gives; it is signed today unless another day is stated."""

    kinds: Annotated[list[ConsentKind], Meta(min_length=1, max_length=3, description="CD-CONSENTTYPE.")]
    signed_on: date | None = None
    card: PatientCard | None = None


class Consent(Struct, kw_only=True, frozen=True):
    """How consent stands: that which stands, else that which was withdrawn last.

    `recorded` says who said the last of it, where that is the asker's to know.
    """

    state: Annotated[
        str, Meta(extra_json_schema={"enum": [ConsentState.NONE, ConsentState.GIVEN, ConsentState.REVOKED]})
    ]
    kinds: list[ConsentKind] = []
    signed_on: date | None = None
    revoked_on: date | None = None
    recorded: Said | None = None


class ConsentQuery(Strict, frozen=True):
    """Of which kinds; none for any."""

    kind: Annotated[list[ConsentKind], Meta(max_length=3)] = field(default_factory=list)


class ConsentResource:
    """The consent of a patient."""

    def __init__(self, *, consents: Consents) -> None:
        self._consents = consents

    def routes(self) -> Sequence[AnyRoute]:
        """See `Resource`."""
        return (
            Route(
                operation="GetConsent",
                method="GET",
                path=_PATH,
                says="How the consent of a patient stands.",
                handle=self._get,
                query=ConsentQuery,
                body=Nothing(),
                answers={HTTPStatus.OK: _CONSENT},
            ),
            Route(
                operation="PutConsent",
                method="PUT",
                path=_PATH,
                says="Give consent; it takes the place of the one that stands.",
                handle=self._give,
                query=Nothing,
                body=GivenConsent(kinds=[ConsentKind.RETROSPECTIVE], signed_on=date(2026, 11, 22)),
                answers=CHANGED,
            ),
            Route(
                operation="DeleteConsent",
                method="DELETE",
                path=_PATH,
                says="Withdraw consent at once: the local one when the kind says so, else all of it.",
                handle=self._withdraw,
                query=ConsentQuery,
                body=Nothing(),
                answers=CHANGED,
            ),
        )

    async def _get(self, call: Call[ConsentQuery, Nothing]) -> Answer:
        found = await self._consents.consent(call.context, call.patient, frozenset(call.query.kind))
        return Answer(_consent(found) if found else Consent(state=ConsentState.NONE))

    async def _give(self, call: Call[Nothing, GivenConsent]) -> Answer:
        statement = ConsentStatement(
            patient_ids=patient_ids(call.patient, call.body.card),
            kinds=frozenset(call.body.kinds),
            signed_on=call.body.signed_on,
        )
        changed = await self._consents.give(call.context, unnamed_patient(call.patient), statement)
        return Answer(Changed(changed=changed))

    async def _withdraw(self, call: Call[ConsentQuery, Nothing]) -> Answer:
        statement = ConsentStatement(patient_ids=(), kinds=frozenset(call.query.kind))
        return Answer(Changed(changed=await self._consents.withdraw(call.context, call.patient, statement)))


def _consent(found: FoundConsent) -> Consent:
    consent = found.consent
    said = consent.revocation or consent.recorded
    return Consent(
        state=ConsentState.GIVEN if consent.is_given else ConsentState.REVOKED,
        kinds=sorted(consent.kinds),
        signed_on=consent.signed_on,
        revoked_on=consent.revoked_on,
        recorded=Said.of(said) if found.tells_by_whom else None,
    )


_CONSENT = Consent(
    state=ConsentState.GIVEN,
    kinds=[ConsentKind.RETROSPECTIVE],
    signed_on=date(2026, 11, 22),
    recorded=Said(at=EXAMPLE_MOMENT, by=[EXAMPLE_PARTY]),
)
