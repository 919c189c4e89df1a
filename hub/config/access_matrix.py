"""From the file of the access matrix (`hub/config/access/matrix.toml` says how it is written) to its values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from hub.config.parsing import Parser
from hub.domain.access_matrix import UNKNOWN, AccessMatrix, Basis, Category, Cell, Edition, Permission

_CELL = "full, part SET, conditional, conditional SET or none is wanted, then sourced or inferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryTable:
    """A category as it is written."""

    types: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()
    delay: int = 0
    cells: Mapping[str, str]

    def __post_init__(self) -> None:
        if not (self.types or self.authors):
            raise ValueError("types: some are wanted, or authors: what holds everything would show the unknown")
        if not 0 <= self.delay <= 3650:
            raise ValueError(f"delay: a number of days from 0 to 3650 is wanted, seen: {self.delay}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixTable:
    """The whole file."""

    items: Mapping[str, frozenset[str]] = field(default_factory=dict)
    editions: Mapping[str, Mapping[str, CategoryTable]]

    def __post_init__(self) -> None:
        if not self.editions:
            raise ValueError("editions: at least one is wanted")


def read_matrix(parser: Parser, table: Mapping[str, object], roles: frozenset[str]) -> AccessMatrix:
    """The matrix in a table, for roles of these names; what is wrong is reported to the parser."""
    read = parser.read(MatrixTable, table)
    if read is None:
        return AccessMatrix(())
    reader = _Reader(parser, read.items, roles)
    return AccessMatrix(tuple(reader.editions(read.editions)))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads cells, whose roles and sets of items have to exist."""

    parser: Parser
    items: Mapping[str, frozenset[str]]
    roles: frozenset[str]

    def editions(self, tables: Mapping[str, Mapping[str, CategoryTable]]) -> Iterator[Edition]:
        for key, categories in tables.items():
            path = f"editions.{key}"
            try:
                effective = date.fromisoformat(key)
            except ValueError:
                self.parser.report(path, "a day such as 2026-01-01 is wanted in its place")
                continue
            yield Edition(effective, tuple(self._category(name, it, path) for name, it in categories.items()))

    def _category(self, name: str, table: CategoryTable, path: str) -> Category:
        if name == UNKNOWN.name:
            self.parser.report(f"{path}.{name}", "this is the name of what is in no category; choose another")
        cells = {role: self._cell(words, f"{path}.{name}.cells.{role}") for role, words in table.cells.items()}
        for role in cells.keys() - self.roles:
            known = ", ".join(sorted(self.roles))
            self.parser.report(f"{path}.{name}.cells.{role}", f"no such role; [roles] has: {known}")
        return Category(name=name, types=table.types, authors=table.authors, delay=table.delay, cells=cells)

    def _cell(self, text: str, path: str) -> Cell:
        """Default deny: what cannot be read allows nothing."""
        match text.split():
            case [("full" | "conditional" | "none") as permission, ("sourced" | "inferred") as basis]:
                return Cell(Permission(permission), Basis(basis))
            case [("part" | "conditional") as permission, items, ("sourced" | "inferred") as basis]:
                if self.items.get(items):
                    return Cell(Permission(permission), Basis(basis), self.items[items])
                known = ", ".join(sorted(self.items)) or "nothing"
                self.parser.report(path, f"no such set of items, or an empty one: {items!r}; [items] has: {known}")
            case _:
                self.parser.report(path, f"{_CELL}; seen: {text!r}")
        return Cell(Permission.NONE, Basis.INFERRED)
