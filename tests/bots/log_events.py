"""Logs made up for tests of the bots' client."""

from typing import Any

from contract.connection import CaughtUp, Position, Snapshot
from contract.events import LogEvent
from contract.messages import MessagePage

ROOM = "room_1"
TIME = "2026-01-02T03:04:05.000Z"
ANN = {"id": "ann", "name": "Ann", "role": "student"}


def message(seq: int, text: str | None = None) -> dict[str, Any]:
    return {
        "id": f"msg_{seq}",
        "room_id": ROOM,
        "seq": seq,
        "author": ANN,
        "text": text or f"text {seq}",
        "created_at": TIME,
        "revision": 0,
        "reactions": [],
    }


def envelope(seq: int, epoch: str = "e1", text: str | None = None) -> dict[str, Any]:
    return {
        "type": "message.new",
        "id": f"evt_{epoch}_{seq}",
        "room_id": ROOM,
        "epoch": epoch,
        "seq": seq,
        "ts": TIME,
        "actor": ANN,
        "data": {"message": message(seq, text)},
    }


def event(seq: int, epoch: str = "e1") -> LogEvent:
    return LogEvent.model_validate(envelope(seq, epoch))


def at(seq: int, epoch: str = "e1") -> Position:
    return Position(epoch=epoch, seq=seq)


def recovered(after: int, head: int, epoch: str = "e1") -> CaughtUp:
    events = [event(seq, epoch) for seq in range(after + 1, head + 1)]
    return CaughtUp(recovered=True, epoch=epoch, seq=head, events=events)


def not_recovered(head: int, epoch: str = "e1") -> CaughtUp:
    snapshot = Snapshot(messages=[], has_more=True)
    return CaughtUp(recovered=False, epoch=epoch, seq=head, events=[], snapshot=snapshot)


def page(after: int, head: int, size: int = 100) -> MessagePage:
    last = min(head, after + size)
    items = [message(seq) for seq in range(after + 1, last + 1)]
    return MessagePage.model_validate({"items": items, "has_more": last < head})
