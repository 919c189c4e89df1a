"""References to transactions: what a publisher declares, what becomes of it, and who may change it.

Rules are functions from the references of one patient to a change; the index applies a change as a whole or not at
all, and asks the rule again when somebody else was faster.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from enum import IntEnum
from typing import NamedTuple, Self

from hub.domain.declarations import Declaration
from hub.domain.errors import HubError, Reason
from hub.domain.parties import Author

VAULT = "vault"
"""The name of the source that is the hub's own vault."""


class Status(IntEnum):
    """Where a reference is in its life. Only current ones are listed; superseded ones stay readable by their own id."""

    CURRENT = 0
    SUPERSEDED = 1
    REVOKED = 2


class TransactionReference(NamedTuple):
    """One entry of the index: a declaration, where its document is, and what became of it.

    `serial` is unique within the patient and never used again. `document` is the vault's key for a document that the
    hub keeps, None for one that stays at its source. `members` counts the transactions of a set, 1 otherwise.
    `version` is the version of a set, 0 for what is no set. `origins` are the serials of the first versions of what
    this is a later version of, empty for a first version; there are several where documents became one.
    """

    serial: int
    declaration: Declaration
    source: str
    status: Status = Status.CURRENT
    document: bytes | None = None
    members: int = 1
    version: int = 0
    origins: tuple[int, ...] = ()

    @property
    def lineage(self) -> tuple[int, ...]:
        """The serials by which all versions of a document are known as one: each of them has it, or more."""
        return self.origins or (self.serial,)


