"""Which events an audit query means, said twice: for the database, and for what has not reached it yet."""

from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, true

from hub.archive.columns import ALTERED, ColumnMaker, microseconds
from hub.archive.tables import EVENTS, Columns
from hub.domain.subjects import SubjectKind
from hub.ports.audit_trail import AuditQuery

_ZONE = ZoneInfo("Europe/Brussels")


class Selection:
    """The events that an audit query means. `clauses` and `fits` say the same."""

    def __init__(self, equal: dict[str, frozenset[object]], *, actor: dict[str, object], period: range) -> None:
        self._equal, self._actor, self._period = equal, actor, period

    @classmethod
    def of(cls, query: AuditQuery, maker: ColumnMaker) -> Self:
        """Raises ValueError for an actor who is a whole profession."""
        equal: dict[str, frozenset[object]] = {}
        if query.patient:
            equal["patient"] = frozenset({maker.patient(query.patient)})
        if query.transaction:
            equal["document"] = frozenset({maker.document(query.transaction)})
        if query.operations:
            equal["operation"] = frozenset(query.operations)
        if query.outcomes:
            equal["outcome"] = frozenset(outcome.value for outcome in query.outcomes)
        if query.broke_the_glass is not None:
            equal["broke_the_glass"] = frozenset({query.broke_the_glass})
        return cls(equal, actor=_actor(query, maker), period=_period(query.begin, query.end))

    def clauses(self) -> list[ColumnElement[bool]]:
        """For the database."""
        found: list[ColumnElement[bool]] = [_among(name, values) for name, values in self._equal.items()]
        if self._actor:
            found.append(or_(*(EVENTS.c[name] == value for name, value in self._actor.items())))
        found.append(EVENTS.c.outcome != ALTERED)
        return [*found, EVENTS.c.moment >= self._period.start, EVENTS.c.moment < self._period.stop]

    def fits(self, columns: Columns) -> bool:
        """For one event."""
        return (
            all(getattr(columns, name) in values for name, values in self._equal.items())
            and (not self._actor or any(getattr(columns, name) == value for name, value in self._actor.items()))
            and columns.outcome != ALTERED
            and columns.moment in self._period
        )


def _among(name: str, values: frozenset[object]) -> ColumnElement[bool]:
    """A truth is compared in the words of its index, or the database would not use it."""
    column: ColumnElement[object] = EVENTS.c[name]
    return column == true() if values == {True} else column.in_(values)


def _actor(query: AuditQuery, maker: ColumnMaker) -> dict[str, object]:
    """The columns of which one has to say that this was the actor."""
    subject = query.actor
    if subject is None:
        return {}
    if subject.kind is SubjectKind.NIHII:
        return {"actor": maker.actor(subject), "organisation": subject.value}
    if subject.kind is SubjectKind.INSS:
        return {"actor_inss": maker.actor(subject)}
    raise ValueError(f"events are found by the number of an actor, not by {subject.kind}")


def _period(begin: date | None, end: date | None) -> range:
    first = _midnight(begin) if begin else -(2**63)
    return range(first, _midnight(end + timedelta(days=1)) if end and end < date.max else 2**63 - 1)


def _midnight(day: date) -> int:
    """When a Belgian day begins."""
    return microseconds(datetime(day.year, day.month, day.day, tzinfo=_ZONE))
