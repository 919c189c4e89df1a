"""The tables of the archive: events, and the two ends of their chain.

No table holds a person: who is meant is a keyed mark, what happened is sealed.
"""

from typing import Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    true,
)

METADATA: Final = MetaData()

EVENTS: Final = Table(
    "audit_event",
    METADATA,
    Column("sequence", BigInteger, nullable=False),
    Column("month", Integer, nullable=False, comment="year and month of archiving, such as 202611"),
    Column("moment", BigInteger, nullable=False, comment="microseconds since 1970, UTC"),
    Column("patient", LargeBinary),
    Column("actor", LargeBinary, comment="mark of the person's NIHII number"),
    Column("actor_inss", LargeBinary, comment="mark of the person's national number"),
    Column("organisation", String),
    Column("operation", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("document", LargeBinary, comment="mark of the transaction"),
    Column("broke_the_glass", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("sequence", "month"),
    postgresql_partition_by="LIST (month)",
)
Index("audit_event_patient", EVENTS.c.patient, EVENTS.c.moment)
for _name in ("actor", "actor_inss", "organisation"):
    _column = EVENTS.c[_name]
    _is_there = _column.is_not(None)
    Index(f"audit_event_{_name}", _column, EVENTS.c.moment, sqlite_where=_is_there, postgresql_where=_is_there)
_broke = EVENTS.c.broke_the_glass == true()
Index("audit_event_broke_the_glass", EVENTS.c.moment, sqlite_where=_broke, postgresql_where=_broke)

ENDS: Final = Table(
    "audit_chain",
    METADATA,
    Column("name", String, primary_key=True, comment="start: the last event that was dropped; head: the last there is"),
    Column("sequence", BigInteger, nullable=False),
    Column("month", Integer, nullable=False),
    Column("horizon", BigInteger, nullable=False, comment="the latest arrival in a lane, in milliseconds since 1970"),
    Column("digest", LargeBinary, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

START: Final = "start"
HEAD: Final = "head"


class Columns(NamedTuple):
    """What the archive knows of an event without opening it: all columns but the place in the chain."""

    moment: int
    patient: bytes | None
    actor: bytes | None
    actor_inss: bytes | None
    organisation: str | None
    operation: str
    outcome: str
    document: bytes | None
    broke_the_glass: bool
    sealed: bytes


class Row(NamedTuple):
    """An event in its place."""

    sequence: int
    month: int
    columns: Columns
    digest: bytes


class End(NamedTuple):
    """One end of the chain, see the columns of the table."""

    sequence: int
    month: int
    horizon: int
    digest: bytes
