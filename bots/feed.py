"""The place of a bot in one room's log: what is next, what is missing, what waits to be read. No input or output here."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from bots.tolerant import read
from contract.connection import CaughtUp, Position
from contract.events import LogEvent
from contract.messages import Message, MessagePage


@dataclass(frozen=True)
class Resynced:
    """The log between two positions could not be replayed: too far back, or the server's database was restored.

    The messages after `known` follow as `message.new` events with the text they have now (their `id` is the message's);
    edits, reactions and membership changes in between are not told. After a change of epoch even messages may be
    missing. A bot that keeps something in mind about the room should read it afresh.
    """

    known: Position
    now: Position

    @property
    def epoch_changed(self) -> bool:
        return self.known.epoch != self.now.epoch


def message_of(event: LogEvent | Resynced) -> Message | None:
    """The message that an event is about, as it stood after it; None for events that carry none."""
    if isinstance(event, Resynced) or "message" not in event.data:
        return None
    return read(Message, event.data["message"])


class Feed:
    """Events in the order of the log, each once, from a position on.

    Events that come in their turn are kept until they are taken. When one is missing, or when `capacity` of them wait,
    later ones are let go and the feed is `stale`: its owner then asks the server for what comes after `tail`.
    """

    def __init__(self, position: Position, capacity: int) -> None:
        self.tail = position
        self.taken = position
        self.stale = False
        self._capacity = capacity
        self._waiting: deque[LogEvent | Resynced] = deque()
        self._heard: Position | None = None
        self._resyncing: Position | None = None

    @property
    def empty(self) -> bool:
        return not self._waiting

    @property
    def paging(self) -> bool:
        """The next thing to ask for is a page of messages after `tail`, not the log."""
        return self._resyncing is not None

    def take(self) -> LogEvent | Resynced | None:
        """The next one, or None when none waits."""
        if not self._waiting:
            return None
        item = self._waiting.popleft()
        if isinstance(item, LogEvent):
            self.taken = Position(epoch=item.epoch, seq=item.seq)
        if not self._waiting and not self.stale:
            self.taken = self.tail
        return item

    def hear(self, event: LogEvent) -> None:
        """An event that came on the live connection."""
        known = event.epoch == self.tail.epoch and event.seq <= self.tail.seq
        if known and not self.stale:
            return
        turn = event.epoch == self.tail.epoch and event.seq == self.tail.seq + 1
        if turn and not self.stale and len(self._waiting) < self._capacity:
            self._append(event)
            return
        self.stale = True
        self._heard = Position(epoch=event.epoch, seq=event.seq)

    def disconnected(self) -> None:
        """Nothing is heard from now on."""
        self.stale = True
        self._heard = None

    def caught_up(self, answer: CaughtUp) -> None:
        """The server's answer to "what comes after `tail`?". An answer to an older question does no harm."""
        if not self.stale:
            return
        if not answer.recovered:
            self._start_resync(Position(epoch=answer.epoch, seq=answer.seq))
        elif answer.epoch == self.tail.epoch and self._has_space(answer.events):
            for event in answer.events:
                if event.seq == self.tail.seq + 1:
                    self._append(event)
            if self.tail.seq == answer.seq:
                self._resyncing = None
                self._settle()

    def page(self, page: MessagePage) -> None:
        """One page of the messages after `tail`, while `paging`."""
        target = self._resyncing
        if target is None:
            return
        for message in page.items:
            if self.tail.seq < message.seq <= target.seq:
                self._append(_announcement(message, target.epoch))
        done = not page.items or not page.has_more or page.items[-1].seq >= target.seq
        if done:
            self.tail, self._resyncing = target, None
            self._settle()

    def _append(self, event: LogEvent) -> None:
        self._waiting.append(event)
        self.tail = Position(epoch=event.epoch, seq=event.seq)

    def _has_space(self, events: Sequence[LogEvent]) -> bool:
        """One answer may exceed the capacity, but only on an empty buffer: the bound is capacity plus one answer."""
        return not self._waiting or len(self._waiting) + len(events) <= self._capacity

    def _start_resync(self, target: Position) -> None:
        if self._resyncing is None or self._resyncing.epoch != target.epoch:
            self._waiting.append(Resynced(known=self.tail, now=target))
        self._resyncing = target
        self.tail = Position(epoch=target.epoch, seq=min(self.tail.seq, target.seq))

    def _settle(self) -> None:
        """Everything up to `tail` is here; what was heard meanwhile may be beyond it."""
        heard, self._heard = self._heard, None
        self.stale = heard is not None and heard.epoch == self.tail.epoch and heard.seq > self.tail.seq


def _announcement(message: Message, epoch: str) -> LogEvent:
    return LogEvent(
        type="message.new",
        id=message.id,
        room_id=message.room_id,
        epoch=epoch,
        seq=message.seq,
        ts=message.created_at,
        actor=message.author,
        data={"message": message.model_dump(mode="json", exclude_none=True)},
    )
