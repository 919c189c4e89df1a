"""Give and withdraw consent: who may, what is kept, what is told."""

from dataclasses import replace
from datetime import date

import pytest

from hub.domain.audit import Outcome
from hub.domain.consent import ConsentKind, ConsentStatement
from hub.domain.errors import Reason
from tests.builders import (
    JAN,
    MILA,
    a_patient,
)
from tests.statements import TODAY, party_ids
from tests.unit.services.statements_world import (
    BY_GP,
    BY_JAN,
    DAY,
    GP_LINK,
    JANS_CARD,
    MILAS_CARD,
    RETROSPECTIVE,
    UNKNOWN_CARD,
    World,
    a_world,
    reason_of,
    with_card,
)


def a_statement(
    kinds: frozenset[ConsentKind] = RETROSPECTIVE,
    *,
    card: str = "",
    signed_on: date | None = None,
    revoked_on: date | None = None,
) -> ConsentStatement:
    return ConsentStatement(patient_ids=with_card(card), kinds=kinds, signed_on=signed_on, revoked_on=revoked_on)


async def test_consent_is_given_read_and_withdrawn(statements: World) -> None:
    assert await statements.consents.give(BY_JAN, a_patient(), a_statement())
    found = await statements.consents.consent(BY_JAN, JAN, frozenset())
    assert found is not None
    assert (found.consent.kinds, found.consent.signed_on, found.tells_by_whom) == (RETROSPECTIVE, TODAY, True)
    assert await statements.consents.withdraw(BY_GP, JAN, a_statement())
    found = await statements.consents.consent(BY_GP, JAN, frozenset())
    assert found is not None
    assert (found.consent.revoked_on, found.tells_by_whom) == (TODAY, False)
    assert [event.outcome for event in await statements.events()] == [Outcome.GRANTED] * 4


async def test_saying_it_again_or_withdrawing_nothing_is_told_apart_from_a_change(statements: World) -> None:
    assert not await statements.consents.withdraw(BY_JAN, JAN, a_statement())
    assert await statements.consents.give(BY_JAN, a_patient(), a_statement())
    assert not await statements.consents.give(BY_JAN, a_patient(), a_statement())
    assert await statements.consents.withdraw(BY_JAN, JAN, a_statement())
    assert not await statements.consents.withdraw(BY_JAN, JAN, a_statement())


async def test_a_kind_that_was_not_given_is_not_found(statements: World) -> None:
    await statements.consents.give(BY_JAN, a_patient(), a_statement())
    assert await statements.consents.consent(BY_JAN, JAN, {ConsentKind.LOCAL}) is None
    assert await statements.consents.consent(BY_JAN, JAN, RETROSPECTIVE) is not None


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        (MILAS_CARD, Reason.CARD_OF_ANOTHER),
        ("591123456754", Reason.CARD_NUMBER),
        (JANS_CARD, None),
        (UNKNOWN_CARD, None),
    ],
)
async def test_consent_with_a_card(statements: World, card: str, reason: Reason | None) -> None:
    giving = statements.consents.give(BY_GP, a_patient(), a_statement(card=card))
    if reason is None:
        assert await giving
        return
    assert await reason_of(giving) is reason
    (event,) = await statements.events()
    assert (event.outcome, event.reason) == (Outcome.REFUSED, reason.value)


@pytest.mark.parametrize(
    "statement",
    [a_statement(signed_on=TODAY + 2 * DAY), a_statement(revoked_on=TODAY), a_statement(signed_on=date(9999, 12, 31))],
)
async def test_consent_with_days_that_cannot_be_is_refused(statements: World, statement: ConsentStatement) -> None:
    assert await reason_of(statements.consents.give(BY_JAN, a_patient(), statement)) is Reason.CONTENT


async def test_a_withdrawal_is_not_before_the_signing_and_one_of_tomorrow_is_taken(
    statements: World,
) -> None:
    backwards = a_statement(signed_on=TODAY, revoked_on=TODAY - DAY)
    assert await reason_of(statements.consents.withdraw(BY_JAN, JAN, backwards)) is Reason.CONTENT
    await statements.consents.give(BY_JAN, a_patient(), a_statement(signed_on=TODAY + DAY))
    assert await statements.consents.withdraw(BY_JAN, JAN, a_statement(signed_on=TODAY + DAY, revoked_on=TODAY + DAY))
    found = await statements.consents.consent(BY_JAN, JAN, frozenset())
    assert found is not None
    assert (found.consent.signed_on, found.consent.revoked_on) == (TODAY, TODAY)


async def test_an_unknown_patient_consents_only_where_the_hub_registers_patients(statements: World) -> None:
    new = a_patient(MILA)
    statements.patients._patients.pop(MILA)
    by_gp = statements.consents.give(BY_GP, new, a_statement())
    assert await reason_of(by_gp) is Reason.PATIENT_UNKNOWN
    assert await reason_of(statements.consents.consent(BY_GP, MILA, frozenset())) is Reason.PATIENT_UNKNOWN
    registering = await a_world(registers_patients=True)
    registering.patients._patients.pop(MILA)
    assert await registering.consents.give(BY_GP, new, a_statement())
    assert await registering.patients.get(MILA) == new


async def test_of_a_deceased_patient_nothing_can_be_given_and_all_can_be_withdrawn(statements: World) -> None:
    await statements.consents.give(BY_JAN, a_patient(), a_statement())
    statements.patients._patients[JAN] = replace(a_patient(), deathdate="2026-03-01")
    for awaitable in (
        statements.consents.give(BY_GP, a_patient(), a_statement()),
        statements.consents.consent(BY_GP, JAN, frozenset()),
        statements.links.put(BY_GP, JAN, with_card(JANS_CARD), GP_LINK),
    ):
        assert await reason_of(awaitable) is Reason.PATIENT_DECEASED
    assert await statements.consents.withdraw(BY_GP, JAN, a_statement())
    assert not await statements.links.revoke(BY_GP, JAN, party_ids(), None)
