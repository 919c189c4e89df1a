"""What is seen of each document: parts, conditions, confidentiality, rights."""

from dataclasses import replace
from datetime import date

import pytest

from hub.domain.access_matrix import UNKNOWN, Basis, Category, Cell, Edition, Level, Permission, Role
from hub.domain.access_policy import PeerRules
from hub.domain.access_rights import Right, RightsInForce
from hub.domain.access_view import Document, DocumentAccess, View
from hub.domain.parties import HcParty, Id
from hub.domain.references import Status, TransactionReference
from hub.domain.subjects import Subject, SubjectKind
from tests.access_builders import (
    OF_PSYCHIATRY,
    ROLES,
    TODAY,
    a_document,
    a_party,
    a_right,
    a_view,
    codes,
    rights_on,
)
from tests.builders import GP_NIHII, JAN, OTHER_GP_NIHII, a_declaration, a_hospital, a_person

AN_OLD_DAY = date(2020, 1, 1)
BY_NURSE = (a_hospital(), a_party("persnurse"))


def test_a_part_names_the_items_that_are_seen_and_the_cell() -> None:
    found = a_view("dentist").access(a_document("sumehr"))
    items = frozenset({"adr", "allergy", "medication", "risk", "vaccine"})
    assert found == DocumentAccess(Level.PART, "matrix/2026-01-01/sumehr/dentist", items)
    whole = a_view("nurse").access(a_document("sumehr"))
    assert whole == DocumentAccess(Level.FULL, "matrix/2026-01-01/sumehr/nurse", None)


def test_what_no_category_holds_nobody_sees() -> None:
    for role in ROLES:
        found = a_view(role, rights=rights_on(Right.ALLOW), in_care_context=True).access(a_document("invented"))
        assert found == DocumentAccess(Level.NONE, f"matrix/2026-01-01/unknown/{role}")


def test_the_first_category_that_fits_counts() -> None:
    assert a_view().access(a_document("report", author=OF_PSYCHIATRY)).rule == "matrix/2026-01-01/psychiatry/doctor"
    assert a_view().access(a_document("report")).rule == "matrix/2026-01-01/report/doctor"
    assert a_view().access(a_document("labresult", author=OF_PSYCHIATRY)).level is Level.FULL


def test_a_psychiatrist_sees_psychiatry_and_the_rest_as_a_doctor() -> None:
    psychiatrist = a_view("psychiatrist")
    found = psychiatrist.access(a_document("report", author=OF_PSYCHIATRY))
    assert found == DocumentAccess(Level.FULL, "matrix/2026-01-01/psychiatry/psychiatrist")
    assert psychiatrist.access(a_document("labresult")).rule == "matrix/2026-01-01/laboratory/psychiatrist"
    assert psychiatrist.access(a_document("labresult")).level is Level.FULL


def test_a_condition_is_met_by_a_care_context_or_a_right_on_the_document() -> None:
    document = a_document("result")
    refused = DocumentAccess(Level.NONE, "matrix/2026-01-01/imaging/physiotherapist")
    assert a_view("physiotherapist").access(document) == refused
    assert a_view("physiotherapist", in_care_context=True).access(document).level is Level.FULL
    by_right = a_view("physiotherapist", rights=rights_on(Right.ALLOW))
    assert by_right.access(document).level is Level.FULL
    assert by_right.access(document._replace(serial=2, lineage=(2,))) == refused


def test_an_allow_opens_nothing_that_the_matrix_closes() -> None:
    found = a_view("pharmacist", rights=rights_on(Right.ALLOW)).access(a_document("labresult"))
    assert found == DocumentAccess(Level.NONE, "matrix/2026-01-01/laboratory/pharmacist")
    part = a_view("pharmacist", rights=rights_on(Right.ALLOW)).access(a_document("sumehr"))
    assert part.level is Level.PART


def test_a_disallow_beats_everything() -> None:
    own = frozenset({Subject(SubjectKind.NIHII, GP_NIHII[:8])})
    view = a_view(rights=rights_on(Right.DISALLOW), own=own, in_care_context=True)
    for document in (a_document(), a_document("report", author=(a_person(),))):
        assert view.access(document) == DocumentAccess(Level.NONE, "right/disallow")


