"""By what the versions of a document are known as one, whatever comes: a right on one binds those that follow."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.access_rights import Right, RightsInForce
from hub.domain.declarations import Declaration
from hub.domain.errors import HubError
from hub.domain.parties import Author, Id
from hub.domain.references import (
    Change,
    PatientReferences,
    Status,
    TransactionReference,
    declare,
    put,
    put_set,
    revoke,
)
from tests.access_builders import a_right
from tests.builders import OTHER_GP_NIHII, a_declaration, a_person

GP, OTHER_GP = (a_person(),), (a_person(OTHER_GP_NIHII),)
NOBODY: frozenset[str] = frozenset()


@dataclass
class Record:
    """The references of a patient, and which of them followed which."""

    references: PatientReferences = field(default_factory=PatientReferences)
    followed: dict[int, set[int]] = field(default_factory=dict)

    def apply(self, change: Change) -> TransactionReference:
        """Store what a rule decided."""
        marked = dict(change.marked)
        rows = [row._replace(status=marked.get(row.serial, row.status)) for row in self.references.rows]
        self.references = PatientReferences((*rows, *change.added), self.references.next_serial + len(change.added))
        for new in change.added:
            self.followed[new.serial] = {serial for serial, _ in change.marked}
        return change.reference

    def declare(self, *names: str, source: str = "chu") -> TransactionReference:
        """A document of a hospital, recorded after all there are."""
        return self.apply(declare(self.references, self._declaration("note", names, GP), source))

    def put(
        self, name: str, *, kind: str = "note", by: Author = GP, new_version_of: str = "", serial: int = 0
    ) -> TransactionReference:
        """A document of the vault, recorded after all there are."""
        change = put(
            self.references,
            self._declaration(kind, (name,), by),
            self._document,
            by=by,
            new_version_of=frozenset({new_version_of} - {""}),
            new_version_of_serials=frozenset({serial} - {0}),
            one_current=frozenset({"sumehr"}),
        )
        return self.apply(change)

    def put_set(self) -> TransactionReference:
        """A new version of the medication scheme."""
        current = next((row for row in self.references.current() if row.version), None)
        declaration = self._declaration("medicationscheme", ("MS",), GP)
        based_on = current.version if current else None
        return self.apply(put_set(self.references, declaration, self._document, members=1, based_on=based_on))

    def revoke(self, serial: int, by: Author = GP) -> None:
        """Withdraw a document."""
        self.apply(revoke(self.references, serial, custodian_of=frozenset({"chu"}), by=by))

    def _declaration(self, kind: str, names: tuple[str, ...], author: Author) -> Declaration:
        moment = self.references.next_serial
        declaration = a_declaration(
            kind=kind, author=author, recorded=f"2026-03-02T10:{moment // 60:02d}:{moment % 60:02d}"
        )
        return declaration.with_ids(Id("LOCAL", "1.0", name, "testemr") for name in names)

    @property
    def _document(self) -> bytes:
        return self.references.next_serial.to_bytes(16)


@pytest.fixture
def record() -> Record:
    """Nobody's."""
    return Record()


def test_a_first_version_is_known_by_itself_and_a_later_one_by_the_first(record: Record) -> None:
    found = [record.declare("A"), record.declare("B"), record.declare("A"), record.declare("A")]
    assert [row.origins for row in found] == [(), (), (1,), (1,)]
    assert [row.lineage for row in found] == [(1,), (2,), (1,), (1,)]
    assert record.declare("A", source="az").lineage == (5,)


def test_names_change_from_version_to_version(record: Record) -> None:
    record.declare("A")
    record.declare("A", "B")
    assert record.declare("B").lineage == (1,)
    record.declare("C")
    assert record.declare("B", "C").lineage == (1, 4)
    assert record.declare("C").lineage == (1, 4)


def test_what_was_revoked_and_comes_back_is_the_same_document(record: Record) -> None:
    record.declare("A")
    record.revoke(1)
    assert record.declare("A").lineage == (1,)


