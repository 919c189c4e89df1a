"""The rows of a list as text fragments: what repeats is written once and remembered, every value is escaped.

A tree of the same answer costs fifty times as much; `tests` hold both to the same XML.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from hub.domain.identifiers import LocalId
from hub.domain.parties import Author, Code, HcParty, Id
from hub.domain.references import Declaration
from hub.wire.hubservices.responses import HubIdentity
from hub.wire.kmehr.parties import write_author, write_code, write_hcparty, write_id
from hub.wire.xml import escape, is_plain

Row = tuple[Declaration, LocalId]


class SummaryWriter:
    """Writes transaction summaries; remembers as text author chains, codes and schemes of ids."""

    _MOST = 20_000

    def __init__(self, hub: HubIdentity) -> None:
        self._hub = hub
        self._owner = write_hcparty(hub.party)
        self._own_id = _start_of_id(hub.id_of(LocalId(hub.id_scheme, "")))
        self._authors: dict[int, tuple[Author, str]] = {}
        self._codes: dict[int, tuple[tuple[Code, ...], str]] = {}
        self._starts: dict[tuple[str, str, str | None], str] = {}

    def write(self, rows: Sequence[Row]) -> str:
        """A `transaction` summary for each row: the publisher's ids and the hub's, and all that was declared.

        Nearly always no value of a page needs escaping, which is cheaper seen of all of them at once.
        """
        if not is_plain("".join(_values(rows))):
            rows = [_escaped(row) for row in rows]
        return "".join([self._write(declaration, local_id) for declaration, local_id in rows])

    def _write(self, declaration: Declaration, local_id: LocalId) -> str:
        """One row whose values are safe as they are."""
        ids, cds, date, time, author, iscomplete, isvalidated, recorddatetime = declaration
        written = "".join([f"{self._start(id_)}{id_.value}</id>" for id_ in ids])
        return (
            f"<transaction>{written}{self._own_id}{local_id.value}</id>{self._write_codes(cds)}"
            f"<date>{date}</date><time>{time}</time><author>{self._write_author(author)}</author>"
            f"<iscomplete>{'true' if iscomplete else 'false'}</iscomplete>"
            f"<isvalidated>{'true' if isvalidated else 'false'}</isvalidated>"
            f"<recorddatetime>{recorddatetime}</recorddatetime></transaction>"
        )

    def _start(self, id_: Id) -> str:
        scheme = (id_.scheme, id_.version, id_.local_scheme)
        if (start := self._starts.get(scheme)) is None:
            self._make_room(self._starts)
            start = self._starts[scheme] = _start_of_id(id_)
        return start

    def _write_author(self, author: Author) -> str:
        known = self._authors.get(id(author))
        if known is None or known[0] is not author:
            self._make_room(self._authors)
            others = tuple(party for party in author if not self._is_owner(party))
            known = self._authors[id(author)] = (author, self._owner + write_author(others))
        return known[1]

    def _write_codes(self, cds: tuple[Code, ...]) -> str:
        known = self._codes.get(id(cds))
        if known is None or known[0] is not cds:
            self._make_room(self._codes)
            known = self._codes[id(cds)] = (cds, "".join(write_code(cd, "") for cd in cds))
        return known[1]

    def _is_owner(self, party: HcParty) -> bool:
        return party.profession == "hub" and party.number == self._hub.number

    def _make_room(self, memory: dict[Any, Any]) -> None:
        if len(memory) >= self._MOST:
            memory.clear()


def _start_of_id(id_: Id) -> str:
    return write_id(id_._replace(value=""), "").removesuffix("</id>")


def _values(rows: Iterable[Row]) -> Iterable[str]:
    """All texts of a page that are not remembered."""
    for declaration, local_id in rows:
        yield from [id_.value for id_ in declaration.ids]
        yield from (local_id.value, declaration.date, declaration.time, declaration.recorddatetime)


def _escaped(row: Row) -> Row:
    declaration, local_id = row
    safe = declaration._replace(
        ids=tuple(id_._replace(value=escape(id_.value)) for id_ in declaration.ids),
        date=escape(declaration.date),
        time=escape(declaration.time),
        recorddatetime=escape(declaration.recorddatetime),
    )
    return safe, local_id._replace(value=escape(local_id.value))
