"""Make and revoke links: by what proof, for how long, and who sees them."""

from dataclasses import replace
from datetime import date

import pytest

from hub.domain.audit import Outcome
from hub.domain.errors import Reason
from hub.domain.link_policy import LinkClaim
from hub.domain.parties import Code, HcParty, Id
from hub.domain.subjects import Subject, SubjectKind
from hub.domain.therapeutic_links import LinkSelection, Proof
from hub.ports.registries import RegisteredParty
from tests.builders import (
    JAN,
    MILA,
    OTHER_GP_NIHII,
    a_context,
    a_hospital,
    a_person,
    an_event,
)
from tests.statements import TODAY, party_ids, the_patient
from tests.unit.services.statements_world import (
    BY_GP,
    BY_JAN,
    BY_OTHER_GP,
    DAY,
    GP_LINK,
    INSS,
    JANS_CARD,
    MILAS_CARD,
    World,
    reason_of,
    with_card,
)


async def test_a_doctor_makes_a_link_with_a_card_and_sees_it(statements: World) -> None:
    assert await reason_of(statements.links.put(BY_GP, JAN, (INSS,), GP_LINK)) is Reason.LINK_PROOF
    assert await statements.links.put(BY_GP, JAN, with_card(JANS_CARD), GP_LINK)
    assert not await statements.links.put(BY_GP, JAN, with_card(JANS_CARD), GP_LINK)
    (link,) = await statements.told(BY_GP, LinkSelection(patient=JAN))
    assert (link.start, link.end, link.proof) == (TODAY, date(2027, 6, 2), Proof.EID_READING)


@pytest.mark.parametrize(("card", "reason"), [(MILAS_CARD, Reason.CARD_OF_ANOTHER), ("12", Reason.CARD_NUMBER)])
async def test_a_link_by_another_card_is_refused(statements: World, card: str, reason: Reason) -> None:
    assert await reason_of(statements.links.put(BY_GP, JAN, with_card(card), GP_LINK)) is reason


async def test_a_hospital_answers_for_its_proof_and_the_patient_for_himself(statements: World) -> None:
    stay = LinkClaim(party=a_hospital().ids, kind="hospitalstay", end=TODAY + 7 * DAY)
    assert await statements.links.put(a_context(a_hospital(), a_person()), JAN, (INSS,), stay)
    assert await statements.links.put(BY_JAN, JAN, (INSS,), GP_LINK)
    links = await statements.told(BY_JAN, LinkSelection(patient=JAN))
    assert {(link.kind, link.proof) for link in links} == {
        ("hospitalstay", Proof.ORGANISATION),
        ("gpconsultation", Proof.PATIENT),
    }


async def test_the_profession_of_a_party_that_is_registered_counts(statements: World) -> None:
    pharmacy = HcParty(ids=(Id("ID-HCPARTY", "1.0", "80000551"),), cds=(Code("CD-HCPARTY", "1.16", "orgpharmacy"),))
    claim = LinkClaim(party=pharmacy.ids, kind="dispensing")
    await statements.links.put(BY_JAN, JAN, (INSS,), claim)
    (short,) = await statements.told(BY_JAN, LinkSelection(patient=JAN))
    assert short.end == date(2026, 6, 2)
    await statements.parties.put(RegisteredParty(pharmacy, "2026-01-01T00:00:00"))
    assert await statements.links.put(BY_JAN, JAN, (INSS,), claim)
    (longer,) = await statements.told(BY_JAN, LinkSelection(patient=JAN))
    assert longer.end == date(2027, 6, 2)


async def test_nobody_makes_a_link_for_another_or_with_numbers_that_contradict_each_other(statements: World) -> None:
    foreign = replace(GP_LINK, party=party_ids(a_person(OTHER_GP_NIHII)))
    assert await reason_of(statements.links.put(BY_GP, JAN, with_card(JANS_CARD), foreign)) is Reason.NOT_YOURS
    both = replace(GP_LINK, party=(*party_ids(), *foreign.party))
    assert await reason_of(statements.links.put(BY_GP, JAN, with_card(JANS_CARD), both)) is Reason.PARTY_NUMBER
    assert [event.outcome for event in await statements.events()] == [Outcome.REFUSED] * 2


