"""Catching up: every event after a position, or a fresh snapshot; never a part (the rule of Centrifugo's recovery).

Position, events and snapshot are read on one connection, in one consistent state of the database.
"""

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from contract.connection import CaughtUp, Position, Snapshot
from realtime.log import store
from realtime.log.epoch import EpochKeeper
from realtime.log.transaction import encoded_size

MAX_BYTES = 512 * 1024
"""What one recovery may weigh: half of what may wait for a client. Beyond it a snapshot is cheaper for everybody."""


class Snapshots(Protocol):
    """How the room looks now, to somebody who knows nothing of it; it should weigh at most `budget` bytes."""

    async def __call__(self, connection: AsyncConnection, room_id: str, budget: int) -> Snapshot: ...


class Resume:
    """Answers "what did I miss?" for one room at a time."""

    def __init__(self, epochs: EpochKeeper, snapshots: Snapshots, max_events: int) -> None:
        self._epochs = epochs
        self._snapshots = snapshots
        self._max_events = max_events

    async def catch_up(
        self, connection: AsyncConnection, room_id: str, since: Position | None, budget: int = MAX_BYTES
    ) -> CaughtUp:
        """What follows `since`, if all of it is there and weighs at most `budget` bytes; else a snapshot."""
        epoch = self._epochs.epoch
        head = await store.head(connection, room_id) or 0
        if since is not None and since.epoch == epoch and 0 <= head - since.seq <= self._max_events:
            events = await store.events_after(connection, epoch, room_id, since.seq, self._max_events)
            if len(events) == head - since.seq and sum(map(encoded_size, events)) <= budget:
                return CaughtUp.model_construct(
                    recovered=True, epoch=epoch, seq=head, events=list(events), snapshot=None
                )
        snapshot = await self._snapshots(connection, room_id, budget)
        return CaughtUp.model_construct(recovered=False, epoch=epoch, seq=head, events=[], snapshot=snapshot)
