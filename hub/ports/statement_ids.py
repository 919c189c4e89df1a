"""The ids by which callers of the REST API name a link, an exclusion, a right or a mandate."""

from enum import StrEnum
from typing import NamedTuple, Protocol

from hub.domain.subjects import Subject


class StatementType(StrEnum):
    """What an id is of."""

    LINK = "link"
    EXCLUSION = "exclusion"
    RIGHT = "right"
    MANDATE = "mandate"


class StatementName(NamedTuple):
    """Where an id leads: whom the statement is about, and of which kind it is where there are several.

    Not to be logged: the subject may hold a national number.
    """

    subject: Subject
    kind: str = ""


class StatementIds(Protocol):
    """Gives ids and follows them back: always the same ones, which tell nothing and need no index of their own.

    `owner` is whose statements they are, the number of a patient or the id of a document: an id leads nowhere for
    another owner, or as that of another type.
    """

    def give(self, of: StatementType, owner: str, name: StatementName) -> str:
        """The id: letters, digits, `-` and `_`."""
        ...

    def follow(self, of: StatementType, owner: str, text: str) -> StatementName | None:
        """Where an id leads; None for one that is not ours."""
        ...
