"""References as they stand in a `patient` line, one by one, with everything that can be wrong with them.

    [date, time, author, kind, iscomplete, isvalidated, recorddatetime, [id value ...], {what is not the usual}]

This is the plain statement of what a row means; `packing_rows` and `unpacking_rows` do the same for many at once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.domain.declarations import Declaration
from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin
from hub.domain.parties import Author, Id
from hub.domain.references import VAULT, Status, TransactionReference
from hub.storage.bulk.lines import BadLine, seen
from hub.storage.bulk.schema_texts import is_date, is_datetime, is_time, is_writable
from hub.storage.bulk.vocabulary import Kind, is_position
from hub.storage.id_values import LONGEST

Row = list[Any]

STATUSES = {status.name.lower(): status for status in Status}
WIDTH = 8
_DOCUMENT = re.compile("[0-9a-f]{32}")
_MOST_MEMBERS = 0xFFFF
_MOST_VERSIONS = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class PatientLine:
    """A `patient` line: a person, perhaps the registration (a KMEHR person), and rows in the order of registration."""

    patient: Ssin
    registration: str | None
    rows: list[Row]

    @classmethod
    def read(cls, line: Sequence[Any]) -> "PatientLine":
        """Raises BadLine; the rows are not looked at yet."""
        if len(line) != 4 or line[0] != "patient":
            raise BadLine("", f'["patient", number, registration, [reference ...]] is wanted, seen: {seen(line)}')
        _, number, registration, rows = line
        if registration is not None and not isinstance(registration, str):
            raise BadLine("registration", f"a text or null is wanted, seen: {seen(registration)}")
        if not isinstance(rows, list):
            raise BadLine("references", f"an array is wanted, seen: {seen(rows)}")
        return cls(_read_number(number), registration, rows)


def _read_number(number: object) -> Ssin:
    try:
        return Ssin(number if isinstance(number, str) else "")
    except HubError as error:
        raise BadLine("patient", "11 digits with right check digits are wanted") from error


class RowReader:
    """Reads rows with the authors and kinds that a file has given so far, by label."""

    def __init__(self, authors: Mapping[str, Author], kinds: Mapping[str, Kind], *, takes_documents: bool) -> None:
        """`takes_documents` says whether documents of the vault are this hub's own; else they are left out."""
        self._authors, self._kinds, self._takes_documents = authors, kinds, takes_documents

    def read(self, rows: Sequence[object]) -> list[TransactionReference]:
        """The references of a patient, numbered from 1. Raises BadLine, which says where in the line."""
        references = [self._read(row, position) for position, row in enumerate(rows, start=1)]
        if self._takes_documents:
            return references
        taken = (reference for reference in references if reference.document is None)
        return [reference._replace(serial=serial) for serial, reference in enumerate(taken, start=1)]

    def _read(self, row: object, position: int) -> TransactionReference:
        try:
            return self._reference(row, position)
        except BadLine as error:
            raise BadLine(f"reference {position}", str(error)) from error

    def _reference(self, row: object, serial: int) -> TransactionReference:
        if not isinstance(row, list) or len(row) not in (WIDTH, WIDTH + 1):
            raise BadLine("", f"an array of {WIDTH} or {WIDTH + 1} is wanted, seen: {seen(row)}")
        date, time, author, kind_label, iscomplete, isvalidated, recorded, values, *unusual = row
        _check_dates(date, time, recorded)
        for name, flag in (("iscomplete", iscomplete), ("isvalidated", isvalidated)):
            if not isinstance(flag, bool):
                raise BadLine(name, f"true or false is wanted, seen: {seen(flag)}")
        kind = _labelled(self._kinds, kind_label, "kind")
        declaration = Declaration.of(
            ids=_ids(kind, values),
            cds=kind.cds,
            date=date,
            time=time,
            author=_labelled(self._authors, author, "author"),
            iscomplete=iscomplete,
            isvalidated=isvalidated,
            recorddatetime=recorded,
        )
        facts = _unusual(unusual[0]) if unusual else {}
        if ("document" in facts) != (kind.source == VAULT):
            raise BadLine("document", f"a key is wanted by the kinds of the source {VAULT}, and by no other")
        return TransactionReference(serial, declaration, kind.source, **facts)


