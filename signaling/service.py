"""One method for each thing somebody can want of a call. A change is committed first and told afterwards."""

import contextlib
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from auth.permissions import Action
from contract.calls import (
    ActiveCall,
    CallReacted,
    CallReaction,
    CallSignal,
    CallState,
    IceServer,
    IceServerList,
    JoinCall,
    JoinedCall,
    LeaveReason,
    Moderate,
    MuteTrack,
    PublishTrack,
    Seat,
    Signal,
    Track,
    TrackAnswer,
)
from contract.clock import Clock
from contract.errors import Conflict, NotFound
from contract.ids import IdFactory
from db.engine import Database
from realtime.log.writer import Writer
from realtime.rooms import store as rooms
from realtime.rooms.rules import actor_of
from realtime.sessions import Session
from signaling import moderation, rules, store
from signaling.hub import CallHub
from signaling.ice import IceSettings, ice_servers
from signaling.model import EVERYTHING, CallRecord, SeatRecord, state_of
from signaling.rules import House, Newcomer
from signaling.writes import Asked, ChangeCall, TakeSeat

Change = Callable[[CallRecord, datetime], CallRecord]

_NO_SEAT = "You have no seat in that call."


@dataclass(frozen=True)
class CallSettings:
    """What the operator has set. `grace_seconds`: how long a seat is kept for a connection that dropped."""

    house: House
    ice: IceSettings
    grace_seconds: float


