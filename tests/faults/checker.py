"""Reads a history and says what was broken. Pure: the same history always gets the same verdict.

After the kafka and set-full checkers of Jepsen, for a log with dense positions in each room.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from tests.faults.history import END, Entry, read_history


class Fault(StrEnum):
    """What a history can show to be broken."""

    LOST = "lost"
    """Acknowledged, and missing from a view that claims to be complete."""
    DUPLICATE = "duplicate"
    """One message, or one position, twice in one view; or one message acknowledged at two positions."""
    SKIPPED = "skipped"
    """A client was given a position without the one before it."""
    REORDERED = "reordered"
    """A client was given a position after a later one."""
    DIVERGED = "diverged"
    """Two values at one position of one room."""
    REFUSED_BUT_SEEN = "refused but seen"
    """The sender was told no, and somebody saw it."""
    NEVER_SENT = "never sent"
    """Somebody saw a message that nobody sent."""
    UNCHECKED = "unchecked"
    """Nobody claims a complete view of the room, so nothing is known about losses in it."""


@dataclass(frozen=True)
class Finding:
    fault: Fault
    room: str
    process: str
    detail: str

    def __str__(self) -> str:
        return f"{self.fault}: {self.room}, {self.process}: {self.detail}"


@dataclass(frozen=True)
class Verdict:
    """`unknown` sends were neither acknowledged nor refused: they may be there or not, but only once."""

    findings: list[Finding]
    sent: int
    acknowledged: int
    refused: int
    received: int
    views: int

    @property
    def good(self) -> bool:
        return not self.findings

    @property
    def unknown(self) -> int:
        return self.sent - self.acknowledged - self.refused

    def count(self, fault: Fault) -> int:
        return sum(finding.fault is fault for finding in self.findings)

    def __str__(self) -> str:
        counts = ", ".join(f"{self.count(fault)} {fault}" for fault in Fault)
        total = (
            f"{self.sent} sent: {self.acknowledged} acknowledged, {self.refused} refused, {self.unknown} unknown; "
            f"{self.received} received, {self.views} complete views"
        )
        return "\n".join([total, counts, *map(str, self.findings[:50])])


Position = tuple[str, int]
"""(epoch, seq)"""


@dataclass
class _Room:
    """What the senders of one room know."""

    sent: dict[str, str | None] = field(default_factory=dict)
    acknowledged: dict[str, Position] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


@dataclass
class _View:
    """What one process saw of one room, in the order in which it saw it."""

    process: str
    room: str
    live: bool
    start: int = 0
    complete: bool = False
    steps: list[Entry] = field(default_factory=list)

    def seen(self) -> Iterator[Entry]:
        return (step for step in self.steps if step.f != "resume")

    def finding(self, fault: Fault, detail: str) -> Finding:
        return Finding(fault, self.room, self.process, detail)


def check(entries: Iterable[Entry]) -> Verdict:
    """Every finding of every kind; none for a history in which nothing was broken."""
    rooms, views = _sort(entries)
    findings = [finding for room in rooms.values() for finding in room.findings]
    for view in views.values():
        findings += _order(view)
        findings += _doubles(view)
        findings += _strangers(view, rooms[view.room])
        findings += _losses(view, rooms[view.room])
    findings += _divergence(views.values())
    findings += _unchecked(rooms, views.values())
    return Verdict(
        findings=findings,
        sent=sum(len(room.sent) for room in rooms.values()),
        acknowledged=sum(len(room.acknowledged) for room in rooms.values()),
        refused=sum(len(room.refused) for room in rooms.values()),
        received=sum(len(view.steps) for view in views.values()),
        views=sum(view.complete for view in views.values()),
    )


def _sort(entries: Iterable[Entry]) -> tuple[dict[str, _Room], dict[tuple[str, str, bool], _View]]:
    rooms: dict[str, _Room] = defaultdict(_Room)
    views: dict[tuple[str, str, bool], _View] = {}
    for entry in entries:
        if entry.f == "send":
            _note_send(rooms[entry.room], entry)
        elif entry.type == "ok":
            live = entry.f != "read"
            key = (entry.process, entry.room, live)
            _note_step(views.setdefault(key, _View(entry.process, entry.room, live)), entry)
    for view in views.values():
        rooms[view.room]  # a room that nobody spoke in
    return rooms, views


def _note_send(room: _Room, entry: Entry) -> None:
    cid = entry.cid or ""
    room.sent.setdefault(cid, entry.value)
    if entry.type == "fail":
        room.refused.add(cid)
    if entry.type != "ok":
        return
    position = _position(entry)
    before = room.acknowledged.setdefault(cid, position)
    if before != position:
        detail = f"{cid} was acknowledged at {before} and at {position}"
        room.findings.append(Finding(Fault.DUPLICATE, entry.room, entry.process, detail))


def _note_step(view: _View, entry: Entry) -> None:
    if entry.value == END:
        view.complete = True
        return
    if entry.f == "resume" and not view.steps:
        view.start = entry.seq or 0
    view.steps.append(entry)


def _order(view: _View) -> Iterator[Finding]:
    """Positions only grow; on a live view by one, unless the server said that it could not replay ("reset")."""
    last: Position | None = None
    for step in view.steps:
        here = _position(step)
        if step.f == "resume":
            if last is None or step.value == "reset":
                last = here
            continue
        if last is not None and here[0] == last[0]:
            if here[1] < last[1]:
                yield view.finding(Fault.REORDERED, f"{here} after {last}")
            elif view.live and here[1] > last[1] + 1:
                yield view.finding(Fault.SKIPPED, f"{here} after {last}")
        last = here if last is None or here[0] != last[0] else max(last, here)


def _doubles(view: _View) -> Iterator[Finding]:
    positions = Counter(_position(step) for step in view.seen())
    messages = Counter(step.cid for step in view.seen() if step.cid is not None)
    for position, times in positions.items():
        if times > 1:
            yield view.finding(Fault.DUPLICATE, f"position {position} {times} times")
    for cid, times in messages.items():
        if times > 1:
            yield view.finding(Fault.DUPLICATE, f"message {cid} {times} times")


def _strangers(view: _View, room: _Room) -> Iterator[Finding]:
    for step in view.seen():
        if step.cid is None:
            continue
        if step.cid in room.refused:
            yield view.finding(Fault.REFUSED_BUT_SEEN, f"message {step.cid} at {_position(step)}")
        if step.cid not in room.sent:
            yield view.finding(Fault.NEVER_SENT, f"message {step.cid} at {_position(step)}")


def _losses(view: _View, room: _Room) -> Iterator[Finding]:
    """A live view owes what was said after its first position, except for what a reset passed over."""
    if not view.complete:
        return
    seen = {step.cid for step in view.seen()}
    passed = list(_passed_over(view))
    for cid, (epoch, seq) in room.acknowledged.items():
        excused = view.live and (seq <= view.start or any(low < seq <= high for low, high in passed))
        if cid not in seen and not excused:
            yield view.finding(Fault.LOST, f"message {cid}, acknowledged at {(epoch, seq)}")


def _passed_over(view: _View) -> Iterator[tuple[int, int]]:
    last = view.start
    for step in view.steps:
        seq = step.seq or 0
        if step.value == "reset" and step.f == "resume":
            yield last, seq
        last = max(last, seq)


def _divergence(views: Iterable[_View]) -> Iterator[Finding]:
    first: dict[tuple[str, Position], tuple[str, str | None]] = {}
    for view in views:
        for step in view.seen():
            process, value = first.setdefault((view.room, _position(step)), (view.process, step.value))
            if value != step.value:
                detail = f"{_position(step)} is {step.value!r}, and {value!r} for {process}"
                yield view.finding(Fault.DIVERGED, detail)


def _unchecked(rooms: Mapping[str, _Room], views: Iterable[_View]) -> Iterator[Finding]:
    checked = {view.room for view in views if view.complete and not view.live}
    for name, room in rooms.items():
        if room.sent and name not in checked:
            yield Finding(Fault.UNCHECKED, name, "nobody", "no final reading of the whole room")


def _position(entry: Entry) -> Position:
    return (entry.epoch or "", entry.seq or 0)


if __name__ == "__main__":
    verdict = check(read_history(Path(sys.argv[1])))
    print(verdict)
    sys.exit(0 if verdict.good else 1)
