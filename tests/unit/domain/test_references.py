"""What becomes of a declaration: repeat, replace, revoke, and who may."""

import pytest

from hub.domain.errors import HubError, Reason
from hub.domain.parties import Author, Id
from hub.domain.references import (
    VAULT,
    Change,
    PatientReferences,
    Status,
    TransactionReference,
    declare,
    put,
    put_set,
    revoke,
)
from tests.builders import OTHER_GP_NIHII, a_declaration, a_person

NOBODY: frozenset[str] = frozenset()
GP = (a_person(),)
OTHER_GP = (a_person(OTHER_GP_NIHII),)


def after(before: PatientReferences, change: Change) -> PatientReferences:
    """The references once a change is applied."""
    statuses = dict(change.marked)
    rows = tuple(row._replace(status=statuses.get(row.serial, row.status)) for row in before.rows)
    return PatientReferences((*rows, *change.added), before.next_serial + len(change.added))


def test_a_declaration_becomes_a_current_reference() -> None:
    change = declare(PatientReferences(), a_declaration(), "chu")
    assert change.reference == TransactionReference(1, a_declaration(), "chu")
    assert change.added == (change.reference,)
    assert change.marked == ()


def test_saying_the_same_again_changes_nothing_and_names_the_same_reference() -> None:
    before = after(PatientReferences(), declare(PatientReferences(), a_declaration(), "chu"))
    again = declare(before, a_declaration(), "chu")
    assert again.is_empty
    assert again.reference.serial == 1


def test_a_late_repeat_of_a_superseded_version_names_that_version() -> None:
    before = after(PatientReferences(), declare(PatientReferences(), a_declaration(), "chu"))
    before = after(before, declare(before, a_declaration(recorded="2026-03-03T08:00:00"), "chu"))
    again = declare(before, a_declaration(), "chu")
    assert again.is_empty
    assert again.reference.serial == 1


def test_a_later_version_supersedes_the_older_one() -> None:
    before = after(PatientReferences(), declare(PatientReferences(), a_declaration(), "chu"))
    change = declare(before, a_declaration(recorded="2026-03-03T08:00:00"), "chu")
    assert change.reference.serial == 2
    assert change.marked == ((1, Status.SUPERSEDED),)


def test_an_older_version_is_refused() -> None:
    before = after(PatientReferences(), declare(PatientReferences(), a_declaration(), "chu"))
    with pytest.raises(HubError) as refusal:
        declare(before, a_declaration(recorded="2026-03-01T08:00:00"), "chu")
    assert refusal.value.reason is Reason.NEWER_VERSION_EXISTS


def test_the_same_identifier_of_another_source_is_another_document() -> None:
    before = after(PatientReferences(), declare(PatientReferences(), a_declaration(), "chu"))
    assert declare(before, a_declaration(), "az").marked == ()


def test_the_position_in_a_message_does_not_make_two_documents_one() -> None:
    """ID-KMEHR is `1` in nearly every message."""
    before = after(PatientReferences(), declare(PatientReferences(), a_declaration("A"), "chu"))
    assert declare(before, a_declaration("B"), "chu").marked == ()


def test_documents_without_a_name_stand_beside_each_other_and_can_still_be_repeated() -> None:
    unnamed = a_declaration().with_ids((Id("ID-KMEHR", "1.0", "1"),))
    before = after(PatientReferences(), declare(PatientReferences(), unnamed, "chu"))
    assert declare(before, unnamed, "chu").is_empty
    other = declare(before, unnamed._replace(time="11:00:00"), "chu")
    assert (other.reference.serial, other.marked) == (2, ())


def test_a_meaningful_id_kmehr_names_a_document() -> None:
    named = a_declaration().with_ids((Id("ID-KMEHR", "1.0", "71999932.20260302.17"),))
    before = after(PatientReferences(), declare(PatientReferences(), named, "chu"))
    change = declare(before, named._replace(recorddatetime="2026-04-01T00:00:00"), "chu")
    assert change.marked == ((1, Status.SUPERSEDED),)


