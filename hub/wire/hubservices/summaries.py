"""The rows of a list as text: what they share is written once and remembered, what is their own is put in between.

A tree of the same answer costs fifty times as much; a property test holds both to the same XML.
"""

from collections.abc import Sequence

from hub.domain.identifiers import LocalId
from hub.domain.parties import Author, HcParty, IdScheme
from hub.domain.references import Declaration, Outline
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
        self._outlines: dict[int, tuple[Outline, list[str]]] = {}
        self._authors: dict[int, tuple[Author, str]] = {}

    def write(self, rows: Sequence[Row]) -> str:
        """A `transaction` for each row: the publisher's ids and the hub's, and all that was declared.

        Nearly always no value of a page needs escaping, which is cheaper seen of all of them at once.
        """
        if not is_plain("".join([text for row in rows for text in _texts(row)])):
            rows = [_escaped(row) for row in rows]
        written: list[str] = []
        for (outline, values, date, time, author, iscomplete, isvalidated, recorddatetime), local_id in rows:
            pieces = self._write_outline(outline).copy()
            state = _STATES[iscomplete, isvalidated]
            pieces[1::2] = (*values, local_id.value, date, time, self._write_author(author), state, recorddatetime)
            written += pieces
        return "".join(written)

    def _write_outline(self, outline: Outline) -> list[str]:
        """The pieces of a row; every second one is the place of a value."""
        known = self._outlines.get(id(outline))
        if known is None or known[0] is not outline:
            if len(self._outlines) >= _MOST_OUTLINES:
                self._outlines.clear()
            known = self._outlines[id(outline)] = (outline, self._pieces(outline))
        return known[1]

    def _pieces(self, outline: Outline) -> list[str]:
        schemes = [*outline.id_schemes, self._own_scheme]
        codes = "".join([write_code(cd, "") for cd in outline.cds])
        pieces = [
            "<transaction>" + _start(schemes[0]),
            *("</id>" + _start(scheme) for scheme in schemes[1:]),
            f"</id>{codes}<date>",
            "</date><time>",
            "</time><author>",
            "</author>",
            "<recorddatetime>",
            "</recorddatetime></transaction>",
        ]
        return [text for piece in pieces for text in (piece, "")][:-1]

    def _write_author(self, author: Author) -> str:
        """The owning hub, and the author chain without it."""
        known = self._authors.get(id(author))
        if known is None or known[0] is not author:
            if len(self._authors) >= _MOST_AUTHORS:
                self._authors.clear()
            others = tuple(party for party in author if not self._is_owner(party))
            known = self._authors[id(author)] = (author, self._owner + write_author(others))
        return known[1]

    def _is_owner(self, party: HcParty) -> bool:
        return party.profession == "hub" and party.number == self._hub.number


_STATES = {
    (complete, validated): f"<iscomplete>{str(complete).lower()}</iscomplete>"
    f"<isvalidated>{str(validated).lower()}</isvalidated>"
    for complete in (True, False)
    for validated in (True, False)
}


def _start(scheme: IdScheme) -> str:
    return write_id(scheme.id_of(""), "").removesuffix("</id>")


def _texts(row: Row) -> tuple[str, ...]:
    """The texts of a row that are its own."""
    declaration, local_id = row
    return (*declaration.id_values, local_id.value, declaration.date, declaration.time, declaration.recorddatetime)


def _escaped(row: Row) -> Row:
    declaration, local_id = row
    safe = declaration._replace(
        id_values=tuple(map(escape, declaration.id_values)),
        date=escape(declaration.date),
        time=escape(declaration.time),
        recorddatetime=escape(declaration.recorddatetime),
    )
    return safe, local_id._replace(value=escape(local_id.value))
