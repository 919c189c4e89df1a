"""Broken glass in the audit trail: which events they are, and how one is named (security facts, part 4.9)."""

import hashlib
import re
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from hub.domain.access import NOW
from hub.domain.access_facts import Rule
from hub.domain.audit import AuditEvent, Outcome

BROKE_THE_GLASS: Final = f"{Rule.BREAK_THE_GLASS}/{NOW}"
"""The id of the rule by which a reason has stood in for a link for the first time."""

_ZONE = ZoneInfo("Europe/Brussels")
_NAME = re.compile(r"(\d{8})-[0-9a-f]{10}")


def broke_the_glass(event: AuditEvent) -> bool:
    """Whether by this event the glass was broken: not merely asked for, and not broken already."""
    return event.outcome is Outcome.GRANTED and BROKE_THE_GLASS in event.rules


def name_of(event: AuditEvent) -> str:
    """A name for an event that tells its Belgian day and nothing of the patient, such as `20261122-3fa94c0b1d`."""
    origin, numbers = event.origin, ",".join(party.number for party in event.actor.parties)
    said = "|".join((f"{event.at.astimezone(UTC):%Y%m%dT%H%M%S%f}", *(origin.operation, origin.request_id), numbers))
    return f"{event.at.astimezone(_ZONE):%Y%m%d}-{hashlib.sha256(said.encode()).hexdigest()[:10]}"


def day_in(name: str) -> date | None:
    """The day in the name of an event; None when it is no such name."""
    found = _NAME.fullmatch(name)
    try:
        return datetime.strptime(found[1], "%Y%m%d").replace(tzinfo=_ZONE).date() if found else None
    except ValueError:
        return None
