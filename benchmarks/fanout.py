"""One room, many listeners, some of whom speak: Homeroom beside Node's Socket.IO.

`python -m benchmarks.fanout --listeners 200 --speakers 10 --rate 50 --seconds 10`

The peer keeps nothing; Homeroom has every message on disk before it answers. The load comes from this one process: where it
is busier than the server, throughput is its own, and only the server's CPU time for each delivery still compares the two.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.crowd import Load, Measured, run
from benchmarks.servers import homeroom, socketio_js

_ROOM = "benchmark"
_HEADINGS = (
    "",
    "deliveries/s",
    "ack p50 ms",
    "ack p99 ms",
    "arrival p50 ms",
    "arrival p99 ms",
    "server µs/delivery",
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="benchmarks.fanout", description="One room, many listeners.")
    options.add_argument("--listeners", type=int, default=200)
    options.add_argument("--speakers", type=int, default=10, help="how many of them send in turn")
    options.add_argument("--rate", type=float, default=50, help="messages a second")
    options.add_argument("--seconds", type=float, default=10)
    given = options.parse_args(arguments)
    asyncio.run(compare(Load(given.listeners, given.speakers, given.rate, given.seconds)))
    return 0


async def compare(load: Load) -> None:
    rows: list[tuple[str, list[float]]] = []
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        for start in (socketio_js, homeroom):
            async with start(folder, load.listeners, _ROOM) as contender:
                measured = await run(contender.url, contender.tokens, _ROOM, load, contender.cpu_seconds)
                rows.append((contender.name, _figures(measured, load)))
                busy = measured.own_cpu / measured.elapsed
                print(f"{contender.name}: the load itself took {busy:.0%} of a core", flush=True)
    _print(rows, load)


def _figures(measured: Measured, load: Load) -> list[float]:
    deliveries = load.messages * load.listeners
    acks, arrivals = sorted(measured.acks), sorted(measured.arrivals)
    return [
        deliveries / measured.elapsed,
        *(1000 * part[int(len(part) * rank)] for part in (acks, arrivals) for rank in (0.5, 0.99)),
        1e6 * measured.cpu / deliveries,
    ]


def _print(rows: list[tuple[str, list[float]]], load: Load) -> None:
    print(
        f"\n{load.listeners} listeners, {load.speakers} speakers, {load.rate:g} messages/s for {load.seconds:g} s"
    )
    print(" | ".join(f"{heading:>18}" for heading in _HEADINGS))
    for name, figures in rows:
        print(" | ".join([f"{name:>18}", *(f"{figure:18.1f}" for figure in figures)]))
    (peer, theirs), (us, ours) = rows
    ratios = [our / their if their else float("nan") for our, their in zip(ours, theirs, strict=True)]
    print(" | ".join([f"{'ratio':>18}", *(f"{ratio:18.2f}" for ratio in ratios)]), f"  ({us} / {peer})")


if __name__ == "__main__":
    sys.exit(main())
