"""What happens inside one group commit: seq is taken, rows are gathered, and nothing is told to anybody yet."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Executable, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.base import WireModel
from contract.events import LogEvent
from contract.ids import IdFactory
from contract.people import Actor
from db.base import Base
from realtime.log.tables import RoomEvent, RoomHead


@dataclass(frozen=True)
class Draft:
    """An event before it has a place in the log. `subject` is the message it is about."""

    type: str
    actor: Actor
    data: WireModel
    client_id: str | None = None
    subject: str | None = None


@dataclass
class _Pending:
    events: list[dict[str, object]] = field(default_factory=list)
    rows: dict[type[Base], list[Mapping[str, object]]] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)


class Transaction:
    """One database transaction that several intentions share.

    Events and rows given to `append` and `add` are gathered and written together; `execute` writes them first, so a
    statement always sees what came before it.
    """

    def __init__(self, connection: AsyncConnection, epoch: str, now: datetime, ids: IdFactory) -> None:
        self.connection = connection
        self.epoch = epoch
        self.now = now
        self.ids = ids
        self.events: list[LogEvent] = []
        self.writes = 0  # how many changes were asked for: tells whether a refusal came before or after one
        self.news: set[str] = set()
        self.people: set[str] = set()  # whose address or zone has become another one
        """Who else has to be woken once this is committed: see `Writer.wake`."""
        self._heads: dict[str, int] = {}
        self._sent: dict[tuple[str, str, str], LogEvent] = {}
        self._pending = _Pending()

    async def lock(self, room_ids: Iterable[str]) -> None:
        """Locks the heads of all rooms that will be written, in one order, so that two nodes cannot deadlock."""
        wanted = sorted(set(room_ids) - self._heads.keys())
        if not wanted:
            return
        statement = (
            select(RoomHead.room_id, RoomHead.last_seq)
            .where(RoomHead.room_id.in_(wanted))
            .order_by(RoomHead.room_id)
            .with_for_update()
        )
        for row in await self.connection.execute(statement):
            self._heads[row.room_id] = row.last_seq

    def begin_room(self, room_id: str) -> None:
        """Starts the log of a new room."""
        self._heads[room_id] = 0
        self.add(RoomHead, {"room_id": room_id, "last_seq": 0})

    def head(self, room_id: str) -> int:
        """The seq of the room's last event, those of this transaction included. The room must be locked."""
        return self._heads[room_id]

    def append(self, room_id: str, draft: Draft) -> LogEvent:
        """Gives the event the next seq of its room."""
        seq = self._heads[room_id] + 1
        event = LogEvent(
            type=draft.type,
            id=self.ids.new("evt"),
            room_id=room_id,
            epoch=self.epoch,
            seq=seq,
            ts=self.now,
            actor=draft.actor,
            data=draft.data.model_dump(mode="json", exclude_none=True),
            client_id=draft.client_id,
        )
        self._heads[room_id] = seq
        self._pending.heads[room_id] = seq
        self._pending.events.append(event_row(event, draft.subject))
        self.events.append(event)
        self.writes += 1
        if draft.client_id is not None:
            self._sent[room_id, draft.actor.id, draft.client_id] = event
        return event

    def sent_here(self, room_id: str, user_id: str, client_id: str) -> LogEvent | None:
        """The event that this same transaction already appended for that `client_id`."""
        return self._sent.get((room_id, user_id, client_id))

    def add(self, table: type[Base], row: Mapping[str, object]) -> None:
        """Inserts a row, together with others of its table."""
        self._pending.rows.setdefault(table, []).append(row)
        self.writes += 1

    async def execute(self, statement: Executable) -> CursorResult[Any]:
        """Runs a statement that changes something."""
        self.writes += 1
        await self.flush()
        return await self.connection.execute(statement)

    async def read(self, statement: Executable) -> CursorResult[Any]:
        """Runs a statement that changes nothing."""
        await self.flush()
        return await self.connection.execute(statement)

    async def flush(self) -> None:
        """Writes what was gathered."""
        pending, self._pending = self._pending, _Pending()
        heads_first = sorted(pending.rows.items(), key=lambda item: item[0] is not RoomHead)
        for table, rows in heads_first:
            await self.connection.execute(insert(table), list(rows))
        if pending.events:
            await self.connection.execute(insert(RoomEvent), pending.events)
        if pending.heads:
            await self.connection.execute(
                update(RoomHead.__table__)  # type: ignore[arg-type]  # a mapped class's table is typed FromClause
                .where(RoomHead.__table__.c.room_id == bindparam("room"))
                .values(last_seq=bindparam("seq")),
                [{"room": room_id, "seq": seq} for room_id, seq in pending.heads.items()],
            )


def event_row(event: LogEvent, subject: str | None) -> dict[str, object]:
    """The event as its table holds it."""
    return {
        "room_id": event.room_id,
        "seq": event.seq,
        "id": event.id,
        "type": event.type,
        "ts": event.ts,
        "actor_id": event.actor.id,
        "actor": event.actor.model_dump_json(exclude_none=True),
        "data": encoded(event.data),
        "client_id": event.client_id,
        "subject": subject,
    }


def encoded(data: Mapping[str, Any]) -> str:
    """An event's data as its row holds it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def encoded_size(event: LogEvent) -> int:
    """About how many bytes the event weighs on the wire."""
    return len(encoded(event.data).encode()) + 400  # the envelope: ids, instant, actor


def event_of(row: Any, epoch: str) -> LogEvent:
    """The event that a row of its table holds."""
    return LogEvent.model_construct(
        type=row.type,
        id=row.id,
        room_id=row.room_id,
        epoch=epoch,
        seq=row.seq,
        ts=row.ts,
        actor=Actor.model_validate_json(row.actor),
        data=json.loads(row.data),
        client_id=row.client_id,
    )


def wire(events: Sequence[LogEvent]) -> list[dict[str, Any]]:
    """The events as they go over the wire."""
    return [event.model_dump(mode="json", exclude_none=True) for event in events]