def test_a_revoked_document_comes_back_only_with_a_later_version() -> None:
    before = after(PatientReferences(), declare(PatientReferences(), a_declaration(), "chu"))
    before = after(before, revoke(before, 1, custodian_of=frozenset({"chu"}), by=GP))
    with pytest.raises(HubError) as refusal:
        declare(before, a_declaration(), "chu")
    assert refusal.value.reason is Reason.ALREADY_REVOKED
    assert declare(before, a_declaration(recorded="2026-03-03T08:00:00"), "chu").reference.serial == 2


@pytest.mark.parametrize(
    ("serial", "custodian_of", "reason"),
    [
        (9, {"chu"}, Reason.TRANSACTION_UNKNOWN),
        (1, {"az"}, Reason.NOT_CUSTODIAN),
        (1, set(), Reason.NOT_CUSTODIAN),
    ],
)
def test_only_the_custodian_revokes_what_is_there(serial: int, custodian_of: set[str], reason: Reason) -> None:
    before = after(PatientReferences(), declare(PatientReferences(), a_declaration(), "chu"))
    with pytest.raises(HubError) as refusal:
        revoke(before, serial, custodian_of=frozenset(custodian_of), by=GP)
    assert refusal.value.reason is reason


def test_revoking_twice_is_told() -> None:
    before = after(PatientReferences(), declare(PatientReferences(), a_declaration(), "chu"))
    before = after(before, revoke(before, 1, custodian_of=frozenset({"chu"}), by=GP))
    with pytest.raises(HubError) as refusal:
        revoke(before, 1, custodian_of=frozenset({"chu"}), by=GP)
    assert refusal.value.reason is Reason.ALREADY_REVOKED


def a_put(
    before: PatientReferences,
    name: str,
    document: bytes,
    *,
    kind: str = "sumehr",
    by: Author = GP,
    new_version_of: frozenset[str] = NOBODY,
) -> Change:
    """A document put by the family doctor, unless `by` says otherwise."""
    declaration, summaries = a_declaration(name, kind=kind), frozenset({"sumehr"})
    return put(before, declaration, document, by=by, new_version_of=new_version_of, one_current=summaries)


def test_a_new_summary_of_the_same_author_replaces_the_old_one() -> None:
    before = after(PatientReferences(), a_put(PatientReferences(), "A", b"1" * 16))
    change = a_put(before, "B", b"2" * 16)
    assert change.marked == ((1, Status.SUPERSEDED),)


def test_an_older_summary_does_not_replace_a_newer_one() -> None:
    before = after(PatientReferences(), a_put(PatientReferences(), "A", b"1" * 16))
    older = a_declaration("B", kind="sumehr", recorded="2020-03-05T00:00:00")
    with pytest.raises(HubError) as refusal:
        put(before, older, b"2" * 16, by=GP, new_version_of=NOBODY, one_current=frozenset({"sumehr"}))
    assert refusal.value.reason is Reason.NEWER_VERSION_EXISTS


def test_zones_count_when_two_versions_are_compared() -> None:
    first = a_declaration(recorded="2026-03-03T10:00:00+01:00")
    before = after(PatientReferences(), declare(PatientReferences(), first, "chu"))
    later = a_declaration(recorded="2026-03-03T09:30:00Z")
    assert declare(before, later, "chu").marked == ((1, Status.SUPERSEDED),)
    with pytest.raises(HubError):
        declare(after(before, declare(before, later, "chu")), a_declaration(recorded="2026-03-03T10:29:00"), "chu")


def test_revoking_a_document_withdraws_its_older_versions_too() -> None:
    before = after(PatientReferences(), declare(PatientReferences(), a_declaration(), "chu"))
    before = after(before, declare(before, a_declaration(recorded="2026-04-01T00:00:00"), "chu"))
    before = after(before, declare(before, a_declaration("OTHER"), "chu"))
    change = revoke(before, 2, custodian_of=frozenset({"chu"}), by=GP)
    assert change.marked == ((1, Status.REVOKED), (2, Status.REVOKED))
    with pytest.raises(HubError) as refusal:
        declare(after(before, change), a_declaration(), "chu")
    assert refusal.value.reason in (Reason.ALREADY_REVOKED, Reason.NEWER_VERSION_EXISTS)


