"""Who waits how long, and whose turn it is: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 3600.0
MOST_ATTEMPTS: Final = 14
"""With the pauses between them some five hours."""


@dataclass(frozen=True)
class WorkerRules:
    """How much is done at once, and for how long nobody else may touch it."""

    at_once: int = 16
    of_a_kind: int = 8
    limits: Mapping[str, int] = field(default_factory=lambda: {"recording": 2, "reconcile": 2})
    """Fewer at once of kinds that take long."""
    lease_seconds: float = 20.0
    patience_seconds: float = 300.0
    patience: Mapping[str, float] = field(
        default_factory=lambda: {"recording": 6 * 3600.0, "reconcile": 3600.0}
    )
    """How long one run may take at most, by kind."""
    poll_seconds: float = 1.0
    """How soon work that another process wished for is seen."""
    drain_seconds: float = 4.0

    def room_for(self, kind: str, running: int) -> int:
        return max(0, self.limits.get(kind, self.of_a_kind) - running)

    def patience_for(self, kind: str) -> float:
        return self.patience.get(kind, self.patience_seconds)


def pause_after(attempts: int, chance: float) -> timedelta:
    """Doubles with each failure; `chance` (0 to 1) spreads those that failed together."""
    whole = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(max(attempts - 1, 0), 20))
    return timedelta(seconds=whole * (0.5 + chance / 2))


def is_exhausted(attempts: int) -> bool:
    return attempts >= MOST_ATTEMPTS


def shares(
    due: Sequence[str], running: Mapping[str, int], free: int, rules: WorkerRules
) -> Mapping[str, int]:
    """How many of each kind may be begun: one each in turn, beginning with the kind that runs least.

    However many of one kind wait, another kind gets its turn with the next free place.
    """
    given = dict.fromkeys(due, 0)
    order = sorted(due, key=lambda kind: running.get(kind, 0))
    while free > 0:
        before = free
        for kind in order:
            if free > 0 and rules.room_for(kind, running.get(kind, 0) + given[kind]) > 0:
                given[kind] += 1
                free -= 1
        if free == before:
            break
    return {kind: count for kind, count in given.items() if count}
