"""What is measured: one function for each row of the table, giving what one round of it gave."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks import contenders
from benchmarks.loading import Figures, idling, measure
from tests.services.redis import RedisServer


@dataclass(frozen=True)
class Bench:
    """How to measure: for how long, with which priority, and where to put files."""

    folder: Path
    seconds: float
    nice: int
    scale: float = 1.0
    """Below 1 for a quick look: fewer clients."""

    def clients(self, number: int) -> int:
        return max(10, int(number * self.scale))


@dataclass
class Round:
    """One measurement of ours beside one of a peer. `ratio` is above 1 when ours is better."""

    ours: float
    peer: float
    ratio: float
    void: bool = False
    notes: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    work: str
    unit: str
    peer: str
    needed: float
    """The ratio that ours must reach."""
    run: Callable[[Bench], Awaitable[Round]]


def _faster(ours: Figures, peer: Figures, pick: Callable[[Figures], float]) -> Round:
    return Round(
        pick(ours),
        pick(peer),
        pick(ours) / max(pick(peer), 1e-9),
        ours.is_void or peer.is_void,
        {
            "per_cpu_ratio": (pick(ours) / max(ours.server_cpu, 0.01))
            / (pick(peer) / max(peer.server_cpu, 0.01)),
            "ours_load_cpu": ours.load_cpu,
            "peer_load_cpu": peer.load_cpu,
            "ours_server_cpu": ours.server_cpu,
            "peer_server_cpu": peer.server_cpu,
            "ours_p99_us": ours.p99,
            "peer_p99_us": peer.p99,
        },
    )


async def _fanout(start: Any, bench: Bench, **options: object) -> Figures:
    async with start(bench.folder, bench.clients(500), bench.nice) as contender:
        told = {"speakers": 10, "window": 4, **options}
        return await measure(contender, bench.folder, "fanout", bench.clients(500), bench.seconds, **told)


async def fanout_to_node(bench: Bench) -> Round:
    ours, peer = await _fanout(contenders.ours, bench), await _fanout(contenders.node, bench)
    return _faster(ours, peer, lambda figures: figures.deliveries)


async def fanout_to_limit(bench: Bench) -> Round:
    ours, peer = await _fanout(contenders.ours, bench), await _fanout(contenders.limit, bench)
    return _faster(ours, peer, lambda figures: figures.deliveries)


async def fanout_to_stock(bench: Bench) -> Round:
    ours, peer = await _fanout(contenders.ours, bench), await _fanout(contenders.stock, bench)
    return _faster(ours, peer, lambda figures: figures.deliveries)


async def fanout_complete(bench: Bench) -> Round:
    ours, peer = await _fanout(contenders.homeroom, bench), await _fanout(contenders.node, bench)
    return _faster(ours, peer, lambda figures: figures.deliveries)


async def latency(bench: Bench) -> Round:
    peak = await _fanout(contenders.node, bench)
    rate = peak.deliveries / bench.clients(500) / 2
    peer = await _fanout(contenders.node, bench, rate=rate, sample=5)
    ours = await _fanout(contenders.ours, bench, rate=rate, sample=5)
    return Round(
        ours.p99,
        peer.p99,
        peer.p99 / max(ours.p99, 1.0),
        ours.is_void or peer.is_void,
        {"messages_per_s": rate, "ours_p50_us": ours.p50, "peer_p50_us": peer.p50},
    )


async def _echo(start: Any, bench: Bench) -> Figures:
    async with start(bench.folder, 200, bench.nice) as contender:
        return await measure(contender, bench.folder, "echo", bench.clients(200), bench.seconds)


async def echo_to_node(bench: Bench) -> Round:
    ours, peer = await _echo(contenders.ours, bench), await _echo(contenders.node, bench)
    return _faster(ours, peer, lambda figures: figures.acks)


async def echo_to_stock(bench: Bench) -> Round:
    ours, peer = await _echo(contenders.ours, bench), await _echo(contenders.stock, bench)
    return _faster(ours, peer, lambda figures: figures.acks)


async def small_rooms(bench: Bench) -> Round:
    clients = bench.clients(400)
    async with contenders.homeroom(bench.folder, clients, bench.nice, rooms=clients // 2) as contender:
        ours = await measure(
            contender, bench.folder, "fanout", clients, bench.seconds, speakers=clients // 2, window=2
        )
    peer = await _echo(contenders.node, bench)
    return _faster(ours, peer, lambda figures: figures.acks)


async def connecting(bench: Bench) -> Round:
    async with contenders.homeroom(bench.folder, 200, bench.nice) as contender:
        ours = await measure(contender, bench.folder, "connect", 32, bench.seconds)
    async with contenders.node(bench.folder, 200, bench.nice, signed_in=True) as contender:
        peer = await measure(contender, bench.folder, "connect", 32, bench.seconds)
    return _faster(ours, peer, lambda figures: figures.joined)


async def connecting_bare(bench: Bench) -> Round:
    async with contenders.ours(bench.folder, 200, bench.nice) as contender:
        ours = await measure(contender, bench.folder, "connect", 32, bench.seconds)
    async with contenders.node(bench.folder, 200, bench.nice) as contender:
        peer = await measure(contender, bench.folder, "connect", 32, bench.seconds)
    return _faster(ours, peer, lambda figures: figures.joined)


async def memory(bench: Bench) -> Round:
    sizes = []
    for start in (contenders.ours, contenders.node):
        clients = bench.clients(4000)
        async with start(bench.folder, clients, bench.nice) as contender:
            async with idling(contender, bench.folder, 50):
                await asyncio.sleep(0.5)
            before = contender.resident_bytes()
            async with idling(contender, bench.folder, clients):
                await asyncio.sleep(3)
                sizes.append((contender.resident_bytes() - before) / clients / 1000)
    return Round(sizes[0], sizes[1], sizes[1] / max(sizes[0], 1e-9))


async def idle_cpu(bench: Bench) -> Round:
    shares = []
    for start in (contenders.ours, contenders.node):
        clients = bench.clients(10_000)
        async with (
            start(bench.folder, clients, bench.nice) as contender,
            idling(contender, bench.folder, clients),
        ):
            await asyncio.sleep(1)
            before, begun = contender.cpu_seconds(), time.monotonic()
            await asyncio.sleep(26 * min(1.0, bench.scale * 2))
            shares.append((contender.cpu_seconds() - before) / (time.monotonic() - begun))
    return Round(
        shares[0],
        shares[1],
        0.3 / max(shares[0], 1e-6),
        notes={"peer_ratio": shares[1] / max(shares[0], 1e-6)},
    )


async def two_nodes(bench: Bench) -> Round:
    figures = []
    place = bench.folder / "redis"
    place.mkdir(exist_ok=True)
    async with RedisServer(place) as redis:
        for start in (contenders.ours, contenders.node):
            options: dict[str, Any] = {"redis": redis.url}
            async with (
                start(bench.folder, 0, bench.nice, **options) as first,
                start(bench.folder, 0, bench.nice, **options) as second,
            ):
                both = replace(first, other_port=second.port, pids=[*first.pids, *second.pids])
                figures.append(
                    await measure(
                        both, bench.folder, "fanout", bench.clients(500), bench.seconds, speakers=10, window=4
                    )
                )
    return _faster(figures[0], figures[1], lambda one: one.deliveries)


ROWS = {
    "fanout": Row("fan-out, 1 room of 500, bare", "deliveries/s", "socket.io (Node)", 1.5, fanout_to_node),
    "fanout-limit": Row("fan-out, 1 room of 500, bare", "deliveries/s", "C loop", 0.75, fanout_to_limit),
    "fanout-stock": Row(
        "fan-out, 1 room of 500, bare", "deliveries/s", "python-socketio", 1.0, fanout_to_stock
    ),
    "fanout-complete": Row(
        "fan-out, 1 room of 500, complete", "deliveries/s", "socket.io (Node), bare", 1.3, fanout_complete
    ),
    "latency": Row("p99 of fan-out at half of Node's peak", "µs", "socket.io (Node)", 1.0, latency),
    "echo": Row("echo and ack, 200 clients, bare", "acks/s", "socket.io (Node)", 1.5, echo_to_node),
    "echo-stock": Row("echo and ack, 200 clients, bare", "acks/s", "python-socketio", 1.0, echo_to_stock),
    "small-rooms": Row(
        "rooms of 2: send, commit, ack, deliver", "acks/s", "socket.io (Node), bare echo", 1.0, small_rooms
    ),
    "connect": Row(
        "connect, JWT, join one room", "connections/s", "socket.io (Node), jsonwebtoken", 1.2, connecting
    ),
    "connect-bare": Row(
        "connect, join one room, bare", "connections/s", "socket.io (Node)", 1.0, connecting_bare
    ),
    "two-nodes": Row(
        "two nodes on Redis, fan-out across, bare",
        "deliveries/s",
        "socket.io (Node), redis-adapter",
        1.5,
        two_nodes,
    ),
    "memory": Row("memory of an idle connection, bare", "KB", "socket.io (Node)", 1.25, memory),
    "idle": Row("10,000 idle connections, bare", "cores", "0.3 core", 1.0, idle_cpu),
}
