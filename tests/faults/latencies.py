"""How long things took in a history. Reported, never judged: machines differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.faults.history import Entry


@dataclass(frozen=True)
class Spread:
    """Seconds."""

    count: int
    p50: float
    p99: float
    longest: float

    def __str__(self) -> str:
        p50, p99, longest = (f"{seconds * 1000:.1f}" for seconds in (self.p50, self.p99, self.longest))
        return f"p50 {p50} ms, p99 {p99} ms, longest {longest} ms (of {self.count})"


def spread(seconds: Iterable[float]) -> Spread:
    """Nearest-rank percentiles."""
    ordered = sorted(seconds)
    if not ordered:
        return Spread(0, 0.0, 0.0, 0.0)
    return Spread(len(ordered), _rank(ordered, 0.50), _rank(ordered, 0.99), ordered[-1])


def _rank(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def report(entries: Iterable[Entry]) -> str:
    """From the first try to send to its ack, and from there to each arrival at a member: with faults, retries included."""
    begun: dict[str, float] = {}
    acknowledged: list[float] = []
    delivered: list[float] = []
    for entry in entries:
        if entry.cid is None:
            continue
        if entry.f == "send" and entry.type == "invoke":
            begun.setdefault(entry.cid, entry.t)
        elif entry.cid in begun and entry.type == "ok" and entry.f in {"send", "recv"}:
            (acknowledged if entry.f == "send" else delivered).append(entry.t - begun[entry.cid])
    return f"send to ack: {spread(acknowledged)}\nsend to arrival: {spread(delivered)}"