@pytest.mark.parametrize("by_serial", [True, False])
def test_a_link_makes_a_version_and_so_does_a_link_to_an_older_one(record: Record, *, by_serial: bool) -> None:
    record.put("A")
    for name in ("B", "C"):
        new = record.put(name, serial=1) if by_serial else record.put(name, new_version_of="A")
        assert new.lineage == (1,)
    assert record.put("D").lineage == (4,)


def test_the_summaries_of_an_author_are_one_document(record: Record) -> None:
    record.put("A", kind="sumehr")
    assert record.put("B", kind="sumehr", by=OTHER_GP).lineage == (2,)
    assert record.put("C", kind="sumehr").lineage == (1,)
    record.revoke(3)
    assert record.put("D", kind="sumehr").lineage == (1,)
    assert record.put("E", kind="sumehr", by=GP + OTHER_GP) is not None
    assert record.references.rows[-1].lineage == (1, 2)


def test_what_another_author_withdrew_is_not_joined(record: Record) -> None:
    record.put("A")
    record.revoke(1)
    assert record.put("A", by=OTHER_GP).lineage == (2,)
    assert record.put("B", by=OTHER_GP, new_version_of="A").lineage == (2,)
    assert record.put("C", by=OTHER_GP, serial=1).lineage == (4,)


def test_a_set_goes_on_after_it_was_revoked(record: Record) -> None:
    record.put_set()
    assert record.put_set().lineage == (1,)
    record.revoke(2)
    assert record.put_set().lineage == (1,)


_NAMES = st.sampled_from("ABCD")
_BY = st.sampled_from([GP, OTHER_GP, GP + OTHER_GP])
_STEPS = st.lists(
    st.tuples(st.just("declare"), st.sets(_NAMES, min_size=1, max_size=2))
    | st.tuples(st.just("put"), _NAMES, st.sampled_from(["note", "sumehr"]), _BY, st.sampled_from(["", *"ABCD"]))
    | st.tuples(st.just("put_set"))
    | st.tuples(st.just("revoke"), st.integers(1, 12), _BY),
    min_size=2,
    max_size=25,
)


def taken(record: Record, step: tuple[object, ...]) -> None:
    """One step, or none when a rule refuses it."""
    try:
        match step:
            case ("declare", set(names)):
                record.declare(*sorted(names))
            case ("put", str(name), str(kind), tuple(by), str(linked)):
                record.put(name, kind=kind, by=by, new_version_of=linked)
            case ("put_set",):
                record.put_set()
            case ("revoke", int(serial), tuple(by)):
                record.revoke(serial, by)
    except HubError:
        pass


@given(before=_STEPS, after=_STEPS, serial=st.integers(1, 12))
def test_whatever_replaces_a_hidden_document_is_hidden(
    before: list[tuple[object, ...]], after: list[tuple[object, ...]], serial: int
) -> None:
    record = Record()
    for step in before:
        taken(record, step)
    named = record.references.by_serial(serial)
    if named is None:
        return
    rights = RightsInForce.of([a_right(Right.DISALLOW, serial, lineage=named.lineage)])
    for step in after:
        taken(record, step)
    hidden = {serial}
    for row in record.references.rows:
        if hidden & record.followed[row.serial]:
            hidden.add(row.serial)
    for row in record.references.rows:
        if row.serial in hidden:
            assert rights.on(row.serial, row.lineage) is Right.DISALLOW, row
    by_version = bool(named.version)
    assert all(bool(row.version) == by_version for row in record.references.rows if rights.on(row.serial, row.lineage))


@given(_STEPS)
def test_a_newer_reference_with_a_name_has_the_lineage_of_the_older_ones(steps: list[tuple[object, ...]]) -> None:
    """So the newest alone has to be looked at, however many versions there were."""
    record = Record()
    for step in steps:
        taken(record, step)
    declared = [row for row in record.references.rows if row.source == "chu"]
    for position, row in enumerate(declared):
        for older in declared[:position]:
            if row.declaration.names() & older.declaration.names():
                assert set(older.lineage) <= set(row.lineage)
    current = [row for row in declared if row.status is Status.CURRENT]
    assert len({name for row in current for name in row.declaration.names()}) == sum(
        len(row.declaration.names()) for row in current
    )