def test_summaries_of_two_authors_stand_beside_each_other() -> None:
    before = after(PatientReferences(), a_put(PatientReferences(), "A", b"1" * 16))
    other = a_declaration("B", kind="sumehr", author=OTHER_GP)
    change = put(before, other, b"2" * 16, by=OTHER_GP, new_version_of=NOBODY, one_current=frozenset({"sumehr"}))
    assert change.marked == ()


def test_a_link_names_the_document_it_replaces() -> None:
    before = after(PatientReferences(), a_put(PatientReferences(), "A", b"1" * 16, kind="note"))
    assert a_put(before, "B", b"2" * 16, kind="note").marked == ()
    change = a_put(before, "B", b"2" * 16, kind="note", new_version_of=frozenset({"A"}))
    assert change.marked == ((1, Status.SUPERSEDED),)


def test_nobody_but_the_author_replaces_a_document_of_the_vault() -> None:
    before = after(PatientReferences(), a_put(PatientReferences(), "A", b"1" * 16, kind="note"))
    with pytest.raises(HubError) as refusal:
        a_put(before, "A", b"2" * 16, kind="note", by=OTHER_GP)
    assert refusal.value.reason is Reason.NOT_AUTHOR


def test_the_same_content_put_again_is_the_same_document_whenever_it_is_recorded() -> None:
    before = after(PatientReferences(), a_put(PatientReferences(), "A", b"1" * 16))
    again = put(
        before,
        a_declaration("A", kind="sumehr", recorded="2026-03-09T00:00:00"),
        b"1" * 16,
        by=GP,
        new_version_of=NOBODY,
        one_current=NOBODY,
    )
    assert again.is_empty
    assert again.reference.serial == 1


def a_set(before: PatientReferences, document: bytes, based_on: int | None) -> Change:
    """A medication scheme of three transactions."""
    return put_set(before, a_declaration(kind="medicationscheme"), document, members=3, based_on=based_on)


def test_the_first_set_takes_the_version_it_states_and_the_next_counts_on() -> None:
    before = after(PatientReferences(), a_set(PatientReferences(), b"1" * 16, 42))
    assert before.rows[0].version == 42
    change = a_set(before, b"2" * 16, 42)
    assert change.reference.version == 43
    assert change.reference.members == 3
    assert change.marked == ((1, Status.SUPERSEDED),)


@pytest.mark.parametrize("based_on", [None, 41, 43])
def test_a_set_based_on_another_version_than_the_current_one_is_refused(based_on: int | None) -> None:
    before = after(PatientReferences(), a_set(PatientReferences(), b"1" * 16, 42))
    with pytest.raises(HubError) as refusal:
        a_set(before, b"2" * 16, based_on)
    assert refusal.value.reason is Reason.OUTDATED_VERSION
    assert refusal.value.details["current"] == "42"


def test_putting_the_current_set_again_changes_nothing() -> None:
    before = after(PatientReferences(), a_set(PatientReferences(), b"1" * 16, 42))
    assert a_set(before, b"1" * 16, 42).is_empty


def test_versions_of_a_set_go_on_after_it_was_revoked() -> None:
    before = after(PatientReferences(), a_set(PatientReferences(), b"1" * 16, 42))
    before = after(before, revoke(before, 1, custodian_of=NOBODY, by=GP))
    assert a_set(before, b"2" * 16, 42).reference.version == 43


def test_a_document_of_the_vault_is_revoked_by_its_author_only() -> None:
    before = after(PatientReferences(), a_put(PatientReferences(), "A", b"1" * 16))
    with pytest.raises(HubError) as refusal:
        revoke(before, 1, custodian_of=frozenset({VAULT}), by=OTHER_GP)
    assert refusal.value.reason is Reason.NOT_AUTHOR
    assert revoke(before, 1, custodian_of=NOBODY, by=GP).marked == ((1, Status.REVOKED),)


def test_an_identifier_is_compared_without_its_version() -> None:
    assert Id("LOCAL", "1.0", " A ", "x").key == Id("LOCAL", "2.0", "A", "x").key
