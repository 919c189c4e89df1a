"""Who looked: what patients and care parties are told, and what attempts leave behind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.domain.audit import AuditEvent, Outcome
from hub.domain.errors import HubError, Reason
from hub.domain.identity import Identity
from hub.domain.looks import TrailSelection
from hub.domain.parties import Code, HcParty, Id, Requester
from hub.domain.search import Criteria, PageRequest, Scope
from hub.domain.therapeutic_links import LinkSelection
from hub.services.auditing import audited
from tests.builders import (
    HOSPITAL_NIHII,
    JAN,
    MILA,
    OTHER_GP_NIHII,
    a_context,
    a_hospital,
    a_patient,
    a_person,
    an_event,
)
from tests.statements import party_ids
from tests.unit.services.statements_world import (
    BY_GP,
    BY_JAN,
    BY_OTHER_GP,
    GP_LINK,
    JANS_CARD,
    World,
    reason_of,
    with_card,
)


async def test_a_patient_sees_who_looked_and_a_care_party_only_himself(statements: World) -> None:
    for event in (
        an_event(operation="GetTransactionList"),
        an_event(parties=(a_person(OTHER_GP_NIHII),), break_the_glass="Inconscient, urgences"),
        an_event(operation="PutTransaction"),
        replace(an_event(), outcome=Outcome.REFUSED),
        an_event(patient=MILA),
    ):
        await statements.trail.record(event)
    page = PageRequest()
    of_jan = TrailSelection(patient=JAN)
    assert (await statements.trails.looks(BY_JAN, of_jan, page)).total == 2
    assert (await statements.trails.looks(BY_JAN, TrailSelection(), page)).total == 2
    assert (await statements.trails.looks(BY_JAN, replace(of_jan, party=party_ids()), page)).total == 1
    assert (await statements.trails.looks(BY_JAN, replace(of_jan, broke_the_glass=True), page)).total == 1
    assert (await statements.trails.looks(BY_GP, of_jan, page)).total == 1
    assert (await statements.trails.looks(BY_GP, TrailSelection(), page)).total == 2, "at whichever patient"
    assert (await statements.trails.looks(a_context(a_hospital()), TrailSelection(), page)).total == 2, "by its staff"
    foreign = statements.trails.looks(BY_OTHER_GP, replace(of_jan, party=party_ids()), page)
    assert await reason_of(foreign) is Reason.NOT_YOURS
    wider = await statements.trails.looks(BY_JAN, replace(of_jan, scope=Scope.GLOBAL), page)
    assert (wider.total, wider.gaps) == (2, (Reason.FEDERATION_NOT_CONFIGURED,))


async def test_who_has_no_number_has_no_looks_of_his_own(statements: World) -> None:
    nobody = a_context(HcParty(ids=(), cds=(Code("CD-HCPARTY", "1.16", "application"),)))
    assert await reason_of(statements.trails.looks(nobody, TrailSelection(), PageRequest())) is Reason.NOT_YOURS


async def test_looks_at_one_document(statements: World) -> None:
    name = await statements.document(kind="labresult")
    document = await statements.lookup.document([name], where="")
    await statements.trail.record(an_event())
    await statements.trail.record(replace(an_event(), transaction=audited(document.reference, document.id)))

    async def total(selection: TrailSelection) -> int:
        return (await statements.trails.looks(BY_JAN, selection, PageRequest())).total

    of_it = TrailSelection(patient=JAN, transaction=name)
    assert await total(of_it) == 1
    assert await total(replace(of_it, patient=None)) == 1
    assert await total(replace(of_it, transaction=Id("LOCAL", "1.0", "DOC-1", "testemr"))) == 1
    assert await total(replace(of_it, criteria=Criteria(types=frozenset({"labresult"}), author=(a_person(),)))) == 1
    assert await total(replace(of_it, criteria=Criteria(types=frozenset({"note"})))) == 0
    assert await total(replace(of_it, criteria=Criteria(author=(a_person(OTHER_GP_NIHII),)))) == 0
    assert await total(replace(of_it, transaction=Id("LOCAL", "1.0", "DOC-2", "testemr"))) == 0


async def test_the_patient_takes_everything_home_and_nobody_else_does(statements: World) -> None:
    await statements.links.put(BY_GP, JAN, with_card(JANS_CARD), GP_LINK)
    await statements.exclusions.exclude(BY_JAN, JAN, party_ids(a_person(OTHER_GP_NIHII)))
    for minute in range(20_103):
        await statements.trail.record(an_event(at=statements.clock.moment + timedelta(minutes=minute)))
    assert await reason_of(statements.records.record(BY_GP, JAN)) is Reason.NOT_YOURS
    record = await statements.records.record(BY_JAN, JAN)
    assert len(record.facts.by_subject) == 2
    moments = [event.at for event in record.trail]
    assert moments == sorted(moments, reverse=True)
    assert len(moments) == 20_103 + 4
    assert record.patient == a_patient()


async def test_events_name_who_signed_and_the_rules_that_let_him(statements: World) -> None:
    identity = Identity(
        quality="hospital", number=HOSPITAL_NIHII, ssin=None, is_organisation=True, certificate="ab", token_id="cd"
    )
    context = replace(BY_GP, requester=Requester((a_hospital(), a_person()), identity))
    await statements.links.revoke(context, JAN, party_ids(), None)
    (event,) = await statements.events()
    assert (event.actor.quality, event.actor.certificate, event.actor.token) == ("hospital", "ab", "cd")
    assert event.rules[-1] == "action/concerned"


async def test_what_fails_for_want_of_a_store_is_no_refusal(statements: World) -> None:
    async def gone(*_: object) -> None:
        raise HubError(Reason.INDEX_UNAVAILABLE)

    statements.registry.change_subject = gone  # type: ignore[method-assign,assignment]  # the store goes away
    assert await reason_of(statements.exclusions.exclude(BY_JAN, JAN, party_ids())) is Reason.INDEX_UNAVAILABLE
    assert [event.outcome for event in await statements.events()] == [Outcome.FAILED]


async def test_nothing_is_said_without_a_trail(statements: World) -> None:
    async def away(_: AuditEvent) -> None:
        raise HubError(Reason.AUDIT_UNAVAILABLE)

    statements.trail.record = away  # type: ignore[method-assign,assignment]  # it goes away
    assert await reason_of(statements.told(BY_JAN, LinkSelection(patient=JAN))) is Reason.AUDIT_UNAVAILABLE
    assert await reason_of(statements.told(BY_JAN, LinkSelection(patient=MILA))) is Reason.MANDATE_MISSING


async def test_a_fault_of_the_hub_leaves_an_event_too(statements: World) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    statements.registry.everything = broken  # type: ignore[method-assign,assignment]  # a mistake in the program
    with pytest.raises(ZeroDivisionError):
        await statements.told(BY_JAN, LinkSelection(patient=JAN))
    assert [(event.outcome, event.reason) for event in await statements.events()] == [(Outcome.FAILED, "internal")]
