"""Structured logs: one JSON object a line, only what the event catalogue allows.

Nothing here is process-wide except the bridge for libraries, which only the process entry points build.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import TextIO

import structlog
from structlog.typing import EventDict

from hub.observability.events import CATALOGUE, CONTEXT_FIELDS, LIBRARY_MESSAGE, UNKNOWN_EVENT, Logger, emit

_LONGEST_VALUE = 300
_NATIONAL_NUMBER = re.compile(r"(?<!\d)\d{2}[.]?\d{2}[.]?\d{2}[- ]?\d{3}[.]?\d{2}(?!\d)")
_EVENT_NAME = re.compile(r"[a-z][a-z.-]{0,60}")
_STANDARD = ("timestamp", "level", "event")
_PACKAGES = ("hub.", "connectors.")

Dropped = Callable[[int], None]
"""Told how many fields of a line were dropped."""


def open_log(stream: TextIO | None = None, *, on_dropped: Dropped | None = None, **context: str | int) -> Logger:
    """A logger that writes to `stream` (standard output when None), with `context` in every line."""
    logger: Logger = structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stdout),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _Allowed(on_dropped or _ignore),
            structlog.processors.JSONRenderer(serializer=_to_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        context_class=dict,
    )
    return logger.bind(**context)


@contextmanager
def request_scope(request_id: str) -> Iterator[None]:
    """Every line written inside carries this request id, whoever writes it."""
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        yield


def adopt_library_logs(logger: Logger) -> None:
    """Send what libraries log (warnings and worse) to `logger`: the message template and the code path, no values."""
    root = logging.getLogger()
    root.handlers = [_LibraryHandler(logger)]
    root.setLevel(logging.WARNING)


class _Allowed:
    """The processor that keeps what the catalogue allows and counts what it drops."""

    def __init__(self, on_dropped: Dropped) -> None:
        self._on_dropped = on_dropped

    def __call__(self, _logger: object, _method: str, line: EventDict) -> Mapping[str, object]:
        event = CATALOGUE.get(str(line.get("event")))
        if event is None:
            given = str(line.get("event"))
            line["given"] = given if _EVENT_NAME.fullmatch(given) else "?"
            line["event"], event = UNKNOWN_EVENT.name, UNKNOWN_EVENT
        _explain_exception(line)
        allowed = CONTEXT_FIELDS | event.fields
        kept = {name: line[name] for name in _STANDARD}
        kept |= {name: _harmless(value) for name, value in line.items() if name in allowed}
        if dropped := len(line) - len(kept):
            kept["dropped"] = dropped
            self._on_dropped(dropped)
        return kept


def _explain_exception(line: MutableMapping[str, object]) -> None:
    error = line.get("exception")
    if not isinstance(error, BaseException):
        return
    line["exception"] = type(error).__name__
    if path := _code_path(error):
        line["stack"] = path


def _code_path(error: BaseException) -> list[str]:
    """Where an exception came from: module, line and function of our own frames and of the last one."""
    frames, traceback = [], error.__traceback__
    while traceback is not None:
        module = str(traceback.tb_frame.f_globals.get("__name__", "?"))
        frames.append((module, f"{module}:{traceback.tb_lineno} {traceback.tb_frame.f_code.co_name}"))
        traceback = traceback.tb_next
    return [text for at, (module, text) in enumerate(frames) if module.startswith(_PACKAGES) or at == len(frames) - 1]


def _harmless(value: object) -> object:
    """A value as it may be shown: short, and without anything that looks like a national number."""
    match value:
        case None | bool() | int() | float():
            return value
        case list() | tuple():
            return [_harmless(part) for part in value]
        case dict():
            return {str(name): _harmless(part) for name, part in value.items()}
        case _:
            return _NATIONAL_NUMBER.sub("[number]", str(value)[:_LONGEST_VALUE])


def _to_json(line: Mapping[str, object], **_options: object) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def _ignore(_dropped: int) -> None:
    pass


class _LibraryHandler(logging.Handler):
    """Passes on a library's line without its values: those may hold parts of messages."""

    def __init__(self, logger: Logger) -> None:
        super().__init__(logging.WARNING)
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        template = str(record.msg).partition("\n")[0]  # asyncio adds lines that show values
        emit(self._logger, LIBRARY_MESSAGE, logger=record.name, template=template, exception=error)