def test_what_hides_a_version_hides_them_all_and_what_opens_one_opens_later_ones() -> None:
    versions = [a_document("result")._replace(serial=serial, lineage=(2, 3)) for serial in (3, 5, 9)]
    for first in (2, 3):
        hidden = a_view(rights=RightsInForce.of([a_right(Right.DISALLOW, 5, lineage=(first,))]))
        assert [hidden.access(version).rule for version in versions] == ["right/disallow"] * 3
        opened = a_view("physiotherapist", rights=RightsInForce.of([a_right(Right.ALLOW, 5, lineage=(first,))]))
        assert [opened.access(version).level is Level.FULL for version in versions] == [False, True, True]
    both = RightsInForce.of([a_right(Right.ALLOW, 5, lineage=(2,)), a_right(Right.ALLOW, 3, lineage=(2,))])
    assert both == RightsInForce(frozenset(), {2: 3})
    assert both.on(3, (2,)) is Right.ALLOW
    assert both.on(4, (4,)) is None


def test_a_conditional_cell_may_open_a_part() -> None:
    cell = Cell(Permission.CONDITIONAL, Basis.INFERRED, frozenset({"lab"}))
    category = Category(name="some", types=frozenset({"note"}), cells={"nurse": cell})
    view = replace(a_view("nurse", in_care_context=True), edition=Edition(AN_OLD_DAY, (category,)))
    assert view.access(a_document("note")) == DocumentAccess(Level.PART, "matrix/2020-01-01/some/nurse", cell.items)


# Confidentiality


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ((), Level.FULL),
        (("normal",), Level.FULL),
        ((" Normal ",), Level.FULL),
        (("restricted",), Level.NONE),
        (("normal", "restricted"), Level.NONE),
        (("secret",), Level.NONE),
        (("no such word",), Level.NONE),
        (("",), Level.NONE),
    ],
)
def test_confidential_documents_are_not_for_those_with_a_link_of_their_team_only(
    words: tuple[str, ...], level: Level
) -> None:
    document = a_document("report", *(("Confidentiality", word) for word in words))
    assert a_view(has_own_link=False).access(document).level is level


@pytest.mark.parametrize(
    ("view", "words", "rule"),
    [
        (a_view(), ("restricted",), "matrix/2026-01-01/report/doctor"),
        (a_view(), ("normal", "restricted"), "matrix/2026-01-01/report/doctor"),
        (a_view(has_own_link=False), ("restricted",), "confidentiality/restricted"),
        (a_view(has_own_link=False, rights=rights_on(Right.ALLOW)), ("restricted",), "matrix/2026-01-01/report/doctor"),
        (a_view(rights=rights_on(Right.ALLOW)), ("secret",), "confidentiality/secret"),
        (a_view(), ("normal", "secret"), "confidentiality/secret"),
        (a_view(), ("restricted", "odd"), "confidentiality/secret"),
        (a_view("pharmacist", has_own_link=False), ("restricted",), "matrix/2026-01-01/report/pharmacist"),
        (a_view("patient"), ("restricted",), "matrix/2026-01-01/report/patient"),
        (a_view("patient"), ("secret",), "confidentiality/secret"),
        (a_view(by_matrix=False, has_own_link=False), ("restricted",), "confidentiality/restricted"),
    ],
)
def test_the_rule_of_confidentiality(view: View, words: tuple[str, ...], rule: str) -> None:
    assert view.access(a_document("report", *(("confidentiality", word) for word in words))).rule == rule


def test_a_restricted_document_still_needs_its_condition() -> None:
    document = a_document("result", ("Confidentiality", "restricted"))
    assert a_view("physiotherapist").access(document).level is Level.NONE
    assert a_view("physiotherapist", in_care_context=True).access(document).level is Level.FULL
    without_own = a_view("physiotherapist", in_care_context=True, has_own_link=False)
    assert without_own.access(document).level is Level.NONE