async def test_a_link_that_ends_before_it_starts_is_refused_and_leaves_its_event(statements: World) -> None:
    backwards = replace(GP_LINK, start=TODAY, end=TODAY - DAY)
    assert await reason_of(statements.links.put(BY_GP, JAN, with_card(JANS_CARD), backwards)) is Reason.LINK_PERIOD
    (event,) = await statements.events()
    assert (event.reason, event.subject[0].ids, event.details) == (
        "link-period",
        party_ids(),
        {"kind": "gpconsultation"},
    )
    assert event.rules[-1] == "action/concerned"


async def test_a_care_party_sees_its_own_links_and_nobody_elses(statements: World) -> None:
    await statements.links.put(BY_GP, JAN, with_card(JANS_CARD), GP_LINK)
    assert await statements.told(BY_OTHER_GP, LinkSelection(patient=JAN)) == []
    asking = statements.links.links(BY_OTHER_GP, LinkSelection(patient=JAN, party=party_ids()))
    assert await reason_of(asking) is Reason.NOT_YOURS
    assert len(await statements.told(BY_GP, LinkSelection(patient=JAN, party=party_ids()))) == 1
    by_another_patient = statements.links.links(BY_JAN, LinkSelection(patient=MILA))
    assert await reason_of(by_another_patient) is Reason.MANDATE_MISSING


async def test_links_are_selected_by_party_kind_period_and_number(statements: World) -> None:
    other = party_ids(a_person(OTHER_GP_NIHII))
    await statements.links.put(BY_JAN, JAN, (INSS,), replace(GP_LINK, kind="gmd", start=TODAY - 20 * DAY))
    await statements.links.put(BY_JAN, JAN, (INSS,), replace(GP_LINK, end=TODAY + 5 * DAY))
    await statements.links.put(BY_JAN, JAN, (INSS,), replace(GP_LINK, party=other, start=TODAY - 3 * DAY))

    async def kinds(**parts: object) -> list[str]:
        selection = replace(LinkSelection(patient=JAN), **parts)  # type: ignore[arg-type]  # named parts of a table
        return [link.kind for link in await statements.told(BY_JAN, selection)]

    assert await kinds() == ["gpconsultation", "gpconsultation", "gmd"]
    assert await kinds(kinds=frozenset({"gmd", "carepath"})) == ["gmd"]
    assert await kinds(party=other) == ["gpconsultation"]
    assert await kinds(most=1) == ["gpconsultation"]
    assert await kinds(end=TODAY - 10 * DAY) == ["gmd"]
    assert await kinds(begin=TODAY + 6 * DAY) == ["gpconsultation", "gmd"]
    assert await kinds(begin=TODAY - 30 * DAY, end=TODAY - 21 * DAY) == []


async def test_a_revoked_link_is_history_and_revoking_it_again_is_no_failure(statements: World) -> None:
    assert not await statements.links.revoke(BY_GP, JAN, party_ids(), "gmd")
    await statements.links.put(BY_GP, JAN, with_card(JANS_CARD), GP_LINK)
    statements.clock.moment += 3 * DAY
    assert await statements.links.revoke(BY_JAN, JAN, party_ids(), "gpconsultation")
    assert not await statements.links.revoke(BY_JAN, JAN, party_ids(), "gpconsultation")
    assert await statements.told(BY_JAN, LinkSelection(patient=JAN)) == []
    (link,) = await statements.told(BY_JAN, LinkSelection(patient=JAN, begin=TODAY))
    assert link.last_day == TODAY + 2 * DAY
    assert link.revocation is not None
    assert link.revocation.by == (the_patient(),)


async def test_ten_thousand_links_of_one_patient_are_told_to_him(statements: World) -> None:
    await statements.links.put(BY_GP, JAN, with_card(JANS_CARD), GP_LINK)
    (said,) = (await statements.registry.everything(JAN)).by_subject.values()
    for number in range(9_999):
        subject = Subject(SubjectKind.NIHII, f"{number:08d}")
        await statements.registry.change_subject(JAN, subject, lambda _: said, an_event())
    assert len(await statements.told(BY_JAN, LinkSelection(patient=JAN))) == 10_000
    assert len(await statements.told(BY_JAN, LinkSelection(patient=JAN, most=7))) == 7
