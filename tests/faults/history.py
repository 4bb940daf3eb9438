"""What happened, as the clients saw it: one JSON object a line, written as it happens, so that a crash leaves it readable.

process   who: a user's client ("ann"), or one final reading ("final/node-1/rest")
f         send: a message · recv: an event of a room's log arrived · resume: listening (again) from a position ·
          read: one message of a final reading of a room's history
type      invoke: it begins · ok: it was done · fail: it was refused, and surely not done · info: nobody knows
cid       the message's client_id; messages carry it in their text, so every reader can tell it
value     what is compared between views: the text, or the kind of an event that is no message;
          of a resume "joined", "recovered" or "reset"; END closes a view that is claimed to be complete
t         seconds on this machine's monotonic clock
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Function = Literal["send", "recv", "resume", "read"]
Type = Literal["invoke", "ok", "fail", "info"]

END = "end of view"


@dataclass(frozen=True)
class Entry:
    """One line of a history."""

    process: str
    f: Function
    type: Type
    room: str
    t: float
    cid: str | None = None
    seq: int | None = None
    epoch: str | None = None
    value: str | None = None


class History:
    """Entries in the order in which they were recorded, in memory and in a file."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self.entries: list[Entry] = []
        self._monotonic = monotonic
        self._file = path.open("a", encoding="utf-8")

    def record(
        self,
        process: str,
        f: Function,
        type: Type,
        room: str,
        *,
        cid: str | None = None,
        seq: int | None = None,
        epoch: str | None = None,
        value: str | None = None,
    ) -> None:
        entry = Entry(process, f, type, room, self._monotonic(), cid, seq, epoch, value)
        self.entries.append(entry)
        self._file.write(
            json.dumps({name: part for name, part in asdict(entry).items() if part is not None}) + "\n"
        )

    def close(self) -> None:
        self._file.close()


def read_history(path: Path) -> Iterator[Entry]:
    """A history written earlier."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield Entry(**json.loads(line))