def test_codes_of_other_schemes_say_nothing_of_confidentiality() -> None:
    document = a_document("report", ("catalogue", "secret"))
    other = tuple(
        code if code.scheme != "LOCAL" else code.__class__("CD-DIARY", "1", "secret", "Confidentiality")
        for code in document.cds
    )
    unnamed = (*document.cds, document.cds[1].__class__("LOCAL", "1", "secret"))
    for cds in (document.cds, other, unnamed):
        assert a_view().access(document._replace(cds=cds)).level is Level.FULL


# Consent


def test_documents_before_a_prospective_consent_are_not_covered() -> None:
    view = a_view(covered_from=date(2026, 2, 2))
    assert view.access(a_document(day=date(2026, 2, 1))) == DocumentAccess(Level.NONE, "coverage/before-consent")
    assert view.access(a_document(day=date(2026, 2, 2))).level is Level.FULL
    assert a_view(covered_from=date(2026, 2, 2), rights=rights_on(Right.ALLOW)).access(a_document()).level is Level.NONE


# Own documents


OWN = frozenset({Subject(SubjectKind.NIHII, GP_NIHII[:8]), Subject(SubjectKind.INSS, JAN.digits)})
BY_INSS = a_party("persphysiotherapist", Id("INSS", "1.0", JAN.digits))


@pytest.mark.parametrize(
    ("author", "is_own"),
    [
        ((a_person(),), True),
        ((a_person("19990116999"),), True),
        ((a_hospital(), BY_INSS), True),
        ((a_person(OTHER_GP_NIHII),), False),
        ((a_hospital(GP_NIHII[:8]),), True),
        ((a_hospital(GP_NIHII[:8]), a_person(OTHER_GP_NIHII)), False),
        ((a_party("application", Id("ID-HCPARTY", "1.0", GP_NIHII)),), False),
        ((a_party("persphysician"),), False),
    ],
)
def test_an_author_sees_his_own_document_whatever_else(author: tuple[HcParty, ...], is_own: bool) -> None:
    view = a_view("physiotherapist", own=OWN, covered_from=TODAY)
    found = view.access(a_document("labresult", ("Confidentiality", "secret"), author=author, day=AN_OLD_DAY))
    assert (found == DocumentAccess(Level.FULL, "author/own")) is is_own
    assert (found.level is Level.FULL) is is_own


# Peer hubs


def test_a_peer_hub_may_be_trusted_with_the_matrix() -> None:
    found = a_view("pharmacist", by_matrix=False).access(a_document("invented"))
    assert found == DocumentAccess(Level.FULL, "peer/trusted")
    assert a_view("physiotherapist", by_matrix=False).access(a_document("result")).level is Level.FULL
    assert PeerRules().matrix


def test_a_peer_hub_may_be_trusted_with_the_flags() -> None:
    document = a_document("report", ("PatientAccess", "no"), recorded_on=TODAY)
    assert a_view("patient", by_flags=False).access(document).level is Level.FULL


# Kinds


def test_a_kind_shows_all_when_nothing_depends_on_a_day() -> None:
    assert a_view().shows_all(codes("sumehr"), frozenset())
    assert a_view("dentist").shows_all(codes("sumehr"), frozenset())
    assert not a_view("pharmacist").shows_all(codes("labresult"), frozenset())
    assert not a_view(covered_from=AN_OLD_DAY).shows_all(codes("sumehr"), frozenset())
    assert not a_view().shows_all(codes("invented"), frozenset())


def test_a_kind_shows_all_only_if_it_does_in_each_department() -> None:
    assert a_view().shows_all(codes("result"), frozenset({"deptradiology"}))
    assert not a_view().shows_all(codes("result"), frozenset({"deptradiology", "deptpsychiatry"}))
    # Professions are not told, so each of them may have written it.
    assert not a_view("pharmacist").shows_all(codes("note"), frozenset())
    assert a_view("psychiatrist").shows_all(codes("result"), frozenset({"deptpsychiatry"}))


def test_for_patients_a_kind_shows_all_when_it_is_open_at_once() -> None:
    patient = a_view("patient")
    assert patient.shows_all(codes("sumehr"), frozenset())
    assert not patient.shows_all(codes("labresult"), frozenset())
    assert patient.shows_all(codes("labresult", ("PatientAccess", "yes")), frozenset())
    assert not patient.shows_all(codes("sumehr", ("PatientAccess", "no")), frozenset())


