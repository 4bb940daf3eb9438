"""/metrics: which names there are, what is counted, and who may read it."""

from collections.abc import Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from contract.errors import ErrorCode
from realtime.bus.memory import MemoryBus
from realtime.engine import EngineObserver
from realtime.log.delivery import DeliveryObserver
from realtime.log.writer import WriterObserver
from server.metrics import Metrics
from server.metrics_page import MetricsPage
from tests.server.serving import serving

NAMES = {
    "rtc_connections",
    "rtc_connect_total",
    "rtc_disconnect_total",
    "rtc_slow_consumer_total",
    "rtc_auth_failures_total",
    "rtc_ratelimited_total",
    "rtc_event_loop_lag_seconds_bucket",
    "rtc_messages_accepted_total",
    "rtc_send_ack_seconds_bucket",
    "rtc_dedup_hits_total",
    "rtc_deliveries_total",
    "rtc_delivery_lag_seconds_bucket",
    "rtc_gap_detected_total",
    "rtc_resume_total",
    "rtc_client_queue_bytes",
    "rtc_bus_up",
    "rtc_bus_published_total",
}
ALLOWED_LABELS = {"result", "reason", "limit", "command", "le", "generation"}


def _told_everything() -> Metrics:
    metrics = Metrics()
    engine: EngineObserver = metrics
    writer: WriterObserver = metrics
    delivery: DeliveryObserver = metrics
    engine.connection_opened()
    engine.connection_opened()
    engine.connection_closed("ping_timeout")
    engine.connection_closed("whatever a user wrote")
    engine.request_refused("origin")
    engine.slow_consumer()
    engine.protocol_error()
    writer.batch_committed(12, 0.004)
    writer.batch_failed()
    delivery.delivered(2, 60)
    delivery.gap_found()
    metrics.delivery_lag(0.01)
    metrics.resumed(True)
    metrics.resumed(False)
    metrics.command_answered("message:send", None, 0.003)
    metrics.command_answered("made:up", ErrorCode.BAD_REQUEST, 0.001)
    metrics.message_accepted()
    metrics.message_accepted(duplicate=True)
    metrics.rate_limited("send")
    metrics.auth_failed("token_expired")
    metrics.loop_late(0.2)
    metrics.watch_queues(lambda: 512)
    metrics.watch_bus(MemoryBus("node_1"))
    return metrics


async def _scrape(metrics: Metrics) -> Mapping[str, float]:
    async with serving(MetricsPage(metrics.registry, None)) as client:
        answer = await client.get("/metrics")
        assert answer.status == 200
        text = await answer.text()
    return {
        sample.name
        + "".join(f"{{{name}={value}}}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_the_names_that_dashboards_use_are_there() -> None:
    found = {name.partition("{")[0] for name in await _scrape(_told_everything())}
    assert found >= NAMES
    assert "process_resident_memory_bytes" in found


async def test_what_is_told_is_counted() -> None:
    found = await _scrape(_told_everything())
    assert found["rtc_connections"] == 0
    assert found["rtc_connect_total{result=accepted}"] == 2
    assert found["rtc_connect_total{result=origin}"] == 1
    assert found["rtc_disconnect_total{reason=ping_timeout}"] == 1
    assert found["rtc_deliveries_total"] == 60
    assert found["rtc_messages_accepted_total"] == 2
    assert found["rtc_dedup_hits_total"] == 1
    assert found["rtc_resume_total{result=snapshot}"] == 1
    assert found["rtc_send_ack_seconds_count"] == 1
    assert found["rtc_commit_intentions_sum"] == 12
    assert found["rtc_client_queue_bytes"] == 512


async def test_labels_are_few_whatever_clients_send() -> None:
    found = await _scrape(_told_everything())
    assert found["rtc_disconnect_total{reason=other}"] == 1
    assert found["rtc_commands_total{command=other}{result=bad_request}"] == 1
    labels = {part.partition("=")[0] for name in found for part in name.split("{")[1:]}
    assert labels <= ALLOWED_LABELS


def test_two_servers_in_one_process_count_apart() -> None:
    first, second = Metrics(), Metrics()
    first.connection_opened()
    assert first.registry.get_sample_value("rtc_connections") == 1
    assert second.registry.get_sample_value("rtc_connections") == 0


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_without_a_token_a_proxy_on_this_machine_is_not_answered(header: str) -> None:
    async with serving(MetricsPage(Metrics().registry, None)) as client:
        answer = await client.get("/metrics", headers={header: "127.0.0.1"})
    assert answer.status == 403


@pytest.mark.parametrize(
    ("sent", "status"),
    [({}, 401), ({"Authorization": "Bearer wrong"}, 401), ({"Authorization": "Bearer right-one"}, 200)],
)
async def test_with_a_token_only_its_bearer_is_answered(sent: dict[str, str], status: int) -> None:
    async with serving(MetricsPage(Metrics().registry, "right-one")) as client:
        assert (await client.get("/metrics", headers=sent)).status == status
