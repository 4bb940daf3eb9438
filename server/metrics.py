"""What is counted, for Prometheus: base units, no label that names a user or a room (labels are for ever)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from contract.errors import ErrorCode
from contract.registry import COMMANDS, Limit
from realtime.bus.port import Bus
from realtime.engine import CloseReason

_FAST: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_CALLS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_OTHER: Final = "other"

_REASONS: Final = frozenset({*CloseReason, "revoked", "server_draining", "token_expired"})
_REFUSALS: Final = frozenset({"origin", "draining", "full"})
_LIMITS: Final = frozenset(Limit)
_CODES: Final = frozenset(ErrorCode)


class Metrics:
    """All counters of one server, in a registry of their own. Observer of the engine, the writer and delivery."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._make_connection_metrics()
        self._make_message_metrics()
        self._make_meeting_metrics()

    def _make_connection_metrics(self) -> None:
        r = self.registry
        self._connections = Gauge("rtc_connections", "Socket.IO connections.", registry=r)
        self._connects = Counter("rtc_connect", "Attempts to connect, by result.", ["result"], registry=r)
        self._disconnects = Counter("rtc_disconnect", "Ended connections, by reason.", ["reason"], registry=r)
        self._slow = Counter("rtc_slow_consumer", "Clients cut off for being too slow.", registry=r)
        self._protocol = Counter(
            "rtc_protocol_error", "Clients cut off for breaking the protocol.", registry=r
        )
        self._auth = Counter("rtc_auth_failures", "Tokens refused, by error code.", ["reason"], registry=r)
        self._limited = Counter(
            "rtc_ratelimited", "Requests refused for their rate, by limit.", ["limit"], registry=r
        )
        self._lag = Histogram(
            "rtc_event_loop_lag_seconds", "How late the loop ran.", buckets=_FAST, registry=r
        )

    def _make_message_metrics(self) -> None:
        r = self.registry
        self._commands = Counter(
            "rtc_commands", "Commands answered, by command and result.", ["command", "result"], registry=r
        )
        self._command_time = Histogram(
            "rtc_command_seconds",
            "From a command's arrival to its ack.",
            ["command"],
            buckets=_FAST,
            registry=r,
        )
        self._accepted = Counter("rtc_messages_accepted", "Messages acknowledged.", registry=r)
        self._ack = Histogram(
            "rtc_send_ack_seconds", "From a message's arrival to its ack.", buckets=_FAST, registry=r
        )
        self._duplicates = Counter("rtc_dedup_hits", "Sends that had been stored before.", registry=r)
        self._deliveries = Counter("rtc_deliveries", "Events put into connections' queues.", registry=r)
        self._delivery_lag = Histogram(
            "rtc_delivery_lag_seconds",
            "From an event's commit to its delivery here.",
            buckets=_FAST,
            registry=r,
        )
        self._gaps = Counter("rtc_gap_detected", "Gaps that were filled from the database.", registry=r)
        self._resumes = Counter("rtc_resume", "Rooms caught up on, by result.", ["result"], registry=r)
        self._commits = Histogram("rtc_commit_seconds", "Time of a group commit.", buckets=_FAST, registry=r)
        self._batches = Histogram(
            "rtc_commit_intentions", "What one group commit wrote.", buckets=_SIZES, registry=r
        )
        self._failed = Counter("rtc_commit_failures", "Group commits that failed.", registry=r)

    def _make_meeting_metrics(self) -> None:
        r = self.registry
        self._jobs = Counter(
            "rtc_jobs_ended", "Runs of jobs, by kind and result.", ["kind", "result"], registry=r
        )
        self._job_counts = Gauge("rtc_jobs", "Jobs that are not done.", ["kind", "state"], registry=r)
        self._provider_calls = Counter(
            "rtc_provider_calls", "Calls to providers, by result.", ["provider", "call", "result"], registry=r
        )
        self._provider_time = Histogram(
            "rtc_provider_seconds",
            "How long calls to providers took.",
            ["provider", "call"],
            buckets=_CALLS,
            registry=r,
        )

    # ------------------------------------------------------------------------------------------ told by the engine

    def connection_opened(self) -> None:
        self._connections.inc()
        self._connects.labels("accepted").inc()

    def connection_closed(self, reason: str) -> None:
        self._connections.dec()
        self._disconnects.labels(_one_of(reason, _REASONS)).inc()

    def request_refused(self, why: str) -> None:
        self._connects.labels(_one_of(why, _REFUSALS)).inc()

    def slow_consumer(self) -> None:
        self._slow.inc()

    def protocol_error(self) -> None:
        self._protocol.inc()

    # ------------------------------------------------------------------------------ told by the log and delivery

    def batch_committed(self, intentions: int, seconds: float) -> None:
        self._batches.observe(intentions)
        self._commits.observe(seconds)

    def batch_failed(self) -> None:
        self._failed.inc()

    def delivered(self, events: int, deliveries: int) -> None:
        """`events` times their listeners make `deliveries`."""
        self._deliveries.inc(deliveries)

    def delivery_lag(self, seconds: float) -> None:
        self._delivery_lag.observe(seconds)

    def gap_found(self) -> None:
        self._gaps.inc()

    def resumed(self, recovered: bool) -> None:
        self._resumes.labels("recovered" if recovered else "snapshot").inc()

    # ------------------------------------------------------------------------------------------ told by the doors

    def command_answered(self, command: str, code: ErrorCode | None, seconds: float) -> None:
        """`code` is None for a success. Names that are no command share one label."""
        known = command if command in COMMANDS else _OTHER
        self._commands.labels(known, "ok" if code is None else code.value).inc()
        self._command_time.labels(known).observe(seconds)
        if command == "message:send" and code is None:
            self._ack.observe(seconds)

    def message_accepted(self, *, duplicate: bool = False) -> None:
        """A message was acknowledged; `duplicate` when it had been stored by an earlier try."""
        self._accepted.inc()
        if duplicate:
            self._duplicates.inc()

    def rate_limited(self, limit: str) -> None:
        self._limited.labels(_one_of(limit, _LIMITS)).inc()

    def auth_failed(self, reason: str) -> None:
        self._auth.labels(_one_of(reason, _CODES)).inc()

    def loop_late(self, seconds: float) -> None:
        self._lag.observe(seconds)

    # ------------------------------------------------------------------------------------------ told by meetings

    def job_ended(self, kind: str, result: str) -> None:
        """`result`: done, again, dead or lost."""
        self._jobs.labels(kind, result).inc()

    def jobs_counted(self, counts: Mapping[tuple[str, str], int]) -> None:
        """By kind and state, without those that are done."""
        self._job_counts.clear()
        for (kind, state), count in counts.items():
            self._job_counts.labels(kind, state).set(count)

    def provider_called(self, provider: str, call: str, result: str, seconds: float) -> None:
        """`result`: ok, or the trouble it ended with."""
        self._provider_calls.labels(provider, call, result).inc()
        self._provider_time.labels(provider, call).observe(seconds)

    # --------------------------------------------------------------------------------------- asked at each scrape

    def watch_queues(self, waiting_bytes: Callable[[], int]) -> None:
        """Show what waits for all clients together."""
        gauge = Gauge(
            "rtc_client_queue_bytes", "What waits for clients, all together.", registry=self.registry
        )
        gauge.set_function(waiting_bytes)

    def watch_bus(self, bus: Bus) -> None:
        """Show the bus's health and totals."""
        self.registry.register(_BusCollector(bus))


class _BusCollector(Collector):
    """Reads the bus when Prometheus asks, so that the bus need not know of Prometheus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def collect(self) -> Iterator[Metric]:
        health, counts = self._bus.health, self._bus.counts
        yield GaugeMetricFamily("rtc_bus_up", "Whether notices reach this node.", value=float(health.up))
        if health.probe_seconds is not None:
            yield GaugeMetricFamily("rtc_bus_probe_seconds", "Last round trip.", value=health.probe_seconds)
        for name, value in (
            ("published", counts.published),
            ("received", counts.received),
            ("dropped", counts.dropped),
            ("refused", counts.refused),
            ("garbage", counts.garbage),
            ("failed", counts.failed),
            ("losses", counts.losses),
        ):
            yield CounterMetricFamily(f"rtc_bus_{name}", f"Notices of the bus: {name}.", value=value)


def _one_of(value: str, known: frozenset[str]) -> str:
    """Labels stay few whatever is told."""
    return str(value) if value in known else _OTHER
