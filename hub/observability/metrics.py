"""What the hub counts and times, for Prometheus.

Labels come from closed sets: operations of the service, reasons, names of sources. What does not fit a set is counted
under `other`, so a caller cannot make the number of series grow. With several workers the values are shared through
files (Prometheus' multiprocess mode); the supervisor adds them up.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from hub.domain.errors import Reason

MULTIPROCESS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable that names the shared folder; it must be set before a worker starts."""

_OK = "ok"
_OTHER = "other"
_MOST_VALUES = 100
_REQUEST_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_STORE_BUCKETS = (0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2)


class Metrics:
    """The instruments of one process. Give it to whoever has something to count."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._operations, self._sources = _BoundedSet(), _BoundedSet()
        self._requests = self._counter("hub_requests", "Requests by operation and outcome", "operation", "outcome")
        self._request_seconds = self._histogram(
            "hub_request_seconds", "Time from the first byte of a request to the end of its answer", "operation"
        )
        self._security_refusals = self._counter("hub_security_refused", "Messages that were not believed", "cause")
        request_bytes = self._counter("hub_request_bytes", "Bytes of messages, in and out", "direction")
        self._bytes_in, self._bytes_out = request_bytes.labels("in"), request_bytes.labels("out")
        self._source_calls = self._counter("hub_source_calls", "Calls to sources", "source", "outcome")
        self._source_seconds = self._histogram(
            "hub_source_seconds", "Time until a source has sent its whole document", "source"
        )
        self._source_available = Gauge(
            "hub_source_available",
            "1 while the circuit to a source is closed in every worker",
            ["source"],
            registry=self.registry,
            multiprocess_mode="livemin",
        )
        self._redis_calls = self._counter("hub_redis_calls", "Calls to Redis", "outcome")
        self._redis_calls_ok = self._redis_calls.labels(_OK)
        self._redis_seconds = self._histogram("hub_redis_seconds", "Time of a call to Redis", buckets=_STORE_BUCKETS)
        self._vault_puts = self._counter("hub_vault_puts", "Documents put into the vault", "outcome")
        self._vault_seconds = self._histogram("hub_vault_put_seconds", "Time until a document is kept")
        self._sealings = self._counter("hub_sealings", "Messages opened and sealed", "action", "outcome")
        self._sealing_seconds = self._histogram("hub_sealing_seconds", "Time to open or seal a message", "action")
        self._certificate_ends = Gauge(
            "hub_certificate_expiry_timestamp_seconds",
            "When a certificate that the hub uses ends, in the worker where it is the first to",
            ["certificate"],
            registry=self.registry,
            multiprocess_mode="livemin",
        )
        self._audit_archived = self._counter("hub_audit_archived", "Audit events that have reached the archive")
        self._audit_waiting = self._gauge("hub_audit_waiting", "Audit events that wait for the archive")
        self._audit_oldest = self._gauge("hub_audit_waiting_seconds", "How long the oldest of them has been waiting")
        self._dropped = self._counter("hub_log_fields_dropped", "Log fields that the event catalogue does not allow")

    def request_done(
        self, *, operation: str, outcome: str, seconds: float, bytes_in: int = 0, bytes_out: int = 0
    ) -> None:
        """A request has ended. `outcome` is `ok`, the value of a reason, or another word of the edge's own."""
        name = self._operations.bound(operation)
        self._requests.labels(name, _outcome(outcome)).inc()
        self._request_seconds.labels(name).observe(seconds)
        self._bytes_in.inc(bytes_in)
        self._bytes_out.inc(bytes_out)

    def security_refused(self, *, cause: str) -> None:
        """The security of a message did not do; `cause` is the label of one of a closed set."""
        self._security_refusals.labels(cause).inc()

    def source_called(self, source: str, *, seconds: float, outcome: str = _OK) -> None:
        """A call to a source has ended."""
        name = self._sources.bound(source)
        self._source_calls.labels(name, _outcome(outcome)).inc()
        self._source_seconds.labels(name).observe(seconds)

    def source_available(self, source: str, *, available: bool) -> None:
        """The circuit breaker of a source closed (available) or opened."""
        self._source_available.labels(self._sources.bound(source)).set(int(available))

    def redis_called(self, *, seconds: float, outcome: str = _OK) -> None:
        """A call to Redis has ended: there are several in each request."""
        calls = self._redis_calls_ok if outcome == _OK else self._redis_calls.labels(_outcome(outcome))
        calls.inc()
        self._redis_seconds.observe(seconds)

    def vault_put(self, *, seconds: float, outcome: str = _OK) -> None:
        """A put into the vault has ended; a get is a call to the source `vault`."""
        self._vault_puts.labels(_outcome(outcome)).inc()
        self._vault_seconds.observe(seconds)

    def sealing_done(self, action: str, *, seconds: float, outcome: str = _OK) -> None:
        """A message was opened or sealed, or not; `action` is `open` or `seal`."""
        self._sealings.labels(action, _outcome(outcome)).inc()
        self._sealing_seconds.labels(action).observe(seconds)

    def certificate_ends(self, name: str, moment: datetime) -> None:
        """A certificate is in use until then; the names are those of the configuration."""
        self._certificate_ends.labels(name).set(moment.timestamp())

    def audit_archived(self, number: int) -> None:
        """Audit events have reached the archive."""
        self._audit_archived.inc(number)

    def audit_waiting(self, number: int, *, seconds: float) -> None:
        """So many audit events wait for the archive, the oldest for so long."""
        self._audit_waiting.set(number)
        self._audit_oldest.set(seconds)

    def fields_dropped(self, number: int) -> None:
        """A log line lost fields that its event does not allow."""
        self._dropped.inc(number)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        """Of what one process sees: of several the highest counts."""
        return Gauge(name, text, registry=self.registry, multiprocess_mode="livemax")

    def _histogram(
        self, name: str, text: str, *labels: str, buckets: tuple[float, ...] = _REQUEST_BUCKETS
    ) -> Histogram:
        return Histogram(name, text, labels, registry=self.registry, buckets=buckets)


class SharedMetrics:
    """The values of all workers together, and those of the process that watches over them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        registry = self._registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]  # the library has no types here
        self._up = Gauge("hub_worker_up", "1 while a worker runs", ["worker"], registry=registry)
        self._restarts = Counter("hub_worker_restarts", "Workers that ended by themselves", registry=registry)

    def worker_is(self, member: int | str, *, up: bool) -> None:
        """A worker, or the archiver, has started or ended."""
        self._up.labels(str(member)).set(int(up))

    def worker_ended(self, pid: int) -> None:
        """A worker ended by itself; its counters stay, its gauges go."""
        self._restarts.inc()
        mark_process_dead(pid, str(self._folder))  # type: ignore[no-untyped-call]  # the library has no types here

    def exposition(self) -> bytes:
        """All values in Prometheus' text format."""
        return generate_latest(self._registry)


@dataclass(slots=True)
class _BoundedSet:
    """The values seen for one label; what comes after the first hundred is `other`."""

    _seen: set[str] = field(default_factory=set)

    def bound(self, value: str) -> str:
        if value in self._seen:
            return value
        if len(self._seen) >= _MOST_VALUES:
            return _OTHER
        self._seen.add(value)
        return value


_OUTCOMES = frozenset({_OK, "http", "abandoned", "interrupted", "failed"} | {reason.value for reason in Reason})


def _outcome(outcome: str) -> str:
    return outcome if outcome in _OUTCOMES else _OTHER
