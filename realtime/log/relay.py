"""From a commit to everybody: this node's feeds at once, the other nodes over the bus.

A notice says how far a room's log reaches and, when it is small enough, carries the events, signed with the key that only
the nodes of this database know. What carries no valid signature is worth no more than a hint to look at the database.
"""

import asyncio
import hmac
import json
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import groupby

from pydantic import TypeAdapter, ValidationError

from contract.events import LogEvent
from realtime.bus.port import MAX_BODY_BYTES, Bus, Notice
from realtime.log.delivery import Delivery
from realtime.log.epoch import EpochKeeper
from realtime.log.transaction import wire

log = logging.getLogger(__name__)

KIND = "log"
_MOST_WAITING = 10_000
"""Events not yet handed to the bus; beyond it the oldest are left to the head check of the other nodes."""

_EVENTS = TypeAdapter(list[LogEvent])


class Relay:
    """The writer's publisher, and the receiver of what other nodes wrote."""

    def __init__(self, bus: Bus, delivery: Delivery, epochs: EpochKeeper) -> None:
        self._bus = bus
        self._delivery = delivery
        self._epochs = epochs
        self._waiting: deque[LogEvent] = deque(maxlen=_MOST_WAITING)
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        bus.subscribe(KIND, self._receive)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._publish_all(), name="relay")

    async def close(self) -> None:
        """Hands over what is waiting, and stops."""
        await self._publish_waiting()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def committed(self, events: Sequence[LogEvent]) -> None:
        self._epochs.committed(events[-1])
        self._delivery.offer(events)
        self._waiting.extend(events)
        self._more.set()

    async def _publish_all(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            await self._publish_waiting()

    async def _publish_waiting(self) -> None:
        events = list(self._waiting)
        self._waiting.clear()
        by_room = groupby(
            sorted(events, key=lambda event: (event.room_id, event.seq)), lambda event: event.room_id
        )
        for room_id, of_room in by_room:
            await self._bus.publish(KIND, room_id, self._notice(room_id, list(of_room)))

    def _notice(self, room_id: str, events: list[LogEvent]) -> Mapping[str, object]:
        body: dict[str, object] = {"room": room_id, "seq": events[-1].seq}
        payload = json.dumps(wire(events), ensure_ascii=False, separators=(",", ":"))
        # inside the notice the payload is a JSON string once more: quotes and backslashes weigh double
        if len(json.dumps(payload, ensure_ascii=False).encode()) + 400 <= MAX_BODY_BYTES:
            body |= {"events": payload, "mac": self._sign(payload)}
        return body

    def _sign(self, payload: str) -> str:
        return blake2b(payload.encode(), key=self._epochs.bus_key, digest_size=32).hexdigest()

    def _receive(self, notice: Notice) -> None:
        room_id, seq = notice.body.get("room"), notice.body.get("seq")
        if not isinstance(room_id, str) or not isinstance(seq, int) or isinstance(seq, bool):
            return
        events = self._trusted(room_id, notice.body)
        if events:
            self._delivery.offer(events)
        else:
            self._delivery.hint(room_id, seq)

    def _trusted(self, room_id: str, body: Mapping[str, object]) -> list[LogEvent]:
        """The events of a notice, if a node of ours signed them, for this room and this epoch."""
        payload, mac = body.get("events"), body.get("mac")
        if not isinstance(payload, str) or not isinstance(mac, str) or not mac.isascii():
            return []
        if not hmac.compare_digest(mac, self._sign(payload)):
            return []
        try:
            events = _EVENTS.validate_json(payload)
        except ValidationError:
            return []  # of another version than ours
        ours = all(event.room_id == room_id and event.epoch == self._epochs.epoch for event in events)
        return events if ours else []
