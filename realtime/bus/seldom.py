"""A log line that a flood cannot multiply."""

import logging

from contract.clock import Clock


class Seldom:
    """Writes at most one line per `seconds` and says how many it held back."""

    def __init__(self, log: logging.Logger, clock: Clock, seconds: float = 60.0) -> None:
        self._log = log
        self._clock = clock
        self._seconds = seconds
        self._silent_until = float("-inf")
        self._held_back = 0

    def warning(self, message: str, *arguments: object) -> None:
        now = self._clock.monotonic()
        if now < self._silent_until:
            self._held_back += 1
            return
        self._log.warning(message + " (%d more like it since the last line)", *arguments, self._held_back)
        self._silent_until = now + self._seconds
        self._held_back = 0
