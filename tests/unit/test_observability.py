"""Logs say what the catalogue allows and nothing about patients; metrics have few series."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from prometheus_client import generate_latest

from hub.observability.events import CATALOGUE, REQUEST_DONE, REQUEST_FAILED, SOURCE_FAILED, Logger, emit
from hub.observability.logging import adopt_library_logs, open_log, request_scope
from hub.observability.metrics import Metrics
from tests.builders import JAN

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def stream() -> StringIO:
    """Where the log goes."""
    return StringIO()


@pytest.fixture
def metrics() -> Metrics:
    """Instruments of their own."""
    return Metrics()


@pytest.fixture
def log(stream: StringIO, metrics: Metrics) -> Logger:
    """A log that counts what it drops."""
    return open_log(stream, on_dropped=metrics.fields_dropped, worker=1)


@pytest.fixture
def lines(stream: StringIO) -> Lines:
    """What has been logged."""
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def library_log(log: Logger) -> Iterator[logging.Logger]:
    """The logger of some library, adopted."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    adopt_library_logs(log)
    yield logging.getLogger("some.library")
    root.handlers = handlers
    root.setLevel(level)


def exposition(metrics: Metrics) -> str:
    return generate_latest(metrics.registry).decode()


def test_an_event_is_one_json_line(log: Logger, lines: Lines) -> None:
    emit(log, REQUEST_DONE, operation="GetTransactionList", outcome="ok", status=200)
    (line,) = lines()
    assert line.pop("timestamp")
    assert line == {
        "level": "info",
        "event": "request.done",
        "worker": 1,
        "operation": "GetTransactionList",
        "outcome": "ok",
        "status": 200,
    }


def test_a_field_that_the_event_does_not_list_is_dropped_and_counted(
    log: Logger, lines: Lines, metrics: Metrics
) -> None:
    emit(log, REQUEST_DONE, operation="PutPatient", patient=JAN.digits, title="Sumehr")
    (line,) = lines()
    assert "patient" not in line
    assert line["dropped"] == 2
    assert "hub_log_fields_dropped_total 2.0" in exposition(metrics)


def test_something_that_is_not_in_the_catalogue_says_nothing_of_its_own(log: Logger, lines: Lines) -> None:
    said = f"Patient {JAN.digits} is gone"
    log.warning(said, reason="x")
    (line,) = lines()
    assert line["event"] == "unknown.event"
    assert line["given"] == "?"
    assert "reason" not in line


@pytest.mark.parametrize("value", ["{}", "x {} y", "{:.2}.{:.2}"], ids=["bare", "within", "half"])
def test_a_national_number_in_an_allowed_field_is_masked(log: Logger, stream: StringIO, value: str) -> None:
    digits = JAN.digits
    written = f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}-{digits[6:9]}.{digits[9:]}"
    emit(log, SOURCE_FAILED, source=value.format(digits, digits), outcome=written)
    assert digits not in stream.getvalue()
    assert written not in stream.getvalue()


def test_an_exception_shows_its_type_and_the_way_through_our_code_but_no_text(log: Logger, stream: StringIO) -> None:
    try:
        asyncio.run(_fail())
    except ValueError as error:
        emit(log, REQUEST_FAILED, operation="PutPatient", exception=error)
    line = json.loads(stream.getvalue())
    assert line["exception"] == "ValueError"
    assert line["stack"][-1].endswith("_fail")
    assert "Peeters" not in stream.getvalue()


async def _fail() -> None:
    raise ValueError("Peeters, Jan")


def test_a_library_is_heard_without_its_values(library_log: logging.Logger, lines: Lines, stream: StringIO) -> None:
    library_log.error("cannot read %s\nof Peeters", JAN.digits)
    (line,) = lines()
    assert line["event"] == "library.message"
    assert line["template"] == "cannot read %s"
    assert "Peeters" not in stream.getvalue()


def test_a_library_is_only_heard_when_something_is_wrong(library_log: logging.Logger, lines: Lines) -> None:
    library_log.info("all is well")
    assert lines() == []


def test_lines_within_a_request_carry_its_id(log: Logger, lines: Lines) -> None:
    with request_scope("abc"):
        emit(log, SOURCE_FAILED, source="nord")
    emit(log, SOURCE_FAILED, source="nord")
    within, after = lines()
    assert within["request_id"] == "abc"
    assert "request_id" not in after


def test_long_values_are_cut(log: Logger, lines: Lines) -> None:
    emit(log, SOURCE_FAILED, source="x" * 5000)
    assert len(lines()[0]["source"]) == 300


def test_names_of_events_are_unique_and_their_fields_say_nothing_of_patients() -> None:
    assert len(CATALOGUE) > 20
    for event in CATALOGUE.values():
        assert not event.fields & {"patient", "ssin", "inss", "name", "title", "message", "document"}


def test_requests_are_counted_by_operation_and_outcome(metrics: Metrics) -> None:
    metrics.request_done(operation="PutPatient", outcome="ok", seconds=0.01, bytes_in=10, bytes_out=20)
    text = exposition(metrics)
    assert 'hub_requests_total{operation="PutPatient",outcome="ok"} 1.0' in text
    assert 'hub_request_seconds_bucket{le="0.01",operation="PutPatient"} 1.0' in text
    assert 'hub_request_bytes_total{direction="out"} 20.0' in text


def test_a_caller_cannot_make_the_number_of_series_grow(metrics: Metrics) -> None:
    for number in range(500):
        metrics.request_done(operation=f"Invented{number}", outcome=f"invented{number}", seconds=0)
    series = [line for line in exposition(metrics).splitlines() if line.startswith("hub_requests_total{")]
    assert len(series) == 101
    assert all('outcome="other"' in line for line in series)


def test_two_hubs_in_one_process_count_apart(metrics: Metrics) -> None:
    Metrics().vault_put(seconds=0.1)
    metrics.vault_put(seconds=0.1)
    assert 'hub_vault_puts_total{outcome="ok"} 1.0' in exposition(metrics)
