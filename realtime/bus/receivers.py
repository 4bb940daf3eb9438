"""Who listens on this node: what both adapters do with a notice once it is here."""

import logging
from collections.abc import Callable

from realtime.bus.port import BusCounts, Notice, Receiver

_LOG = logging.getLogger(__name__)


class Receivers:
    """The receivers by kind and the callbacks after a loss. One that raises does not disturb the next."""

    def __init__(self, node_id: str, counts: BusCounts) -> None:
        self._node_id = node_id
        self._counts = counts
        self._by_kind: dict[str, list[Receiver]] = {}
        self._restored: list[Callable[[], None]] = []
        self._sealed = False

    def seal(self) -> None:
        """From now on `add` raises: a receiver added late would have missed notices without knowing."""
        self._sealed = True

    def add(self, kind: str, receiver: Receiver) -> None:
        if self._sealed:
            raise RuntimeError(f"subscribe to {kind!r} before the bus is started")
        self._by_kind.setdefault(kind, []).append(receiver)

    def add_restored(self, callback: Callable[[], None]) -> None:
        self._restored.append(callback)

    def deliver(self, notice: Notice) -> None:
        if notice.node == self._node_id:
            return
        self._counts.received += 1
        for receiver in self._by_kind.get(notice.kind, ()):
            try:
                receiver(notice)
            except Exception as problem:
                self._failed("receiver", notice.kind, problem)

    def restored(self) -> None:
        for callback in self._restored:
            try:
                callback()
            except Exception as problem:
                self._failed("callback", "restored", problem)

    def _failed(self, what: str, kind: str, problem: Exception) -> None:
        # The traceback shows where; the exception's own text is left out because it may quote what people wrote.
        self._counts.failed += 1
        frame = problem.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "?"
        _LOG.error("bus %s for %s raised %s at %s", what, kind, type(problem).__name__, place)