@dataclass(frozen=True, slots=True)
class PatientReferences:
    """All references of one patient, oldest serial first, and the next serial to give."""

    rows: Sequence[TransactionReference] = ()
    next_serial: int = 1

    def current(self) -> Iterable[TransactionReference]:
        """Those that are neither superseded nor revoked."""
        return (row for row in self.rows if row.status is Status.CURRENT)

    def by_serial(self, serial: int) -> TransactionReference | None:
        """The reference with this serial, whatever became of it."""
        return next((row for row in self.rows if row.serial == serial), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relevance:
    """Which of a patient's references a rule has to see; an index may leave out the others.

    Those with one of the identifier `values`, the vault's documents of the `vault_types`, those with the `serials`.
    """

    values: frozenset[str] = frozenset()
    vault_types: frozenset[str] = frozenset()
    serials: frozenset[int] = frozenset()

    @classmethod
    def of(cls, declaration: Declaration, *, whole_type: bool = False) -> Self:
        """What matters to a declaration: those it names and, if asked, the vault's documents of its type."""
        types = frozenset((declaration.transaction_type,)) if whole_type else frozenset()
        values = frozenset(name[2] for name in declaration.names() or (id_.key for id_ in declaration.ids))
        return cls(values=values, vault_types=types)

    def and_those_named(self, values: frozenset[str], serials: frozenset[int]) -> Self:
        """The same, and references with these values or serials."""
        return replace(self, values=self.values | values, serials=self.serials | serials)

    def covers(self, reference: TransactionReference) -> bool:
        """Whether a reference matters."""
        declaration = reference.declaration
        return (
            reference.serial in self.serials
            or (reference.source == VAULT and declaration.transaction_type in self.vault_types)
            or any(id_.value.strip() in self.values for id_ in declaration.ids)
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What a rule decided: references to add, statuses to set, and the reference the caller is told about."""

    reference: TransactionReference
    added: tuple[TransactionReference, ...] = ()
    marked: tuple[tuple[int, Status], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write: the same thing was said before."""
        return not self.added and not self.marked


def declare(before: PatientReferences, declaration: Declaration, source: str) -> Change:
    """Register a reference, or replace the older version of the same document.

    Saying the same again changes nothing and names the same reference. An older version than the one known is refused
    (newer-version-exists); a document revoked since, unless recorded after it, is refused (already-revoked).
    """
    new = TransactionReference(before.next_serial, declaration, source)
    return _add(before, following(new, _namesakes(before, new)), replaced=())


def put(
    before: PatientReferences,
    declaration: Declaration,
    document: bytes,
    *,
    by: Author,
    new_version_of: frozenset[str],
    new_version_of_serials: frozenset[int] = frozenset(),
    one_current: frozenset[str],
) -> Change:
    """Register a document of the vault.

    It replaces the older version of the same document: same identifiers, or named by its `isanewversionof` links, which
    hold an identifier of the publisher (`new_version_of`) or of the hub (`new_version_of_serials`). Of the types in
    `one_current` an author has one current document, the newest: an older one is refused (newer-version-exists). Only
    the author of a document may replace it: `by`, who asks (not-author).
    """
    kept = [row for row in before.rows if row.source == VAULT and not row.version]
    linked = [row for row in kept if row.serial in new_version_of_serials or _is_named(row, new_version_of)]
    summaries = [row for row in kept if _is_summary_of_same_author(row, declaration, one_current)]
    new = TransactionReference(before.next_serial, declaration, VAULT, document=document)
    forebears = [*_namesakes(before, new), *linked, *_newest_of_each_author(summaries, declaration.author)]
    # What others wrote and have withdrawn is no document of this author, whatever he calls his own.
    new = following(new, (row for row in forebears if _has_same_author(row, by)))
    change = _add(before, new, replaced=tuple(row for row in (*linked, *summaries) if row.status is Status.CURRENT))
    for serial, _ in change.marked:
        _require_same_author(before.by_serial(serial), by)
    return change


def put_set(
    before: PatientReferences, declaration: Declaration, document: bytes, *, members: int, based_on: int | None
) -> Change:
    """Replace the patient's set of one kind (medication scheme) as a whole.

    `based_on` is the version that the caller changed. It must be the current one, or the put is refused
    (outdated-version). The first set takes the version it states, 1 when it states none.
    """
    same_kind = [row for row in before.rows if row.version and _same_type(row.declaration, declaration)]
    current = next((row for row in same_kind if row.status is Status.CURRENT), None)
    if current and current.document == document:
        return Change(current)
    if current and based_on != current.version:
        stated = "-" if based_on is None else str(based_on)
        raise HubError(Reason.OUTDATED_VERSION, where="version", stated=stated, current=str(current.version))
    version = current.version + 1 if current else max(based_on or 1, 1 + max((r.version for r in same_kind), default=0))
    new = TransactionReference(
        before.next_serial, declaration, VAULT, document=document, members=members, version=version
    )
    new = following(new, same_kind[-1:])
    marked = ((current.serial, Status.SUPERSEDED),) if current else ()
    return Change(new, added=(new,), marked=marked)


def following(new: TransactionReference, forebears: Iterable[TransactionReference]) -> TransactionReference:
    """The same as a later version of others, whatever became of those; as a first version without any."""
    return new._replace(origins=tuple(sorted({serial for row in forebears for serial in row.lineage})))


def revoke(before: PatientReferences, serial: int, *, custodian_of: frozenset[str], by: Author) -> Change:
    """Withdraw a document with all its versions; it leaves the lists and is given to nobody any more.

    Only the custodian may: `custodian_of` names the sources the caller answers for; a document of the vault belongs to
    its author, `by`. Raises HubError: transaction-unknown, already-revoked, not-custodian, not-author.
    """
    row = before.by_serial(serial)
    if row is None:
        raise HubError(Reason.TRANSACTION_UNKNOWN)
    if row.source == VAULT:
        _require_same_author(row, by)
    elif row.source not in custodian_of:
        raise HubError(Reason.NOT_CUSTODIAN)
    if row.status is Status.REVOKED:
        raise HubError(Reason.ALREADY_REVOKED)
    versions = [other for other in before.rows if other.serial == row.serial or _are_versions(other, row)]
    return Change(row, marked=tuple((version.serial, Status.REVOKED) for version in versions))


def _add(before: PatientReferences, new: TransactionReference, *, replaced: tuple[TransactionReference, ...]) -> Change:
    neighbours = [row for row in before.rows if row.source == new.source and not row.version]
    for row in neighbours:
        if row.status is not Status.REVOKED and _says_the_same(row, new):
            return Change(row)
    names = new.declaration.names()
    versions = [row for row in neighbours if row.declaration.names() & names]
    newest = max(versions, key=lambda row: row.serial, default=None)
    if any(_is_later(row, new) for row in (newest, *replaced) if row):
        raise HubError(Reason.NEWER_VERSION_EXISTS, where="recorddatetime")
    if newest and newest.status is Status.REVOKED and not _is_later(new, newest):
        raise HubError(Reason.ALREADY_REVOKED)
    superseded = {row.serial for row in (*versions, *replaced) if row.status is Status.CURRENT}
    return Change(new, added=(new,), marked=tuple((serial, Status.SUPERSEDED) for serial in sorted(superseded)))


def _namesakes(before: PatientReferences, new: TransactionReference) -> list[TransactionReference]:
    """The newest reference of its source with each name of a new one: the lineage of older ones is part of theirs."""
    names = new.declaration.names()
    rows = (row for row in before.rows if row.source == new.source and not row.version)
    newest = {name: row for row in rows for name in row.declaration.names() & names}
    return list(newest.values())


def _newest_of_each_author(rows: Iterable[TransactionReference], author: Author) -> list[TransactionReference]:
    """The newest of some references by each person of a chain: the lineage of older ones is part of theirs."""
    signatures = _signatures(author)
    newest = {signature: row for row in rows for signature in _signatures(row.declaration.author) & signatures}
    return list(newest.values())


def _says_the_same(row: TransactionReference, new: TransactionReference) -> bool:
    """A document of the vault is known by its content (the hub may have dated it), a declaration by what it says."""
    return row.document == new.document if new.document else row.declaration == new.declaration


def _is_later(one: TransactionReference, other: TransactionReference) -> bool:
    """Whether one was recorded after the other; texts without a zone are Belgian winter time."""
    texts = one.declaration.recorddatetime, other.declaration.recorddatetime
    try:
        first, second = (datetime.fromisoformat(text) for text in texts)
    except ValueError:
        return texts[0] > texts[1]
    return _in_zone(first) > _in_zone(second)


def _in_zone(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=_BELGIAN_WINTER)


_BELGIAN_WINTER = timezone(timedelta(hours=1))


def _are_versions(one: TransactionReference, other: TransactionReference) -> bool:
    if one.source != other.source or bool(one.version) != bool(other.version):
        return False
    if one.version:
        return _same_type(one.declaration, other.declaration)
    return bool(one.declaration.names() & other.declaration.names())


def _same_type(one: Declaration, other: Declaration) -> bool:
    return one.transaction_type == other.transaction_type


def _is_named(row: TransactionReference, values: frozenset[str]) -> bool:
    return any(id_.scheme == "LOCAL" and id_.value.strip() in values for id_ in row.declaration.ids)


def _is_summary_of_same_author(row: TransactionReference, new: Declaration, one_current: frozenset[str]) -> bool:
    return (
        new.transaction_type in one_current
        and _same_type(row.declaration, new)
        and bool(_signatures(row.declaration.author) & _signatures(new.author))
    )


def _require_same_author(row: TransactionReference | None, by: Author) -> None:
    if row and not _has_same_author(row, by):
        raise HubError(Reason.NOT_AUTHOR)


def _has_same_author(row: TransactionReference, by: Author) -> bool:
    return bool(_signatures(row.declaration.author) & _signatures(by))


def _signatures(author: Author) -> set[tuple[str, str]]:
    """What identifies the persons of a chain, or its organisations when it names no person."""
    persons = [party for party in author if party.is_person]
    parties = persons or [party for party in author if party.is_organisation]
    return {
        (id_.scheme, id_.value.strip()[:8] if id_.scheme == "ID-HCPARTY" else id_.value.strip())
        for party in parties
        for id_ in party.ids
        if id_.scheme in ("ID-HCPARTY", "INSS") and id_.value.strip()
    }
