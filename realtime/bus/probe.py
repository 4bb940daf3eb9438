"""Can this node hear? It talks to itself through the bus, since a subscription can be deaf on a live connection."""

from contract.clock import Clock

PROBE_EVERY = 1.0
SILENCE_LIMIT = 3.0
"""Seconds without an own probe after which the node counts as deaf."""


class Probe:
    """Numbers what is sent and times what comes back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._number = 0
        self._sent: dict[int, float] = {}
        self._heard_at: float | None = None
        self.seconds: float | None = None
        """The last round trip."""

    def stamp(self) -> bytes:
        """The next probe to send. Only the last few are waited for."""
        self._number += 1
        self._sent[self._number] = self._clock.monotonic()
        self._sent.pop(self._number - 8, None)
        return str(self._number).encode()

    def hear(self, payload: object) -> bool:
        """Note a probe that came back; False if this node did not send it lately."""
        number = int(payload) if isinstance(payload, bytes) and len(payload) < 20 and payload.isdigit() else 0
        sent = self._sent.pop(number, None)
        if sent is None:
            return False
        self._heard_at = self._clock.monotonic()
        self.seconds = self._heard_at - sent
        return True

    def heard_lately(self) -> bool:
        return self._heard_at is not None and self._clock.monotonic() - self._heard_at < SILENCE_LIMIT

    def heard_since(self, moment: float) -> bool:
        """Whether a probe came back after `moment` (monotonic)."""
        return self._heard_at is not None and self._heard_at > moment

    def patience(self, since: float) -> float:
        """Seconds until a subscription made at `since` (monotonic) must count as deaf; negative when overdue."""
        heard = since if self._heard_at is None else max(since, self._heard_at)
        return heard + SILENCE_LIMIT - self._clock.monotonic()
