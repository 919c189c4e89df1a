"""The catalogue of log events: what may be said in a log line, and nothing else.

Each event names its level and the fields it may carry. `hub.observability.logging` drops any other field, so a careless
call cannot put a patient's data into a log. Fields hold codes, counts, numbers of organisations and names from the
configuration; never a national number, a name, a title or a piece of a message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from structlog.typing import FilteringBoundLogger

Logger = FilteringBoundLogger
Level = Literal["debug", "info", "warning", "error"]
Value = str | int | float | bool | None | Sequence[str] | Mapping[str, int] | BaseException
"""What a field may hold. An exception becomes its type and the lines of code it came from, never its text."""


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of log line."""

    name: str
    level: Level
    fields: frozenset[str] = field(default_factory=frozenset)


def _event(name: str, level: Level, *fields: str) -> Event:
    return Event(name, level, frozenset(fields))


CONTEXT_FIELDS: Final = frozenset({"request_id", "process", "worker"})
"""Fields that any event may carry: bound once for a request or a process."""

# A request: one line each, written when it has ended.
REQUEST_DONE: Final = _event(
    "request.done",
    "info",
    "operation",
    "requester",
    "outcome",
    "status",
    "duration_ms",
    "bytes_in",
    "bytes_out",
    "source",
)
REQUEST_FAILED: Final = _event("request.failed", "error", "operation", "exception", "stack")
"""A fault of the hub itself; `request.done` of the same request follows."""

SECURITY_REFUSED: Final = _event("security.refused", "warning", "cause", "place", "outcome")
"""Why a message was not believed, of which its sender is told little; `request.done` follows."""

# Sources of documents
SOURCE_FAILED: Final = _event("source.failed", "warning", "source", "outcome", "problem", "duration_ms")
SOURCE_BREAKER: Final = _event("source.breaker", "warning", "source", "state")

# The process and what it depends on
HUB_STARTING: Final = _event("hub.starting", "info", "version", "hub", "workers", "strict")
HUB_READY: Final = _event("hub.ready", "info", "intrahub", "intrahub_plain", "rest", "operations", "seconds")
HUB_STOPPING: Final = _event("hub.stopping", "info", "signal", "grace")
HUB_STOPPED: Final = _event("hub.stopped", "info", "seconds")
HUB_REFUSED: Final = _event("hub.refused", "error", "problem", "exception", "stack")
"""The hub does not start, or cannot go on; `problem` says what to do."""
REDIS_STARTED: Final = _event("redis.started", "info", "server", "folder", "seconds")
REDIS_STOPPED: Final = _event("redis.stopped", "info")
REDIS_ENDED: Final = _event("redis.ended", "error", "status", "retry_in")
"""The embedded server ended by itself; it is started again."""
INDEX_FAILED: Final = _event("index.failed", "warning", "exception", "stack")
VAULT_FAILED: Final = _event("vault.failed", "error", "exception", "stack")
SEALING_FAILED: Final = _event("sealing.failed", "error", "action", "problem")
WORKER_STARTED: Final = _event("worker.started", "info", "pid")
WORKER_READY: Final = _event("worker.ready", "info", "pid", "seconds")
WORKER_ENDED: Final = _event("worker.ended", "error", "pid", "status", "retry_in")
"""A worker ended by itself; it is started again."""
WORKER_DRAINED: Final = _event("worker.drained", "info", "seconds", "cut")
"""`cut` counts the requests that were still not done when the time was over."""
WORKER_KILLED: Final = _event("worker.killed", "warning", "pid")

# The archiver, and the archive of audit events
ARCHIVER_STARTED: Final = _event("archiver.started", "info", "pid")
ARCHIVER_READY: Final = _event("archiver.ready", "info", "pid", "seconds")
ARCHIVER_ENDED: Final = _event("archiver.ended", "error", "pid", "status", "retry_in")
"""It ended by itself; it is started again, and events wait meanwhile."""
ARCHIVER_KILLED: Final = _event("archiver.killed", "warning", "pid")
AUDIT_ARCHIVING: Final = _event("audit.archiving", "info", "waiting")
"""Events are being archived: at start, and again after a failure. `waiting` counts those that wait."""
AUDIT_FAILED: Final = _event("audit.failed", "error", "problem", "retry_in", "exception", "stack")
"""Nothing is archived at the moment; events wait in the store, and nothing is lost."""
AUDIT_ALTERED: Final = _event("audit.altered", "error", "events")
"""Events in the store were not as the hub had written them; they are archived as they are."""
AUDIT_DROPPED: Final = _event("audit.dropped", "info", "events")
"""Months older than the retention have been dropped."""

NOTICE_FAILED: Final = _event("notice.failed", "error", "exception", "stack")
"""A notice of broken glass could not be put into the outbox; `hub broken-glass list` shows the break all the same."""

# Certificates: `certificate` says what for, never whose
CERTIFICATE_IN_USE: Final = _event("certificate.in-use", "info", "certificate", "ends", "days")
"""Written at start, when it was replaced, and once a day."""
CERTIFICATE_ENDS: Final = _event("certificate.ends", "warning", "certificate", "ends", "days")
"""The same for one that ends within 30 days or has ended."""
CERTIFICATE_RELOADED: Final = _event("certificate.reloaded", "info", "certificate")
CERTIFICATE_UNUSABLE: Final = _event("certificate.unusable", "error", "certificate", "problem")
"""Its files have changed and will not do: what was in use stays in use."""

# Written by libraries through the standard logging module
LIBRARY_MESSAGE: Final = _event("library.message", "warning", "logger", "template", "exception", "stack")
UNKNOWN_EVENT: Final = _event("unknown.event", "error", "given")
"""Something was logged that is not in this catalogue: a mistake in the code."""

CATALOGUE: Final[Mapping[str, Event]] = {
    event.name: event for event in tuple(globals().values()) if isinstance(event, Event)
}


def emit(logger: Logger, event: Event, /, **fields: Value) -> None:
    """Write one event. Fields that the event does not list are dropped and counted."""
    getattr(logger, event.level)(event.name, **fields)
