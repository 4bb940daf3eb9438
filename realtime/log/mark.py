"""A small file beside the database: the newest event that this node saw committed.

It is overwritten in place with each group commit, without waiting for the disk: a killed process loses nothing of it, and
after a power failure an unreadable one counts as none.
"""

import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path

log = logging.getLogger(__name__)

_NAME = "log-position.json"
_BYTES = 512
"""Always written whole, so that a shorter one leaves nothing of a longer one behind."""


@dataclass(frozen=True)
class Mark:
    """`room_id` is empty as long as nothing was committed in this epoch."""

    epoch: str
    room_id: str
    seq: int


class MarkFile:
    """A data directory that cannot be written to is no obstacle: then a restore is recognised by other means."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / _NAME
        self._descriptor: int | None = None
        self._usable = True

    def read(self) -> Mark | None:
        """None when there is none, or none that can be read."""
        try:
            found = json.loads(self._path.read_bytes())
            return Mark(str(found["epoch"]), str(found["room_id"]), int(found["seq"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, mark: Mark) -> None:
        if not self._usable:
            return
        try:
            if self._descriptor is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.pwrite(self._descriptor, json.dumps(asdict(mark)).encode().ljust(_BYTES), 0)
        except OSError as error:
            self._usable = False
            log.warning("the data folder cannot be written to: %s", error.strerror)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
