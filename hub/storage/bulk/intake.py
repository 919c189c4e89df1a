"""The lines of a file that are about no patient: authors and kinds, looked at and numbered before they are used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hub.domain.declarations import Declaration
from hub.domain.parties import Author, Code, HcParty, Id
from hub.storage.bulk.forms import Forms
from hub.storage.bulk.import_worker import NumberedLine
from hub.storage.bulk.interning import Interning, NumberedAuthor
from hub.storage.bulk.lines import BadLine, load
from hub.storage.bulk.vocabulary import Kind, read_author, read_kind

Value = TypeVar("Value")

_SOMEBODY: Author = (
    HcParty(ids=(Id("ID-HCPARTY", "1.0", "71999932"),), cds=(Code("CD-HCPARTY", "1.0", "orghospital"),)),
)
_SOMETHING = (Code("CD-TRANSACTION", "1.0", "note"),)
_POSITION = Id("ID-KMEHR", "1.0", "1")


@dataclass(slots=True)
class Learned:
    """What some lines have said: numbers of authors and kinds by label, and which lines will not do."""

    authors: dict[str, NumberedAuthor] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    bad: list[tuple[NumberedLine, BadLine]] = field(default_factory=list)


class Intake:
    """Learns what labels mean. A label means the same from its first line on."""

    def __init__(self, *, interning: Interning, forms: Forms, sources: frozenset[str] | None) -> None:
        """`sources` are the names that a kind may have; None for any."""
        self._interning, self._forms, self._sources = interning, forms, sources
        self._authors: dict[str, NumberedAuthor] = {}
        self._kinds: dict[str, Kind] = {}

    async def learn(self, authors: Sequence[NumberedLine], kinds: Sequence[NumberedLine]) -> Learned:
        """What is new in these lines. Raises HubError (index-unavailable)."""
        learned = Learned()
        read_authors = self._fitting(authors, read_author, _by, learned)
        numbers = await self._interning.authors([author for _, _, author in read_authors])
        for (line, label, _), author in zip(read_authors, numbers, strict=True):
            if self._authors.setdefault(label, author) == author:
                learned.authors[label] = author
            else:
                learned.bad.append((line, _other_meaning()))
        for line, label, kind in self._fitting(kinds, self._read_kind, _of, learned):
            if self._kinds.setdefault(label, kind) == kind:
                learned.kinds[label] = kind
            else:
                learned.bad.append((line, _other_meaning()))
        return learned

    def _read_kind(self, line: Sequence[Any]) -> tuple[str, Kind]:
        label, kind = read_kind(line)
        if self._sources is not None and kind.source not in self._sources:
            raise BadLine("source", f"one of the configured sources is wanted: {', '.join(sorted(self._sources))}")
        return label, kind

    def _fitting(
        self,
        lines: Sequence[NumberedLine],
        read: Callable[[Sequence[Any]], tuple[str, Value]],
        declared: Callable[[Value], Declaration],
        learned: Learned,
    ) -> list[tuple[NumberedLine, str, Value]]:
        """The lines that can be read and written into an answer."""
        found: list[tuple[NumberedLine, str, Value]] = []
        for line in lines:
            try:
                found.append((line, *read(load(line.text))))
            except BadLine as error:
                learned.bad.append((line, error))
        unfit = self._forms.unfit([declared(value) for _, _, value in found])
        learned.bad += [(found[at][0], BadLine(where, "the schema refuses this")) for at, where in unfit.items()]
        return [entry for at, entry in enumerate(found) if at not in unfit]


def _other_meaning() -> BadLine:
    return BadLine("label", "an earlier line has given it another meaning")


def _by(author: Author) -> Declaration:
    """A declaration by an author."""
    return _declaration(author, _SOMETHING, [_POSITION])


def _of(kind: Kind) -> Declaration:
    """A declaration of a kind."""
    return _declaration(_SOMEBODY, kind.cds, [Id(s, sv, fixed or "1", sl) for s, sv, sl, fixed in kind.id_schemes])


def _declaration(author: Author, cds: tuple[Code, ...], ids: Sequence[Id]) -> Declaration:
    return Declaration.of(
        ids=ids,
        cds=cds,
        date="2000-01-01",
        time="00:00:00",
        author=author,
        iscomplete=True,
        isvalidated=True,
        recorddatetime="2000-01-01T00:00:00",
    )