class CallService:
    """Calls, for the connections of this node."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        hub: CallHub,
        settings: CallSettings,
        *,
        node_id: str,
        clock: Clock,
        ids: IdFactory,
    ) -> None:
        self._database = database
        self._writer = writer
        self._hub = hub
        self._settings = settings
        self._node_id = node_id
        self._clock = clock
        self._ids = ids

    async def get(self, session: Session, room_id: str) -> ActiveCall:
        """Whether the room has a call."""
        async with self._database.reading() as connection:
            (await rooms.access(connection, session.identity, room_id)).require(Action.ROOM_VIEW)
            record = await store.active_call(connection, room_id)
        if record is None:
            return ActiveCall()
        people = {seat.user.id for seat in record.inside()}
        return ActiveCall(call=record.call, people=len(people))

    async def join(self, session: Session, wish: JoinCall) -> tuple[JoinedCall, Callable[[], None]]:
        """Takes a seat. The function that is returned begins to tell this connection of the call, and the others of it;
        it is to be called when the answer has left.
        """
        secret = wish.resume.secret if wish.resume is not None else secrets.token_urlsafe(24)
        new = self._newcomer(session, secret, offers_only=wish.offers_only)
        resume = (wish.resume.peer_id, wish.fresh) if wish.resume is not None else None
        intention = TakeSeat(session.identity, wish.room_id, new, self._settings.house, resume)
        record = (await self._writer.submit(intention)).after
        seat = record.seats[wish.resume.peer_id if wish.resume is not None else new.peer_id]
        answer = JoinedCall(
            call_id=record.call.id,
            peer_id=seat.id,
            session=seat.session,
            secret=secret,
            seat=seat.seat or Seat.LOBBY,
            state=state_of(record, for_staff=seat.staff) if seat.seat is Seat.IN else None,
            ice_servers=self._ice(session),
            grace_ms=round(self._settings.grace_seconds * 1000),
        )

        def begin() -> None:
            self._hub.seated(session, seat.id, record)
            self._hub.announce_soon(record)

        return answer, begin

    async def leave(self, session: Session, call_id: str) -> None:
        """Gives up the connection's seat; without one there is nothing to give up."""
        peer_id = self._hub.seat_of(session, call_id)
        if peer_id is None:
            return
        with contextlib.suppress(NotFound):  # it ended meanwhile
            await self._change(
                session,
                call_id,
                lambda record, now: rules.leave(record, peer_id, LeaveReason.LEFT, now),
                needs=None,
            )
        self._hub.forget(call_id, peer_id)

    async def end(self, session: Session, call_id: str) -> None:
        """Ends the call for everybody. Raises Forbidden for whoever does not lead it."""
        _, seat = await self._mine(session, call_id)
        await self._change(session, call_id, lambda record, now: rules.end_by(record, seat.id, now))

    async def state(self, session: Session, call_id: str) -> tuple[CallState, Callable[[], None]]:
        """The call as it is now, for whoever has a seat in it on this connection. The function that is returned tells what
        has changed since; it is to be called when the answer has left.
        """
        _, seat = await self._mine(session, call_id)
        async with self._database.reading() as connection:
            record = await store.call(connection, call_id)
        found = record.seats.get(seat.id) if record is not None else None
        if record is None or found is None or found.seat is not Seat.IN:
            raise NotFound(_NO_SEAT)
        return state_of(record, for_staff=found.staff), lambda: self._hub.informed(session, record)

    async def ice(self, session: Session, call_id: str | None) -> IceServerList:
        """Fresh credentials: for a seat in a call, or, without one, for whoever is signed in and tests the connection."""
        if call_id is not None:
            await self._mine(session, call_id)
        return IceServerList(ice_servers=self._ice(session))

    async def signal(self, session: Session, wish: Signal) -> None:
        """Hands something to one peer of the sender's own call, in the sender's name.

        Raises:
            NotFound: one of the two has no seat there.
            Conflict: it is for a session that the other no longer has.
        """
        record, seat = await self._mine(session, wish.call_id)
        target = record.seats.get(wish.to)
        if target is None or target.session != wish.to_session:
            await self._hub.refresh(wish.call_id)
            record = self._hub.record(wish.call_id) or record
            target = record.seats.get(wish.to)
        if target is None or target.seat is not Seat.IN or target.id == seat.id:
            raise NotFound("There is no such seat in the call.")
        if target.session != wish.to_session:
            raise Conflict("That peer has a new session by now.")
        told = CallSignal(
            call_id=wish.call_id,
            from_peer=seat.id,
            from_session=seat.session,
            seq=wish.seq,
            connection=wish.connection,
            description=wish.description,
            candidate=wish.candidate,
            wants_offer=wish.wants_offer,
        )
        await self._hub.signal(target.id, wish.to_session, told)

    async def publish(self, session: Session, wish: PublishTrack) -> TrackAnswer:
        _, seat = await self._mine(session, wish.call_id)
        track = Track(
            id=self._ids.new("track"), source=wish.source, muted=wish.muted, stream_id=wish.stream_id
        )
        await self._change(
            session,
            wish.call_id,
            lambda record, _: rules.publish(record, seat.id, track),
            needs=Action.CALL_PUBLISH,
        )
        return TrackAnswer(track=track)

    async def unpublish(self, session: Session, call_id: str, track_id: str) -> None:
        _, seat = await self._mine(session, call_id)
        await self._change(
            session, call_id, lambda record, _: rules.unpublish(record, seat.id, track_id), needs=None
        )

    async def mute(self, session: Session, wish: MuteTrack) -> TrackAnswer:
        _, seat = await self._mine(session, wish.call_id)
        after = await self._change(
            session,
            wish.call_id,
            lambda record, _: rules.mute(record, seat.id, wish.track_id, muted=wish.muted),
            needs=None if wish.muted else Action.CALL_PUBLISH,
        )
        return TrackAnswer(track=rules.track_of(after.seats[seat.id], wish.track_id))

    async def moderate(self, session: Session, wish: Moderate) -> None:
        _, seat = await self._mine(session, wish.call_id)
        house = self._settings.house
        await self._change(
            session,
            wish.call_id,
            lambda record, now: moderation.moderate(record, seat.id, wish, house, now),
            needs=Action.CALL_MODERATE,
        )

    async def raise_hand(self, session: Session, call_id: str) -> None:
        _, seat = await self._mine(session, call_id)
        await self._change(session, call_id, lambda record, now: rules.raise_hand(record, seat.id, now))

    async def lower_hand(self, session: Session, call_id: str) -> None:
        _, seat = await self._mine(session, call_id)
        await self._change(session, call_id, lambda record, _: rules.lower_hand(record, seat.id))

    async def react(self, session: Session, wish: CallReaction) -> None:
        record, seat = await self._mine(session, wish.call_id)
        told = CallReacted(call_id=wish.call_id, peer_id=seat.id, emoji=wish.emoji)
        await self._hub.to_all(record, "call.reaction", told)

    async def _mine(self, session: Session, call_id: str) -> tuple[CallRecord, SeatRecord]:
        """The call and the connection's seat in it, which must be inside. Raises NotFound otherwise: who has no seat in
        a call does not learn whether there is one.
        """
        seat = self._known_seat(session, call_id)
        if (seat is not None and seat.seat is not Seat.IN) or (seat is None and self._hub.record(call_id)):
            await self._hub.refresh(call_id)  # admitted, or seated, an instant ago
            seat = self._known_seat(session, call_id)
        record = self._hub.record(call_id)
        if record is None or seat is None or seat.seat is not Seat.IN:
            raise NotFound(_NO_SEAT)
        return record, seat

    def _known_seat(self, session: Session, call_id: str) -> SeatRecord | None:
        peer_id, record = self._hub.seat_of(session, call_id), self._hub.record(call_id)
        return record.seats.get(peer_id) if record is not None and peer_id is not None else None

    async def _change(
        self, session: Session, call_id: str, change: Change, *, needs: Action | None = Action.CALL_JOIN
    ) -> CallRecord:
        """Commits a change, and tells everybody whom it concerns. `needs` is what one must be allowed in the room."""
        async with self._database.reading() as connection:
            room_id = await store.room_of_call(connection, call_id)
        if room_id is None:
            raise NotFound
        asked = Asked(session.identity, needs) if needs is not None else None
        intention = ChangeCall(room_id, call_id, actor_of(session.identity), change, asked)
        changed = await self._writer.submit(intention)
        if changed.before is not changed.after:
            await self._hub.announce(changed.after)
        return changed.after

    def _newcomer(self, session: Session, secret: str, *, offers_only: bool) -> Newcomer:
        return Newcomer(
            user=actor_of(session.identity),
            staff=False,  # the room says so, inside the transaction
            node_id=self._node_id,
            sid=session.sid,
            peer_id=self._ids.new("peer"),
            session=self._ids.new("ps"),
            secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
            grants=session.identity.call_rights or EVERYTHING,
            offers_only=offers_only,
        )

    def _ice(self, session: Session) -> list[IceServer]:
        return ice_servers(self._settings.ice, session.user_id, self._clock.now())
