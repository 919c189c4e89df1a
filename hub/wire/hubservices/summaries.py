"""The rows of a list as text: what they share is written once and remembered, what is their own is put in between.

A tree of the same answer costs fifty times as much; a property test holds both to the same XML.
"""

from collections.abc import Sequence
from typing import NamedTuple

from hub.domain.declarations import Declaration, Outline
from hub.domain.identifiers import LocalId
from hub.domain.parties import Author, HcParty, IdScheme
from hub.wire.hubservices.responses import HubIdentity
from hub.wire.kmehr.parties import write_author, write_code, write_hcparty, write_id
from hub.wire.xml import escape, is_plain

Row = tuple[Declaration, LocalId]

_MOST_OUTLINES = 5_000
_MOST_AUTHORS = 20_000


class SummaryWriter:
    """Writes transaction summaries, as TransactionSummaryType of the hub services has them."""

    def __init__(self, hub: HubIdentity) -> None:
        self._hub = hub
        self._owner = write_hcparty(hub.party)
        self._own_scheme = hub.id_of(LocalId(hub.id_scheme, "")).of_scheme
        self._outlines: dict[int, _WrittenOutline] = {}
        self._authors: dict[int, _WrittenAuthor] = {}

    def write(self, rows: Sequence[Row]) -> str:
        """A `transaction` for each row: the publisher's ids and the hub's, and all that was declared.

        Nearly always no value of a page needs escaping, which is cheaper seen of all of them at once.
        """
        written, own = self._write(rows)
        if not is_plain("".join(own)):
            written, _ = self._write([_escaped(row) for row in rows])
        return "".join(written)

    def _write(self, rows: Sequence[Row]) -> tuple[list[str], list[str]]:
        """The rows with their values as they are, and these values."""
        outlines, authors = self._outlines, self._authors
        written: list[str] = []
        own: list[str] = []
        for declaration, local_id in rows:
            outline, values, date, time, author, iscomplete, isvalidated, recorddatetime = declaration
            if (known := outlines.get(id(outline))) is None or known.outline is not outline:
                known = self._remember_outline(outline)
            if (party := authors.get(id(author))) is None or party.author is not author:
                party = self._remember_author(author)
            own += (*values, local_id.value, date, time, recorddatetime)
            if len(values) == 2:  # a position and a name: nearly always
                first, second = known.ids
                ids = f"{first}{values[0]}{second}{values[1]}"
            else:
                ids = "".join([start + value for start, value in zip(known.ids, values, strict=True)])
            written.append(
                f"{ids}{known.own_id}{local_id.value}{known.codes}{date}</date><time>{time}</time>{party.text}"
                f"{_STATES[iscomplete, isvalidated]}<recorddatetime>{recorddatetime}</recorddatetime></transaction>"
            )
        return written, own

    def _remember_outline(self, outline: Outline) -> "_WrittenOutline":
        if len(self._outlines) >= _MOST_OUTLINES:
            self._outlines.clear()
        starts = [*map(_start, outline.id_schemes), _start(self._own_scheme)]
        starts[1:] = [f"</id>{start}" for start in starts[1:]]
        starts[0] = f"<transaction>{starts[0]}"
        codes = "".join([write_code(cd, "") for cd in outline.cds])
        written = _WrittenOutline(outline, starts[:-1], starts[-1], f"</id>{codes}<date>")
        self._outlines[id(outline)] = written
        return written

    def _remember_author(self, author: Author) -> "_WrittenAuthor":
        """The owning hub, and the author chain without it."""
        if len(self._authors) >= _MOST_AUTHORS:
            self._authors.clear()
        others = tuple(party for party in author if not self._is_owner(party))
        written = _WrittenAuthor(author, f"<author>{self._owner}{write_author(others)}</author>")
        self._authors[id(author)] = written
        return written

    def _is_owner(self, party: HcParty) -> bool:
        return party.profession == "hub" and party.number == self._hub.number


class _WrittenOutline(NamedTuple):
    """What stands before the value of each publisher's id, before the hub's, and before the date."""

    outline: Outline
    ids: Sequence[str]
    own_id: str
    codes: str


class _WrittenAuthor(NamedTuple):
    author: Author
    text: str


_STATES = {
    (complete, validated): f"<iscomplete>{str(complete).lower()}</iscomplete>"
    f"<isvalidated>{str(validated).lower()}</isvalidated>"
    for complete in (True, False)
    for validated in (True, False)
}


def _start(scheme: IdScheme) -> str:
    return write_id(scheme.id_of(""), "").removesuffix("</id>")


def _escaped(row: Row) -> Row:
    declaration, local_id = row
    safe = declaration._replace(
        id_values=tuple(map(escape, declaration.id_values)),
        date=escape(declaration.date),
        time=escape(declaration.time),
        recorddatetime=escape(declaration.recorddatetime),
    )
    return safe, local_id._replace(value=escape(local_id.value))
