"""What is written about calls. Every change loads the call under its room's lock, lets a pure rule decide, and saves."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

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
from signaling.model import CallRecord
from signaling.rules import House, Newcomer
from signaling.tables import NodeRow

Change = Callable[[CallRecord, datetime], CallRecord]


@dataclass(frozen=True)
class Changed:
    """A call before and after; `before` is None for one that has just begun."""

    before: CallRecord | None
    after: CallRecord


class ChangeCall(Intention[Changed]):
    """Applies a pure change to a call that is going on.

    Raises:
        NotFound: the call is over, or there is none.
    """

    def __init__(self, room_id: str, call_id: str, actor: Actor, change: Change) -> None:
        self.room_id = room_id
        self._call_id = call_id
        self._actor = actor
        self._change = change

    async def apply(self, transaction: Transaction) -> Changed:
        await transaction.flush()
        before = await store.call(transaction.connection, self._call_id)
        if before is None or before.ended_at is not None or before.call.room_id != self.room_id:
            raise NotFound("The call is over.")
        changed = self._change(before, transaction.now)
        after = rules.ended_if_empty(changed, transaction.now)
        if after == before:
            return Changed(before, before)
        return await saved(transaction, before, after, self._actor)


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
    """A node that holds seats says that it lives."""

    room_id = ""

    def __init__(self, node_id: str) -> None:
        self._node_id = node_id

    async def apply(self, transaction: Transaction) -> None:
        known = await transaction.read(select(NodeRow.beat).where(NodeRow.node_id == self._node_id))
        if known.one_or_none() is None:
            transaction.add(NodeRow, {"node_id": self._node_id, "beat": 1})
        else:
            await transaction.execute(
                update(NodeRow).where(NodeRow.node_id == self._node_id).values(beat=NodeRow.beat + 1)
            )


async def saved(
    transaction: Transaction, before: CallRecord | None, after: CallRecord, actor: Actor
) -> Changed:
    """Writes the call with its next version, and the moments that the room's log keeps."""
    after = replace(after, version=(before.version if before is not None else 0) + 1)
    await store.save(transaction, before, after)
    _keep_screens(transaction, before, after)
    if after.ended_at is not None:
        await transaction.flush()
        people = await store.people_in(transaction.connection, [after.call.id])
        ended = CallEnded(
            call_id=after.call.id,
            started_at=after.call.started_at,
            ended_at=after.ended_at,
            people=people.get(after.call.id, 0),
        )
        transaction.append(after.call.room_id, Draft("call.ended", actor, ended))
    return Changed(before, after)


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