def row_of(reference: TransactionReference, author: str, kind: str, id_schemes: Sequence[tuple[Any, ...]]) -> Row:
    """A reference as a row, its author and its kind by their labels."""
    declaration = reference.declaration
    paired = zip(declaration.id_values, id_schemes, strict=True)
    row: Row = [
        declaration.date,
        declaration.time,
        author,
        kind,
        declaration.iscomplete,
        declaration.isvalidated,
        declaration.recorddatetime,
        [value for value, scheme in paired if scheme[3] is None],
    ]
    unusual: dict[str, Any] = {}
    if reference.status is not Status.CURRENT:
        unusual["status"] = reference.status.name.lower()
    if reference.document is not None:
        unusual["document"] = reference.document.hex()
    if reference.members != 1:
        unusual["members"] = reference.members
    if reference.version:
        unusual["version"] = reference.version
    return [*row, unusual] if unusual else row


def _check_dates(date: object, time: object, recorded: object) -> None:
    if not (isinstance(date, str) and is_date(date)):
        raise BadLine("date", f"a date (2026-03-02) is wanted, seen: {seen(date)}")
    if not (isinstance(time, str) and is_time(time)):
        raise BadLine("time", f"a time (10:00:00) is wanted, seen: {seen(time)}")
    if not (isinstance(recorded, str) and (is_datetime(recorded) or not recorded)):
        wanted = "a date and time (2026-03-02T10:00:00) or an empty text"
        raise BadLine("recorddatetime", f"{wanted} is wanted, seen: {seen(recorded)}")


def _labelled(known: Mapping[str, Any], label: object, name: str) -> Any:  # noqa: ANN401 - an author or a kind
    if not isinstance(label, str) or label not in known:
        raise BadLine(name, f"no {name} line before this one has its label, {seen(label)}")
    return known[label]


def _ids(kind: Kind, values: object) -> tuple[Id, ...]:
    wanted = sum(scheme[3] is None for scheme in kind.id_schemes)
    if not isinstance(values, list) or len(values) != wanted:
        raise BadLine("ids", f"an array of {wanted} is wanted by its kind, seen: {seen(values)}")
    given = iter(values)
    return tuple(
        Id(scheme, version, _value(next(given), scheme) if fixed is None else fixed, local)
        for scheme, version, local, fixed in kind.id_schemes
    )


def _value(value: object, scheme: str) -> str:
    if not isinstance(value, str):
        raise BadLine("ids", f"a text is wanted, seen: {seen(value)}")
    if len(value.encode()) > LONGEST:
        raise BadLine("ids", f"at most {LONGEST} bytes are wanted, seen: {len(value.encode())}")
    if not is_writable(value):
        raise BadLine("ids", "a text that may stand in XML is wanted")
    if is_position(scheme, value):
        raise BadLine("ids", "a position in a message (a short ID-KMEHR) is wanted in the kind")
    return value


def _unusual(facts: object) -> dict[str, Any]:
    if not isinstance(facts, dict) or not facts.keys() <= {"status", "document", "members", "version"}:
        raise BadLine("", f"an object of status, document, members, version is wanted at the end, seen: {seen(facts)}")
    read: dict[str, Any] = {}
    if "status" in facts:
        read["status"] = STATUSES.get(facts["status"]) if isinstance(facts["status"], str) else None
        if read["status"] is None:
            raise BadLine("status", f"{', '.join(STATUSES)} are wanted, seen: {seen(facts['status'])}")
    if "document" in facts:
        read["document"] = _key(facts["document"])
    for name, most in (("members", _MOST_MEMBERS), ("version", _MOST_VERSIONS)):
        if name in facts:
            read[name] = _count(facts[name], name, most)
    if "members" in read and "version" not in read:
        raise BadLine("members", "a version is wanted beside it: only a set has members")
    return read


def _key(value: object) -> bytes:
    if not isinstance(value, str) or not _DOCUMENT.fullmatch(value):
        raise BadLine("document", f"32 hexadecimal digits in lower case are wanted, seen: {seen(value)}")
    return bytes.fromhex(value)


def _count(value: object, name: str, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise BadLine(name, f"a number from 1 to {most} is wanted, seen: {seen(value)}")
    return value
