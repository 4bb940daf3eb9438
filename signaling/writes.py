"""What is written about calls. Every change loads the call under its room's lock, lets a pure rule decide, and saves."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from auth.identity import Identity
from auth.permissions import Action
from contract.calls import Call, CallEnded, CallStarted, ScreenShared, Source
from contract.errors import NotFound
from contract.people import Actor
from realtime.log.transaction import Draft, Transaction
from realtime.log.writer import Intention
from realtime.rooms.transaction_store import access_in
from signaling import rules, store
from signaling.model import EVERYTHING, CallRecord
from signaling.rules import House, Newcomer
from signaling.tables import NodeRow

Change = Callable[[CallRecord, datetime], CallRecord]

NEWS: Final = "calls"
"""What a transaction that changed a call tells those of this node who follow calls."""


@dataclass(frozen=True)
class Changed:
    """A call before and after; `before` is None for one that has just begun."""

    before: CallRecord | None
    after: CallRecord


@dataclass(frozen=True)
class Asked:
    """Who asks for a change, and what they must be allowed to do in the room as it is by then."""

    who: Identity
    needs: Action


class ChangeCall(Intention[Changed]):
    """Applies a pure change to a call that is going on.

    Raises:
        NotFound: the call is over, or there is none; or whoever asked may not know of the room.
        Forbidden, Conflict: whoever asked may not; or as the change itself.
    """

    def __init__(
        self, room_id: str, call_id: str, actor: Actor, change: Change, asked: Asked | None = None
    ) -> None:
        self.room_id = room_id
        self._call_id = call_id
        self._actor = actor
        self._change = change
        self._asked = asked

    async def apply(self, transaction: Transaction) -> Changed:
        await transaction.flush()
        before = await store.call(transaction.connection, self._call_id)
        if before is None or before.ended_at is not None or before.call.room_id != self.room_id:
            raise NotFound("The call is over.")
        changed = self._change(await self._restood(transaction, before), transaction.now)
        after = rules.ended_if_empty(changed, transaction.now)
        if after == before:
            return Changed(before, before)
        return await saved(transaction, before, after, self._actor)

    async def _restood(self, transaction: Transaction, record: CallRecord) -> CallRecord:
        """Whoever asks stands in the room as it is now, not as it was when they joined."""
        if self._asked is None:
            return record
        who = self._asked.who
        access = await access_in(transaction, who, self.room_id)
        access.require(self._asked.needs)
        return rules.restand(
            record,
            who.user_id,
            staff=access.allows(Action.CALL_MODERATE),
            grants=who.call_rights or EVERYTHING,
        )


class TakeSeat(Intention[Changed]):
    """Joins the room's call, starting one if there is none; or takes a seat again.

    Raises:
        NotFound: no such room, or not for this person; or the seat to resume is gone.
        Forbidden, Conflict: as `rules.join`.
    """

    def __init__(
        self, who: Identity, room_id: str, new: Newcomer, house: House, resume: tuple[str, bool] | None
    ) -> None:
        self.who = who
        self.room_id = room_id
        self._new = new
        self._house = house
        self._resume = resume

    async def apply(self, transaction: Transaction) -> Changed:
        access = await access_in(transaction, self.who, self.room_id)
        access.require(Action.ROOM_VIEW)
        access.require(Action.CALL_JOIN)
        new = replace(self._new, staff=access.allows(Action.CALL_MODERATE))
        before = await store.active_call(transaction.connection, self.room_id)
        if before is None:
            if self._resume is not None:
                raise NotFound("That seat is no longer yours.")
            access.require(Action.CALL_START)
            return await self._start(transaction, new)
        if self._resume is not None:
            peer_id, fresh = self._resume
            after = rules.resume(before, peer_id, new, fresh=fresh)
        else:
            earlier = await store.earlier(transaction.connection, before.call.id, new.user.id)
            new = replace(new, blocked=earlier.blocked, shut_out=earlier.shut_out)
            after = rules.join(before, new, self._house, transaction.now)
        return await saved(transaction, before, after, new.user)

    async def _start(self, transaction: Transaction, new: Newcomer) -> Changed:
        call = Call(
            id=transaction.ids.new("call"),
            room_id=self.room_id,
            started_at=transaction.now,
            started_by=new.user,
            policy=await store.last_policy(transaction.connection, self.room_id),
        )
        empty = CallRecord(call, version=0)
        after = rules.join(empty, new, self._house, transaction.now)
        transaction.append(self.room_id, Draft("call.started", new.user, CallStarted(call=call)))
        return await saved(transaction, None, after, new.user)


class Beat(Intention[None]):
    """A node says that it lives, and when it said so."""

    room_id = ""

    def __init__(self, node_id: str) -> None:
        self._node_id = node_id

    async def apply(self, transaction: Transaction) -> None:
        known = await transaction.read(select(NodeRow.beat).where(NodeRow.node_id == self._node_id))
        if known.one_or_none() is None:
            transaction.add(NodeRow, {"node_id": self._node_id, "beat": 1, "beat_at": transaction.now})
        else:
            await transaction.execute(
                update(NodeRow)
                .where(NodeRow.node_id == self._node_id)
                .values(beat=NodeRow.beat + 1, beat_at=transaction.now)
            )


async def saved(
    transaction: Transaction, before: CallRecord | None, after: CallRecord, actor: Actor
) -> Changed:
    """Writes the call with its next version, and the moments that the room's log keeps."""
    after = replace(after, version=(before.version if before is not None else 0) + 1)
    if after.ended_at is not None:
        last = await store.last_departure(transaction.connection, after.call.id)
        after = replace(after, ended_at=max(after.ended_at, last or after.ended_at))
    await store.save(transaction, before, after)
    transaction.news.add(NEWS)
    _keep_screens(transaction, before, after)
    if after.ended_at is not None:
        transaction.append(after.call.room_id, Draft("call.ended", actor, await _ending(transaction, after)))
    return Changed(before, after)


async def _ending(transaction: Transaction, record: CallRecord) -> CallEnded:
    await transaction.flush()
    people = await store.people_in(transaction.connection, [record.call.id])
    return CallEnded(
        call_id=record.call.id,
        started_at=record.call.started_at,
        ended_at=record.ended_at or transaction.now,
        people=people.get(record.call.id, 0),
    )


def _keep_screens(transaction: Transaction, before: CallRecord | None, after: CallRecord) -> None:
    was, now = _screens(before), _screens(after)
    for peer_id in sorted(was.keys() ^ now.keys()):
        user = now.get(peer_id) or was[peer_id]
        kind = "call.screen_started" if peer_id in now else "call.screen_stopped"
        data = ScreenShared(call_id=after.call.id, user_id=user.id)
        transaction.append(after.call.room_id, Draft(kind, user, data))


def _screens(record: CallRecord | None) -> dict[str, Actor]:
    """Who shares a screen, by seat."""
    if record is None:
        return {}
    return {
        seat.id: seat.user for seat in record.taken() if any(t.source is Source.SCREEN for t in seat.tracks)
    }
