"""What becomes of references of a file beside those that the index has."""

import pytest

from hub.domain.parties import Id
from hub.domain.references import VAULT, PatientReferences, Relevance, Status, TransactionReference
from hub.storage.bulk.merging import Merge, Tally, merged
from tests.builders import a_declaration

EARLY, LATE, LATEST = "2026-03-02T10:00:00", "2026-03-03T10:00:00", "2026-03-04T10:00:00"
CURRENT, SUPERSEDED, REVOKED = Status.CURRENT, Status.SUPERSEDED, Status.REVOKED


def a_reference(
    name: str = "A",
    recorded: str = EARLY,
    status: Status = CURRENT,
    *,
    document: int | None = None,
    version: int = 0,
    kind: str = "note",
) -> TransactionReference:
    key = None if document is None else bytes(15) + bytes([document])
    source = "chu" if key is None else VAULT
    return TransactionReference(
        1, a_declaration(name, recorded=recorded, kind=kind), source, status, key, version=version
    )


def state(*references: TransactionReference) -> PatientReferences:
    rows = [row._replace(serial=serial) for serial, row in enumerate(references, start=1)]
    return PatientReferences(rows, len(rows) + 1)


def after(before: PatientReferences, merge: Merge) -> PatientReferences:
    change = merge(before)
    marked = dict(change.marked)
    rows = [row._replace(status=marked.get(row.serial, row.status)) for row in before.rows]
    return state(*rows, *change.added)


def test_what_comes_in_beside_a_version_of_a_document_is_known_as_the_same_document() -> None:
    there = state(a_reference("B"), OLD, a_reference(document=1, version=1, kind="medicationscheme"))
    history = a_reference(document=2, version=2, status=SUPERSEDED, kind="medicationscheme")
    result = after(there, Merge([NEW, a_reference("C"), history, a_reference(recorded=LATEST, status=REVOKED)]))
    assert [row.lineage for row in result.rows[3:]] == [(2,), (5,), (3,), (2,)]


def test_of_a_patient_who_had_none_each_reference_is_known_by_itself() -> None:
    rows, _ = merged([OLD, NEW])
    assert [row.origins for row in rows] == [(), ()]


OLD, NEW = a_reference(recorded=EARLY), a_reference(recorded=LATE)


@pytest.mark.parametrize(
    ("there", "given", "then", "tally"),
    [
        pytest.param([OLD], [OLD], [OLD], Tally(known=1), id="what is known stays"),
        pytest.param(
            [OLD],
            [OLD._replace(status=REVOKED)],
            [OLD._replace(status=REVOKED)],
            Tally(known=1),
            id="a status goes on",
        ),
        pytest.param(
            [OLD._replace(status=REVOKED)],
            [OLD],
            [OLD._replace(status=REVOKED)],
            Tally(known=1),
            id="a status never goes back",
        ),
        pytest.param(
            [OLD],
            [NEW],
            [OLD._replace(status=SUPERSEDED), NEW],
            Tally(added=1),
            id="a newer version replaces",
        ),
        pytest.param([NEW], [OLD], [NEW], Tally(refused=1), id="an older version is refused"),
        pytest.param(
            [NEW._replace(status=REVOKED)],
            [OLD],
            [NEW._replace(status=REVOKED)],
            Tally(refused=1),
            id="what was withdrawn does not come back",
        ),
        pytest.param(
            [NEW],
            [OLD._replace(status=SUPERSEDED)],
            [NEW, OLD._replace(status=SUPERSEDED)],
            Tally(added=1),
            id="history is added",
        ),
        pytest.param(
            [a_reference("B")], [OLD], [a_reference("B"), OLD], Tally(added=1), id="another document is added"
        ),
        pytest.param(
            [a_reference(document=1)],
            [a_reference(document=2)],
            [a_reference(document=1)],
            Tally(refused=1),
            id="a document of the vault does not push one aside",
        ),
        pytest.param(
            [a_reference(document=1)],
            [a_reference(document=2, version=1, kind="medicationscheme")],
            [a_reference(document=1), a_reference(document=2, version=1, kind="medicationscheme")],
            Tally(added=1),
            id="a set stands beside a document of the same name",
        ),
        pytest.param(
            [a_reference(document=1, version=1, kind="medicationscheme")],
            [a_reference("B", document=2, version=2, kind="medicationscheme")],
            [a_reference(document=1, version=1, kind="medicationscheme")],
            Tally(refused=1),
            id="there is one set of a type",
        ),
        pytest.param(
            [],
            [OLD, OLD, NEW, a_reference(recorded=LATEST, status=REVOKED)],
            [OLD._replace(status=SUPERSEDED), NEW, a_reference(recorded=LATEST, status=REVOKED)],
            Tally(added=3, known=1),
            id="a file is merged with itself",
        ),
    ],
)
def test_references_of_a_file_come_in_by_the_rules(
    there: list[TransactionReference],
    given: list[TransactionReference],
    then: list[TransactionReference],
    tally: Tally,
) -> None:
    merge = Merge(given)
    result = after(state(*there), merge)
    assert [row._replace(origins=()) for row in result.rows] == state(*then).rows
    assert merge.tally == tally
    assert merge(result).is_empty, "merging again changes nothing"


def test_a_reference_without_a_name_is_known_by_all_that_it_says() -> None:
    nameless = a_declaration()
    nameless = nameless._replace(
        outline=nameless.outline._replace(id_schemes=nameless.outline.id_schemes[:1]), id_values=("1",)
    )
    assert not nameless.names()
    one, other = (
        TransactionReference(1, nameless._replace(recorddatetime=recorded), "chu") for recorded in (EARLY, LATE)
    )
    references, tally = merged([one, other, one])
    assert [reference.declaration for reference in references] == [one.declaration, other.declaration]
    assert tally == Tally(added=2, known=1)


def test_what_has_to_be_seen_is_whatever_shares_a_name_and_sets_of_the_type() -> None:
    a_set = a_reference("S", document=1, version=1, kind="medicationscheme")
    more = a_declaration("C", extra_ids=(Id("ID-EXTRA", "1.0", "X"),))
    assert Merge([OLD, a_set, TransactionReference(1, more, "chu")]).relevance == Relevance(
        values=frozenset({"A", "S", "C", "X"}), vault_types=frozenset({"medicationscheme"}), serials=frozenset({1})
    )
