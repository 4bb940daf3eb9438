"""What an engine tells the metrics."""

from typing import Protocol


class EngineObserver(Protocol):
    """Counters for metrics. Called on the hot path: must return at once and not raise."""

    def connection_opened(self) -> None:
        """A client got its CONNECT reply."""

    def connection_closed(self, reason: str) -> None:
        """A connection counted by `connection_opened` has ended."""

    def request_refused(self, why: str) -> None:
        """An HTTP request was refused before a session: "origin", "draining", "full", "address", "rate"."""

    def slow_consumer(self) -> None:
        """A client was cut off because too much waited for it."""

    def protocol_error(self) -> None:
        """A session was closed for something the protocol does not allow."""


class SilentObserver:
    """Counts nothing."""

    def connection_opened(self) -> None:
        pass

    def connection_closed(self, reason: str) -> None:
        pass

    def request_refused(self, why: str) -> None:
        pass

    def slow_consumer(self) -> None:
        pass

    def protocol_error(self) -> None:
        pass
