"""How many sessions a node takes on: in total, from one address, and in one second."""

from collections import Counter

from realtime.engine.limits import Limits


class Admission:
    """Counts who is in."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._by_address: Counter[str] = Counter()
        self._second = 0
        self._handshakes = 0
        self.sessions = 0
        self.draining = False

    def refusal(self, address: str, now: float) -> str | None:
        """Why a newcomer is turned away ("draining", "full", "address", "rate"), or None. `now`: seconds, monotonic."""
        limits = self._limits
        if self.draining:
            return "draining"
        if self.sessions >= limits.max_sessions:
            return "full"
        most = limits.max_sessions_per_address
        if most is not None and self._by_address[address] >= most:
            return "address"
        if limits.max_handshakes_per_second is not None:
            if int(now) != self._second:
                self._second, self._handshakes = int(now), 0
            self._handshakes += 1
            if self._handshakes > limits.max_handshakes_per_second:
                return "rate"
        return None

    def entered(self, address: str) -> None:
        self.sessions += 1
        self._by_address[address] += 1

    def left(self, address: str) -> None:
        self.sessions -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
