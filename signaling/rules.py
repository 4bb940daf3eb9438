"""Decisions about calls: pure functions from a call as it is to the call as it becomes. Refusals are DomainErrors."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contract.calls import LeaveReason, Rights, Seat, Source, Track
from contract.errors import Conflict, Forbidden, NotFound
from contract.people import Actor
from signaling.model import EVERYTHING, CallRecord, SeatRecord, has_right, rights_of

_APART = timedelta(milliseconds=1)
"""Between two raised hands: instants on the wire have no more."""


@dataclass(frozen=True)
class Newcomer:
    """Who asks for a seat, and from where. `blocked` and `shut_out` are what staff did with an earlier seat of theirs."""

    user: Actor
    staff: bool
    node_id: str
    sid: str
    peer_id: str
    session: str
    secret_hash: str
    grants: Rights = EVERYTHING
    offers_only: bool = False
    blocked: frozenset[Source] = frozenset()
    shut_out: bool = False


@dataclass(frozen=True)
class House:
    """What the operator has set. `takeover`: somebody who comes from a second device gives up the first seat."""

    max_peers: int
    takeover: bool


def join(record: CallRecord, new: Newcomer, house: House, now: datetime) -> CallRecord:
    """Gives the newcomer a seat: in the call, or in the lobby when there is one and they are not staff.

    Raises:
        Forbidden: the call is locked.
        Conflict: it is full.
    """
    mine = [seat for seat in record.taken() if seat.user.id == new.user.id]
    was_inside = any(seat.seat is Seat.IN for seat in mine)
    for seat in mine:
        if house.takeover or seat.sid == new.sid:
            record = leave(record, seat.id, LeaveReason.TAKEN_OVER, now)
    if record.call.policy.locked and not new.staff and not was_inside:
        raise Forbidden("The call is locked.")
    if len(record.inside()) >= house.max_peers:
        raise Conflict(f"The call is full: it takes {house.max_peers} at most.")
    shut_out = new.shut_out and not new.staff and not was_inside
    waits = shut_out or (record.call.policy.lobby and not new.staff and not was_inside)
    seat = SeatRecord(
        id=new.peer_id,
        user=new.user,
        staff=new.staff,
        seat=Seat.LOBBY if waits else Seat.IN,
        session=new.session,
        secret_hash=new.secret_hash,
        node_id=new.node_id,
        sid=new.sid,
        asked_at=now,
        grants=new.grants,
        offers_only=new.offers_only,
        blocked=_blocks_that_stay(mine) if mine else new.blocked,
        shut_out=shut_out,
        joined_at=None if waits else now,
    )
    return record.with_seat(seat)


def _blocks_that_stay(mine: list[SeatRecord]) -> frozenset[Source]:
    """Whoever was silenced does not get rid of it by coming from another device."""
    return frozenset(source for seat in mine for source in seat.blocked)


def resume(record: CallRecord, peer_id: str, new: Newcomer, *, fresh: bool) -> CallRecord:
    """Takes a seat again from a new connection. `fresh`: with a new session, as after a reload; tracks are then gone.

    Raises:
        NotFound: the seat is empty by now, another person's, or the secret is wrong.
    """
    seat = record.seats.get(peer_id)
    if (
        seat is None
        or seat.seat is None
        or seat.user.id != new.user.id
        or seat.secret_hash != new.secret_hash
    ):
        raise NotFound("That seat is no longer yours.")
    back = replace(
        seat,
        node_id=new.node_id,
        sid=new.sid,
        connected=True,
        dropped_at=None,
        staff=new.staff,
        user=new.user,
        grants=new.grants,
    )
    if fresh:
        back = replace(back, session=new.session, tracks=(), offers_only=new.offers_only)
    return normalised(record.with_seat(back))


def drop(record: CallRecord, peer_id: str, sid: str, now: datetime) -> CallRecord:
    """The connection of a seat is away; the seat is kept for the grace. An older connection's end means nothing."""
    seat = record.seats.get(peer_id)
    if seat is None or seat.seat is None or seat.sid != sid or not seat.connected:
        return record
    return record.with_seat(replace(seat, connected=False, dropped_at=now))


def lapse(record: CallRecord, peer_id: str, grace: timedelta, now: datetime) -> CallRecord:
    """Empties a seat whose connection has been away for the whole grace; not one that was taken again meanwhile."""
    seat = record.seats.get(peer_id)
    if seat is None or seat.seat is None or seat.dropped_at is None or now - seat.dropped_at < grace:
        return record
    return leave(record, peer_id, LeaveReason.CONNECTION_LOST, now)


def lose(record: CallRecord, peer_id: str, node_id: str, last_alive: datetime, now: datetime) -> CallRecord:
    """Empties a seat whose node died, as of when the node was last known to live; not if it was taken again elsewhere."""
    seat = record.seats.get(peer_id)
    if seat is None or seat.seat is None or seat.node_id != node_id:
        return record
    if seat.dropped_at is not None:
        return leave(record, peer_id, LeaveReason.CONNECTION_LOST, now)
    at = min(max(last_alive, seat.joined_at or seat.asked_at), now)
    return leave(record, peer_id, LeaveReason.NODE_LOST, at)


def restand(record: CallRecord, user_id: str, *, staff: bool, grants: Rights) -> CallRecord:
    """Somebody's standing in the room or token changed while they are in the call."""
    for seat in record.taken():
        if seat.user.id == user_id and (seat.staff, seat.grants) != (staff, grants):
            record = record.with_seat(replace(seat, staff=staff, grants=grants))
    return normalised(record)


