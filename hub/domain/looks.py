"""Looks at what there is about a patient: which events of the audit trail they are, and which are asked for."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from hub.domain.identifiers import Ssin
from hub.domain.parties import Id
from hub.domain.search import Criteria, Scope

LOOKS: Final = frozenset({"GetTransactionList", "GetTransaction", "GetTransactionSet", "GetLatestUpdate"})
"""The operations by which somebody sees what there is about a patient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailSelection:
    """Which looks. Absent parts match everything; both days are included.

    `transaction` is an id of a document, which has to fit the `criteria` besides.
    """

    patient: Ssin | None = None
    transaction: Id | None = None
    criteria: Criteria = field(default_factory=Criteria)
    party: tuple[Id, ...] = ()
    begin: date | None = None
    end: date | None = None
    broke_the_glass: bool | None = None
    scope: Scope = Scope.LOCAL
