"""The rows of a list as text: what they share is written once and remembered, what is their own is put in between.

A tree of the same answer costs fifty times as much; a property test holds both to the same XML.
"""

from collections.abc import Sequence
from itertools import chain

from hub.domain.identifiers import LocalId
from hub.domain.parties import Author, HcParty, IdScheme
from hub.domain.references import Declaration, Outline
from hub.wire.hubservices.responses import HubIdentity
from hub.wire.kmehr.parties import write_author, write_code, write_hcparty, write_id
from hub.wire.xml import escape, is_plain

Row = tuple[Declaration, LocalId]

_Frame = list[str]
"""The pieces of a row; every second one is the place of a value."""

_MOST_FRAMES = 20_000
_MOST_AUTHORS = 20_000


class SummaryWriter:
    """Writes transaction summaries, as TransactionSummaryType of the hub services has them."""

    def __init__(self, hub: HubIdentity) -> None:
        self._hub = hub
        self._owner = write_hcparty(hub.party)
        self._own_scheme = hub.id_of(LocalId(hub.id_scheme, "")).of_scheme
        self._frames: dict[int, tuple[Outline, _Frame]] = {}
        self._authors: dict[int, tuple[Author, str]] = {}

    def write(self, rows: Sequence[Row]) -> str:
        """A `transaction` for each row: the publisher's ids and the hub's, and all that was declared.

        Nearly always no value of a page needs escaping, which is cheaper seen of all of them at once.
        """
        values: list[Sequence[str]] = [
            (*declaration.id_values, id_.value, declaration.date, declaration.time, declaration.recorddatetime)
            for declaration, id_ in rows
        ]
        if not is_plain("".join(chain.from_iterable(values))):
            values = [[escape(value) for value in row] for row in values]
        written: list[str] = []
        for (declaration, _), row in zip(rows, values, strict=True):
            frame = self._frame(declaration.outline).copy()
            frame[1::2] = row
            written += frame
        return "".join(written)

    def _frame(self, outline: Outline) -> _Frame:
        known = self._frames.get(id(outline))
        if known is None or known[0] is not outline:
            if len(self._frames) >= _MOST_FRAMES:
                self._frames.clear()
            known = self._frames[id(outline)] = (outline, self._write_frame(outline))
        return known[1]

    def _write_frame(self, outline: Outline) -> _Frame:
        schemes = [*outline.id_schemes, self._own_scheme]
        codes = "".join([write_code(cd, "") for cd in outline.cds])
        state = (
            f"<iscomplete>{'true' if outline.iscomplete else 'false'}</iscomplete>"
            f"<isvalidated>{'true' if outline.isvalidated else 'false'}</isvalidated>"
        )
        pieces = [
            "<transaction>" + _start(schemes[0]),
            *("</id>" + _start(scheme) for scheme in schemes[1:]),
            f"</id>{codes}<date>",
            "</date><time>",
            f"</time><author>{self._write_author(outline.author)}</author>{state}<recorddatetime>",
            "</recorddatetime></transaction>",
        ]
        return [text for piece in pieces for text in (piece, "")][:-1]

    def _write_author(self, author: Author) -> str:
        """The owning hub, and the author chain without it; chains are shared by many outlines."""
        known = self._authors.get(id(author))
        if known is None or known[0] is not author:
            if len(self._authors) >= _MOST_AUTHORS:
                self._authors.clear()
            others = tuple(party for party in author if not self._is_owner(party))
            known = self._authors[id(author)] = (author, self._owner + write_author(others))
        return known[1]

    def _is_owner(self, party: HcParty) -> bool:
        return party.profession == "hub" and party.number == self._hub.number


def _start(scheme: IdScheme) -> str:
    return write_id(scheme.id_of(""), "").removesuffix("</id>")
