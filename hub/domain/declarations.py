"""What publishers say of their transactions, and the moment that lists are ordered by."""

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, Self

from hub.domain.parties import Author, Code, Id, IdScheme


def transaction_type_of(cds: tuple[Code, ...]) -> str:
    """The CD-TRANSACTION code among the codes of a transaction; empty when there is none."""
    return next((cd.value.strip() for cd in cds if cd.scheme == "CD-TRANSACTION"), "")


_POSITION = re.compile(r"[0-9]{1,4}")


class Outline(NamedTuple):
    """What the declarations of one kind from one publisher share: the schemes of their identifiers, and their codes."""

    id_schemes: tuple[IdScheme, ...]
    cds: tuple[Code, ...]


class Declaration(NamedTuple):
    """What a publisher says of a transaction (hub services TransactionSummaryType), kept exactly.

    Its identifiers are the `id_values` in the schemes of the outline. Date, time and recorddatetime are XML Schema
    texts as declared.
    """

    outline: Outline
    id_values: tuple[str, ...]
    date: str
    time: str
    author: Author
    iscomplete: bool
    isvalidated: bool
    recorddatetime: str

    @classmethod
    def of(
        cls,
        *,
        ids: Iterable[Id],
        cds: tuple[Code, ...],
        date: str,
        time: str,
        author: Author,
        iscomplete: bool,
        isvalidated: bool,
        recorddatetime: str,
    ) -> Self:
        """A declaration from its elements."""
        ids = tuple(ids)
        outline = Outline(tuple(id_.of_scheme for id_ in ids), cds)
        values = tuple(id_.value for id_ in ids)
        return cls(outline, values, date, time, author, iscomplete, isvalidated, recorddatetime)

    def with_ids(self, ids: Iterable[Id]) -> Self:
        """The same with other identifiers."""
        ids = tuple(ids)
        outline = self.outline._replace(id_schemes=tuple(id_.of_scheme for id_ in ids))
        return self._replace(outline=outline, id_values=tuple(id_.value for id_ in ids))

    @property
    def ids(self) -> tuple[Id, ...]:
        """The identifiers in their declared order."""
        return tuple(scheme.id_of(value) for scheme, value in zip(self.outline.id_schemes, self.id_values, strict=True))

    @property
    def cds(self) -> tuple[Code, ...]:
        """The codes in their declared order."""
        return self.outline.cds

    @property
    def transaction_type(self) -> str:
        """The CD-TRANSACTION code; empty when the declaration has none."""
        return transaction_type_of(self.cds)

    @property
    def moment(self) -> int:
        """Date and time as seconds since the year 1; zones and fractions do not count, nonsense is 0."""
        return moment_of(self.date, self.time)

    @property
    def rank(self) -> int:
        """The moment as lists are ordered by it: see `rank_of`."""
        return rank_of(self.date, self.time)

    def names(self) -> frozenset[tuple[str, str, str]]:
        """The publisher's identifiers that can name a document; empty when none can.

        A bare ID-KMEHR is mostly a position within its message ("1"), so it counts only when there is nothing else and
        it is no such position.
        """
        keys = frozenset(id_.key for id_ in self.ids)
        others = frozenset(key for key in keys if key[0] != "ID-KMEHR")
        return others or frozenset(key for key in keys if not _POSITION.fullmatch(key[2]))


def moment_of(date_text: str, time_text: str) -> int:
    """Seconds since the year 1 of an XML Schema date and time, without zone and fraction; 0 for no such day."""
    try:
        day = date.fromisoformat(date_text[:10])
        hours, minutes, seconds = time_text[:8].split(":")
        return day.toordinal() * 86400 + int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    except ValueError:
        return 0


def rank_of(date_text: str, time_text: str) -> int:
    """The moment that lists are ordered by: what lies outside the years 1932 to 2068 counts as their edge."""
    return max(FIRST_RANK, min(moment_of(date_text, time_text), LAST_RANK))


_MIDDLE = date(2000, 1, 1).toordinal() * 86400
FIRST_RANK, LAST_RANK = _MIDDLE - 2**31, _MIDDLE + 2**31 - 1
"""The range of moments that lists tell apart: what 32 bits of seconds hold."""
