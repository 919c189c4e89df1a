"""Exclusions, rights on documents and mandates: who may, and what is told."""

from dataclasses import replace

import pytest

from hub.domain.access_rights import Right
from hub.domain.audit import Outcome
from hub.domain.errors import Reason
from hub.domain.identifiers import LocalId, Ssin
from hub.domain.mandates import MandateKind
from hub.domain.parties import Code, HcParty, Id
from hub.domain.references import Status
from hub.services.attempts import Attempts
from hub.services.auditing import Auditing
from hub.services.mandates import Mandates
from hub.services.permissions import EverythingPermitted
from tests.builders import (
    GP_NIHII,
    JAN,
    MILA,
    OTHER_GP_NIHII,
    a_context,
    a_person,
)
from tests.statements import TODAY, party_ids
from tests.unit.services.statements_world import BY_GP, BY_JAN, BY_OTHER_GP, DAY, World, reason_of


async def test_the_patient_excludes_and_lifts_and_nobody_else_sees_it(statements: World) -> None:
    assert await reason_of(statements.exclusions.exclude(BY_GP, JAN, party_ids())) is Reason.NOT_YOURS
    assert not await statements.exclusions.lift(BY_JAN, JAN, party_ids())
    assert await statements.exclusions.exclude(BY_JAN, JAN, party_ids())
    assert not await statements.exclusions.exclude(BY_JAN, JAN, party_ids())
    assert len(await statements.exclusions.exclusions(BY_JAN, JAN)) == 1
    assert await reason_of(statements.exclusions.exclusions(BY_GP, JAN)) is Reason.NOT_YOURS
    assert await statements.exclusions.lift(BY_JAN, JAN, party_ids())
    ((exclusion,),) = (await statements.exclusions.exclusions(BY_JAN, JAN)).values()
    assert not exclusion.is_in_force
    nobody = statements.exclusions.exclude(BY_JAN, JAN, (Id("ID-HCPARTY", "1.0", "12345678"),))
    assert await reason_of(nobody) is Reason.PARTY_NUMBER


async def test_a_document_is_hidden_from_one_from_a_profession_and_from_everybody(statements: World) -> None:
    name = await statements.document()
    nurses = HcParty(ids=(), cds=(Code("CD-HCPARTY", "1.16", "persnurse"),))
    everybody = HcParty(ids=(), cds=())
    for party in (a_person(OTHER_GP_NIHII), nurses, everybody):
        assert await statements.rights.put(BY_JAN, [name], party, Right.DISALLOW)
        assert not await statements.rights.put(BY_JAN, [name], party, Right.DISALLOW)
    for asking in (BY_JAN, BY_GP):
        rights = (await statements.rights.rights(asking, [name])).rights
        assert [right.party for right in rights] == [a_person(OTHER_GP_NIHII), nurses, everybody]
    assert await statements.rights.put(BY_GP, [name], nurses, Right.ALLOW)
    assert await statements.rights.take_back(BY_JAN, [name], everybody)
    assert not await statements.rights.take_back(BY_JAN, [name], everybody)
    found = await statements.rights.rights(BY_JAN, [name])
    assert [right.right for right in found.rights] == [Right.DISALLOW, Right.ALLOW]
    assert await statements.rights.take_back(BY_JAN, [name], None)
    assert not await statements.rights.take_back(BY_JAN, [name], None)
    assert (await statements.rights.rights(BY_JAN, [name])).rights == []
    assert {event.transaction.id for event in await statements.events() if event.transaction} == {
        LocalId("RSBID", name.value)
    }


async def test_a_right_is_on_a_document_whichever_of_its_versions_it_was_put_on(statements: World) -> None:
    first = await statements.document()
    somebody = a_person(OTHER_GP_NIHII)
    assert await statements.rights.put(BY_JAN, [first], somebody, Right.DISALLOW)
    second = await statements.document(recorded="2026-04-01T00:00:00")
    assert not await statements.rights.put(BY_JAN, [second], somebody, Right.DISALLOW)
    for name in (first, second):
        assert [right.right for right in (await statements.rights.rights(BY_JAN, [name])).rights] == [Right.DISALLOW]
    assert await statements.rights.put(BY_JAN, [second], somebody, Right.ALLOW)
    for name in (first, second):
        assert [right.right for right in (await statements.rights.rights(BY_JAN, [name])).rights] == [Right.ALLOW]
    third = await statements.document(recorded="2026-05-01T00:00:00")
    assert await statements.rights.take_back(BY_JAN, [third], somebody)
    assert (await statements.rights.rights(BY_JAN, [first])).rights == []


async def test_who_neither_wrote_a_document_nor_is_its_patient_says_nothing_about_it(statements: World) -> None:
    name = await statements.document()
    putting = statements.rights.put(BY_OTHER_GP, [name], a_person(), Right.DISALLOW)
    assert await reason_of(putting) is Reason.NOT_YOURS
    (event,) = await statements.events()
    assert (event.outcome, event.reason) == (Outcome.REFUSED, "not-yours")


