"""The access matrix: what each role sees of each category of documents, in editions with the day each takes effect.

Security facts, part 4.6; network facts, part 4.3. It is data: the shipped one is `hub/config/access/matrix.toml`. What
no cell speaks of is seen by nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Level(StrEnum):
    """How much of a document somebody sees."""

    FULL = "full"
    PART = "part"
    """Items of the permitted kinds only."""
    NONE = "none"


class Permission(StrEnum):
    """What a cell says."""

    FULL = "full"
    PART = "part"
    CONDITIONAL = "conditional"
    """In a care context, or with a right on the document; for a patient, when the publisher opened it."""
    NONE = "none"


class Basis(StrEnum):
    """Whether a cell follows from a published fact, or is our reading for want of one."""

    SOURCED = "sourced"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a role may see of a category; `items` are the kinds (CD-ITEM) of a part, empty for all of a document."""

    permission: Permission
    basis: Basis
    items: frozenset[str] = frozenset()

    @property
    def level(self) -> Level:
        """What is seen once the condition, if any, is met."""
        if self.permission is Permission.NONE:
            return Level.NONE
        return Level.PART if self.items else Level.FULL

    @property
    def is_conditional(self) -> bool:
        """Whether there is a condition."""
        return self.permission is Permission.CONDITIONAL


NO_CELL = Cell(Permission.NONE, Basis.INFERRED)


PATIENT_ROLE = "patient"
"""The role of those who ask as patients, about themselves or for another patient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A group of professions that the matrix treats alike.

    `codes` are CD-HCPARTY codes. With `departments` or `qualifications` only those are meant who speak from such a
    department, or whose NIHII number ends in such a qualification. Where a role has no cell of its own, that of the
    role it is `like` counts.
    """

    name: str
    codes: frozenset[str]
    departments: frozenset[str] = frozenset()
    qualifications: frozenset[str] = frozenset()
    like: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether the profession alone does not make somebody this."""
        return bool(self.departments or self.qualifications)

    def is_one_of(self, names: frozenset[str]) -> bool:
        """Whether these role names mean this role; `*` means every role but that of patients."""
        return self.name in names or self.like in names or ("*" in names and self.name != PATIENT_ROLE)


NO_ROLE = Role(name="unknown", codes=frozenset())
"""Of whom no role is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """Documents that are treated alike: of one of the types and, when `authors` is not empty, by one of them.

    `authors` are CD-HCPARTY codes of which the author chain has one: departments, professions, organisations. `delay`
    is how many days a patient waits for a document whose publisher does not say when it opens.
    """

    name: str
    types: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()
    delay: int = 0
    cells: Mapping[str, Cell] = field(default_factory=dict)

    def fits(self, transaction_type: str, codes: frozenset[str]) -> bool:
        """Whether a document is of this category: by its type, and the codes of its author chain."""
        return (not self.types or transaction_type in self.types) and (
            not self.authors or not self.authors.isdisjoint(codes)
        )

    def may_fit(self, transaction_type: str, departments: frozenset[str]) -> bool:
        """Whether a document of the type can be of this category, whoever wrote it in these departments."""
        return (not self.types or transaction_type in self.types) and (
            not self.authors
            or not self.authors.isdisjoint(departments)
            or any(not code.startswith("dept") for code in self.authors)
        )

    def cell(self, role: Role) -> Cell:
        """What it says of a role."""
        return self.cells.get(role.name) or self.cells.get(role.like, NO_CELL)


UNKNOWN = Category(name="unknown")
"""What is of no category: nobody sees it."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The matrix from a day on: the first category that fits a document is its category."""

    effective: date
    categories: tuple[Category, ...]

    def category(self, transaction_type: str, codes: frozenset[str]) -> Category:
        """The category of a document; UNKNOWN when none fits."""
        for category in self.categories:
            if category.fits(transaction_type, codes):
                return category
        return UNKNOWN

    def possible(self, transaction_type: str, departments: frozenset[str]) -> tuple[Category, ...]:
        """Every category a document of the type may be of, whoever wrote it in these departments."""
        found = []
        for category in self.categories:
            if category.may_fit(transaction_type, departments):
                found.append(category)
                if not category.authors:
                    return tuple(found)
        return (*found, UNKNOWN)

    def knows(self, role: Role) -> bool:
        """Whether there is a cell for this role at all."""
        return any(role.name in category.cells or role.like in category.cells for category in self.categories)

    def rule(self, category: Category, role: Role) -> str:
        """The id of the rule that a cell is, such as `matrix/2026-01-01/sumehr/nurse`."""
        return f"matrix/{self.effective.isoformat()}/{category.name}/{role.name}"


@dataclass(frozen=True, slots=True)
class AccessMatrix:
    """All editions."""

    editions: tuple[Edition, ...]

    def on(self, day: date) -> Edition:
        """The edition in force on a day; before the first, one that allows nothing."""
        begun = [edition for edition in self.editions if edition.effective <= day]
        return max(begun, key=lambda edition: edition.effective, default=Edition(date.min, ()))