def test_a_kind_shows_none_when_no_right_could_open_it() -> None:
    author = (a_hospital(),)
    assert a_view("pharmacist").kind(codes("labresult"), author).shows_none
    assert not a_view("physiotherapist").kind(codes("result"), author).shows_none
    assert not a_view().kind(codes("sumehr"), author).shows_none


# References


@pytest.mark.parametrize(
    ("day", "recorded", "wanted"),
    [
        ("2026-03-02", "2026-03-03T10:05:00", (date(2026, 3, 2), date(2026, 3, 3))),
        ("2026-03-02+01:00", "2026-03-03T23:30:00.5Z", (date(2026, 3, 2), date(2026, 3, 3))),
        ("2026-02-30", "", (date.min, date.max)),
    ],
)
def test_a_reference_is_read_as_a_document(day: str, recorded: str, wanted: tuple[date, date]) -> None:
    declaration = a_declaration(kind="report", date=day, recorded=recorded)
    document = Document.of(TransactionReference(7, declaration, "vault", origins=(3, 5)))
    assert document == Document(7, (3, 5), declaration.cds, declaration.author, *wanted)


@pytest.mark.parametrize("status", Status)
def test_nothing_is_seen_of_what_was_revoked_and_all_of_what_was_replaced(status: Status) -> None:
    reference = TransactionReference(7, a_declaration(kind="report"), "vault", status)
    shown = a_view().access(Document.of(reference))
    assert shown.level is Level.FULL
    hidden = DocumentAccess(Level.NONE, "transaction/revoked")
    assert a_view().access_to(reference) == (hidden if status is Status.REVOKED else shown)


# The matrix


def test_a_category_without_types_or_authors_takes_all_of_the_other() -> None:
    by_type = Category(name="a", types=frozenset({"note"}))
    by_author = Category(name="b", authors=frozenset({"deptgenetics"}))
    both = Category(name="c", types=frozenset({"note"}), authors=frozenset({"deptgenetics", "persnurse"}))
    somebody, genetics = frozenset({"persphysician"}), frozenset({"orghospital", "deptgenetics"})
    assert [c.fits("note", somebody) for c in (by_type, by_author, both)] == [True, False, False]
    assert [c.fits("note", genetics) for c in (by_type, by_author, both)] == [True, True, True]
    assert [c.fits("report", genetics) for c in (by_type, by_author, both)] == [False, True, False]
    assert [c.may_fit("note", frozenset()) for c in (by_type, by_author, both)] == [True, False, True]
    assert [c.may_fit("report", genetics) for c in (by_type, by_author, both)] == [False, True, False]


def test_every_category_that_is_possible_is_named_up_to_the_one_that_fits_whoever_wrote_it() -> None:
    first = Category(name="a", types=frozenset({"note"}), authors=frozenset({"persnurse"}))
    other = Category(name="b", types=frozenset({"report"}))
    any_author = Category(name="c", types=frozenset({"note"}))
    last = Category(name="d", types=frozenset({"note"}))
    edition = Edition(AN_OLD_DAY, (first, other, any_author, last))
    assert edition.possible("note", frozenset()) == (first, any_author)
    assert edition.possible("invented", frozenset()) == (UNKNOWN,)
    assert Edition(AN_OLD_DAY, (first,)).possible("note", frozenset()) == (first, UNKNOWN)


def test_an_edition_knows_a_role_by_its_cells() -> None:
    cell = Cell(Permission.NONE, Basis.INFERRED)
    edition = Edition(AN_OLD_DAY, (Category(name="a"), Category(name="b", cells={"doctor": cell})))
    doctor = Role(name="doctor", codes=frozenset())
    psychiatrist = Role(name="psychiatrist", codes=frozenset(), like="doctor")
    assert [edition.knows(role) for role in (doctor, psychiatrist)] == [True, True]
    assert not edition.knows(Role(name="nurse", codes=frozenset()))