async def test_whom_a_right_is_about_sees_his_own_and_no_others(statements: World) -> None:
    name = await statements.document()
    for number in (GP_NIHII, OTHER_GP_NIHII):
        await statements.rights.put(BY_JAN, [name], a_person(number), Right.DISALLOW)
    (own,) = (await statements.rights.rights(BY_OTHER_GP, [name])).rights
    assert own.party == a_person(OTHER_GP_NIHII)


async def test_a_right_needs_an_id_of_the_hub_and_none_that_contradicts_it(statements: World) -> None:
    first, second = await statements.document("A"), await statements.document("B")
    publishers = Id("LOCAL", "1.0", "A", "testemr")

    async def reading(*names: Id) -> None:
        await statements.rights.rights(BY_JAN, names)

    await reading(first)
    await reading(Id("ID-KMEHR", "1.0", "1"), publishers, first)
    assert await reason_of(reading(publishers)) is Reason.TRANSACTION_UNKNOWN
    assert await reason_of(reading(Id("LOCAL", "1.0", "0" * 32, "RSBID"))) is Reason.TRANSACTION_UNKNOWN
    assert await reason_of(reading(first, second)) is Reason.CONTENT
    assert await reason_of(reading(second, publishers)) is Reason.CONTENT


async def test_a_document_that_was_revoked_has_no_rights_any_more(statements: World) -> None:
    name = await statements.document()
    references = statements.index._references[JAN]
    statements.index._references[JAN] = replace(
        references, rows=[row._replace(status=Status.REVOKED) for row in references.rows]
    )
    assert await reason_of(statements.rights.rights(BY_JAN, [name])) is Reason.TRANSACTION_UNKNOWN


async def test_the_staff_registers_by_papers_and_names_no_trusted_person(statements: World) -> None:
    attempts = Attempts(
        permissions=EverythingPermitted(), auditing=Auditing(clock=statements.clock), trail=statements.trail
    )
    papers = Mandates(registry=statements.registry, attempts=attempts, clock=statements.clock)
    staff = a_context(HcParty(ids=(), cds=(), name="Agnès Exemple"))
    kinds = [kind for kind in MandateKind if kind is not MandateKind.TRUSTED_PERSON]
    for kind in kinds:
        assert await papers.name(staff, JAN, MILA, kind)
    refused = papers.name(staff, JAN, MILA, MandateKind.TRUSTED_PERSON)
    assert await reason_of(refused) is Reason.CONTENT
    assert await statements.mandates.name(BY_JAN, JAN, MILA, MandateKind.TRUSTED_PERSON)
    assert [mandate.kind for mandate in await papers.mandates(staff, JAN)] == [*kinds, MandateKind.TRUSTED_PERSON]
    assert await papers.end(staff, JAN, MILA, MandateKind.TRUSTED_PERSON)


async def test_a_trusted_person_is_named_agrees_and_may_give_it_back(statements: World) -> None:
    mila = HcParty(ids=(Id("INSS", "1.0", MILA.digits),), cds=(Code("CD-HCPARTY", "1.16", "patient"),))
    by_mila = a_context(mila)
    trusted = MandateKind.TRUSTED_PERSON
    assert await reason_of(statements.mandates.accept(by_mila, JAN, MILA, trusted)) is Reason.MANDATE_MISSING
    assert await statements.mandates.name(BY_JAN, JAN, MILA, trusted, end=TODAY + 365 * DAY)
    (named,) = await statements.mandates.mandates(BY_JAN, JAN)
    assert not named.holds_on(TODAY)
    assert await statements.mandates.accept(by_mila, JAN, MILA, trusted)
    (agreed,) = await statements.mandates.mandates(BY_JAN, JAN)
    assert agreed.holds_on(TODAY)
    assert await statements.mandates.end(by_mila, JAN, MILA, trusted)
    assert not await statements.mandates.end(BY_JAN, JAN, MILA, trusted)
    for other in (BY_JAN, BY_GP):
        assert await reason_of(statements.mandates.accept(other, JAN, MILA, trusted)) is Reason.NOT_YOURS


@pytest.mark.parametrize(
    ("holder", "kind", "reason"),
    [
        (MILA, MandateKind.PARENT, Reason.NOT_YOURS),
        (MILA, MandateKind.LEGAL_REPRESENTATIVE, Reason.NOT_YOURS),
        (JAN, MandateKind.TRUSTED_PERSON, Reason.CONTENT),
    ],
)
async def test_mandates_that_a_patient_cannot_give(
    statements: World, holder: Ssin, kind: MandateKind, reason: Reason
) -> None:
    assert await reason_of(statements.mandates.name(BY_JAN, JAN, holder, kind)) is reason