def leave(record: CallRecord, peer_id: str, reason: LeaveReason, at: datetime) -> CallRecord:
    """Empties a seat. Whoever's connection was away was there until it dropped, whatever emptied the seat."""
    seat = record.seats.get(peer_id)
    if seat is None or seat.seat is None:
        return record
    return record.with_seat(
        replace(
            seat,
            seat=None,
            connected=False,
            tracks=(),
            floor=False,
            hand_raised_at=None,
            left_at=seat.dropped_at or at,
            reason=reason,
        )
    )


def end(record: CallRecord, reason: LeaveReason, now: datetime) -> CallRecord:
    """Empties every seat and closes the call."""
    for seat in record.taken():
        record = leave(record, seat.id, reason, now)
    return replace(record, ended_at=now)


def end_by(record: CallRecord, by: str, now: datetime) -> CallRecord:
    """Ends the call for everybody. Raises Forbidden for whoever does not lead it; one who is alone ends it by leaving."""
    seat = inside(record, by)
    if not seat.staff and any(one.user.id != seat.user.id for one in record.taken()):
        raise Forbidden
    return end(record, LeaveReason.ENDED, now)


def ended_if_empty(record: CallRecord, now: datetime) -> CallRecord:
    """A call in which nobody is left is over, at the moment when the last one left."""
    if record.ended_at is not None or record.taken():
        return record
    left = [seat.left_at for seat in record.seats.values() if seat.left_at is not None]
    return replace(record, ended_at=max(left, default=now))


def publish(record: CallRecord, peer_id: str, track: Track) -> CallRecord:
    """Announces a track; one of the same source takes the place of the one before.

    Raises:
        Forbidden: without the right to the source.
    """
    seat = inside(record, peer_id)
    if not has_right(rights_of(seat, record), track.source):
        raise Forbidden(f"You may not share your {_word(track.source)} in this call now.")
    kept = tuple(one for one in seat.tracks if one.source is not track.source)
    return record.with_seat(replace(seat, tracks=(*kept, track)))


def unpublish(record: CallRecord, peer_id: str, track_id: str) -> CallRecord:
    """Takes a track back; the sound of a screen goes with the screen."""
    seat = inside(record, peer_id)
    gone = track_of(seat, track_id)
    also = {gone.source} | ({Source.SCREEN_AUDIO} if gone.source is Source.SCREEN else set())
    return record.with_seat(replace(seat, tracks=tuple(one for one in seat.tracks if one.source not in also)))


def mute(record: CallRecord, peer_id: str, track_id: str, *, muted: bool) -> CallRecord:
    """One's own track.

    Raises:
        Forbidden: to unmute what staff has silenced, or what one has no right to.
    """
    seat = inside(record, peer_id)
    track = track_of(seat, track_id)
    if not muted and not has_right(rights_of(seat, record), track.source):
        raise Forbidden(f"Your {_word(track.source)} was switched off by the staff of this room.")
    return record.with_seat(_with_muted(seat, {track.source}, muted=muted))


def raise_hand(record: CallRecord, peer_id: str, now: datetime) -> CallRecord:
    """Joins the end of the queue; a hand that is up already keeps its place. Nobody comes before a hand that was up, even
    when the nodes' clocks differ.
    """
    seat = inside(record, peer_id)
    if seat.hand_raised_at is not None:
        return record
    up = [one.hand_raised_at for one in record.inside() if one.hand_raised_at is not None]
    last = max(up, default=now - _APART)
    return record.with_seat(replace(seat, hand_raised_at=max(now, last + _APART)))


def lower_hand(record: CallRecord, peer_id: str) -> CallRecord:
    seat = inside(record, peer_id)
    return record.with_seat(replace(seat, hand_raised_at=None))


def inside(record: CallRecord, peer_id: str) -> SeatRecord:
    """A seat in the call. Raises NotFound when there is none, or it is in the lobby."""
    seat = record.seats.get(peer_id)
    if record.ended_at is not None or seat is None or seat.seat is not Seat.IN:
        raise NotFound("There is no such seat in the call.")
    return seat


def track_of(seat: SeatRecord, track_id: str) -> Track:
    for track in seat.tracks:
        if track.id == track_id:
            return track
    raise NotFound("There is no such track.")


def normalised(record: CallRecord) -> CallRecord:
    """Takes away what nobody has a right to any more: sound and picture fall silent, a screen is no longer shared."""
    for seat in record.taken():
        rights = rights_of(seat, record)
        kept = []
        for track in seat.tracks:
            if has_right(rights, track.source):
                kept.append(track)
            elif track.source in {Source.MICROPHONE, Source.CAMERA}:
                kept.append(track.model_copy(update={"muted": True}))
        if tuple(kept) != seat.tracks:
            record = record.with_seat(replace(seat, tracks=tuple(kept)))
    return record


def _with_muted(seat: SeatRecord, sources: set[Source], *, muted: bool) -> SeatRecord:
    tracks = tuple(
        track.model_copy(update={"muted": muted}) if track.source in sources else track
        for track in seat.tracks
    )
    return replace(seat, tracks=tracks)


def _word(source: Source) -> str:
    return "screen" if source in {Source.SCREEN, Source.SCREEN_AUDIO} else source.value
