"""Exclusions, rights on documents, mandates and cards: said, said again, taken back."""

from datetime import date, timedelta

import pytest

from hub.domain import access_rights, mandates
from hub.domain.access_rights import NO_RIGHTS, AccessRight, Right, RightsInForce, subject_of_right
from hub.domain.cards import Card, CardKind, card_among
from hub.domain.errors import HubError, Reason
from hub.domain.exclusions import Exclusion, exclude, lift
from hub.domain.mandates import Mandate, MandateKind
from hub.domain.parties import Code, HcParty, Id
from hub.domain.recorded import HISTORY, bounded, day_said
from hub.domain.subjects import EVERYBODY, Subject, SubjectKind
from hub.domain.therapeutic_links import Proof
from tests.builders import GP_NIHII, MILA, a_person
from tests.statements import TODAY, party_ids, recorded

DAY = timedelta(days=1)
EXCLUSION = Exclusion(party=party_ids(), start=TODAY, recorded=recorded())


def a_right(serial: int = 1, right: Right = Right.DISALLOW, *, lineage: tuple[int, ...] = ()) -> AccessRight:
    return AccessRight(serial=serial, lineage=lineage or (serial,), party=a_person(), right=right, recorded=recorded())


def a_mandate(
    kind: MandateKind = MandateKind.TRUSTED_PERSON, *, start: date = TODAY, end: date | None = None
) -> Mandate:
    return Mandate(holder=MILA, kind=kind, start=start, end=end, accepted=False, recorded=recorded())


def test_an_exclusion_holds_until_it_is_lifted_and_may_come_back() -> None:
    excluded = exclude((), EXCLUSION)
    assert exclude(excluded, EXCLUSION) == excluded
    lifted = lift(excluded, recorded())
    assert [(one.is_in_force, one.lifted_on) for one in lifted] == [(False, TODAY)]
    assert lift(lifted, recorded()) == lifted
    assert lift((), recorded()) == ()
    assert [one.is_in_force for one in exclude(lifted, EXCLUSION)] == [False, True]


def test_a_right_takes_the_place_of_the_one_on_the_same_document() -> None:
    rights = access_rights.put((), a_right())
    assert access_rights.put(rights, a_right()) == rights
    changed = access_rights.put(access_rights.put(rights, a_right(2)), a_right(right=Right.ALLOW))
    assert [(one.serial, one.right) for one in changed if one.stands] == [(2, Right.DISALLOW), (1, Right.ALLOW)]


def test_a_right_takes_the_place_of_those_on_other_versions_and_on_what_became_one_document() -> None:
    rights = access_rights.put(access_rights.put((), a_right(1)), a_right(2, Right.ALLOW))
    assert access_rights.put(rights, a_right(3, lineage=(1,))) == rights, "all versions are hidden already"
    assert access_rights.put(rights, a_right(4, Right.ALLOW, lineage=(2,))) == rights, "later versions are open already"
    merged = access_rights.put(rights, a_right(3, lineage=(1, 2)))
    assert [(one.serial, one.lineage) for one in merged if one.stands] == [(3, (1, 2))]
    earlier = access_rights.put((a_right(4, Right.ALLOW, lineage=(2,)),), a_right(2, Right.ALLOW))
    assert [one.serial for one in earlier if one.stands] == [2]
    assert not any(one.stands for one in access_rights.take_back(merged, (2,), recorded()))
    assert access_rights.put(access_rights.take_back(rights, (1,), recorded()), a_right(1))[-1].stands


def test_a_document_is_open_from_the_first_version_on_that_was_opened() -> None:
    said = (
        a_right(7, Right.ALLOW, lineage=(2, 6)),
        a_right(5, Right.ALLOW, lineage=(1,)),
        a_right(3, Right.ALLOW, lineage=(1,)),
        a_right(4, Right.ALLOW, lineage=(1,)),
    )
    rights = RightsInForce.of(said)
    assert rights.opened == {1: 3, 2: 7, 6: 7}
    assert [rights.on(serial, (1,)) for serial in (2, 3, 4)] == [None, Right.ALLOW, Right.ALLOW]
    assert rights
    assert not RightsInForce.of(access_rights.take_back(said, (1, 2), recorded()))
    assert not NO_RIGHTS


def test_taking_back_a_right_leaves_those_on_other_documents() -> None:
    rights = access_rights.put(access_rights.put((), a_right()), a_right(2))
    assert [one.serial for one in access_rights.take_back(rights, (1,), recorded()) if one.stands] == [2]
    assert access_rights.take_back(rights, (3,), recorded()) == rights
    assert access_rights.take_back((), (1,), recorded()) == ()


@pytest.mark.parametrize(
    ("party", "subject"),
    [
        (a_person(), Subject(SubjectKind.NIHII, GP_NIHII[:8])),
        (HcParty(ids=(), cds=(Code("CD-HCPARTY", "1.16", "persnurse"),)), Subject(SubjectKind.PROFESSION, "persnurse")),
        (HcParty(ids=(), cds=()), EVERYBODY),
    ],
)
def test_a_right_is_for_a_party_a_profession_or_everybody(party: HcParty, subject: Subject) -> None:
    assert subject_of_right(party, where="accessright/hcparty") == subject


def test_ids_that_name_nobody_are_not_everybody() -> None:
    with pytest.raises(HubError) as refusal:
        subject_of_right(HcParty(ids=(Id("LOCAL", "1.0", "x"),), cds=()), where="accessright/hcparty")
    assert refusal.value.reason is Reason.PARTY_NUMBER


def test_a_mandate_of_a_trusted_person_holds_once_he_agrees() -> None:
    named = mandates.name((), a_mandate())
    assert mandates.name(named, a_mandate()) == named
    assert not named[0].holds_on(TODAY)
    accepted = mandates.accept(named, MandateKind.TRUSTED_PERSON, TODAY)
    assert accepted[0].holds_on(TODAY)
    assert mandates.name(accepted, a_mandate()) == accepted
    assert mandates.accept(accepted, MandateKind.TRUSTED_PERSON, TODAY) == accepted


def test_a_mandate_for_another_period_has_to_be_agreed_to_again() -> None:
    accepted = mandates.accept(mandates.name((), a_mandate()), MandateKind.TRUSTED_PERSON, TODAY)
    longer = mandates.name(accepted, a_mandate(end=TODAY + 400 * DAY))
    assert [(one.accepted, one.has_ended_by(TODAY)) for one in longer] == [(True, True), (False, False)]


def test_a_mandate_ends_and_ending_it_again_changes_nothing() -> None:
    both = mandates.name(mandates.name((), a_mandate()), a_mandate(MandateKind.PARENT))
    ended = mandates.end(both, MandateKind.PARENT, recorded())
    assert [one.has_ended_by(TODAY) for one in ended] == [False, True]
    assert mandates.end(ended, MandateKind.PARENT, recorded()) == ended
    with pytest.raises(HubError) as refusal:
        mandates.accept(ended, MandateKind.PARENT, TODAY)
    assert refusal.value.reason is Reason.MANDATE_MISSING


def test_a_mandate_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(HubError) as refusal:
        mandates.name((), a_mandate(end=TODAY - DAY))
    assert refusal.value.reason is Reason.CONTENT


@pytest.mark.parametrize(
    ("number", "is_possible"),
    [
        ("591123456753", True),
        ("591123456754", False),
        ("000000000097", True),
        ("000000000000", False),
        ("59112345677", False),
        ("59112345677x", False),
        ("", False),
    ],
)
def test_the_check_digits_of_an_eid_card(number: str, is_possible: bool) -> None:
    if is_possible:
        assert Card(CardKind.EID, number).kind.proof is Proof.EID_READING
        return
    with pytest.raises(HubError) as refusal:
        Card(CardKind.EID, number)
    assert refusal.value.reason is Reason.CARD_NUMBER
    assert number not in str(refusal.value) or not number


def test_a_card_is_found_among_the_ids_of_a_patient() -> None:
    inss, isi = Id("INSS", "1.0", MILA.digits), Id("ISI-CARDNO", "1.0", "12345")
    assert card_among((inss,)) is None
    assert card_among((inss, isi)) == Card(CardKind.ISI, "12345")
    eid = Id("EID-CARDNO", "1.0", "591-1234567-53")
    assert card_among((isi, eid, inss, eid)) == Card(CardKind.EID, "591123456753")
    assert card_among((Id("EID-CARDNO", "1.0", " "),)) is None
    with pytest.raises(HubError):
        card_among((eid, Id("EID-CARDNO", "1.0", "000000000097")))


def test_a_card_does_not_show_its_number() -> None:
    assert "12345" not in repr(Card(CardKind.SIS, "12345"))


def test_a_day_that_lies_ahead_within_the_tolerance_counts_as_today() -> None:
    def said(stated: date | None) -> date:
        return day_said(stated, recorded(), tolerance=DAY, where="consent/signdate")

    assert [said(None), said(TODAY + DAY), said(TODAY - DAY)] == [TODAY, TODAY, TODAY - DAY]
    with pytest.raises(HubError) as refusal:
        said(TODAY + 2 * DAY)
    assert refusal.value.where == "consent/signdate"


def test_of_what_has_ended_the_newest_are_kept_and_of_what_stands_all() -> None:
    entries = list(range(100))
    kept = bounded(entries, lambda entry: entry % 2 == 0)
    assert [entry for entry in kept if entry % 2] == entries[1::2]
    assert [entry for entry in kept if not entry % 2] == entries[0::2][-HISTORY:]
    assert list(kept) == sorted(kept)
