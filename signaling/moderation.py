"""What staff does to lead a call: pure functions, one for each action. Nobody is ever unmuted from afar."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from contract.calls import LeaveReason, Moderate, Moderation, Seat, Source
from contract.errors import Conflict, Forbidden, NotFound
from signaling.model import CallRecord, SeatRecord
from signaling.rules import House, inside, leave, normalised

Step = Callable[[CallRecord, Moderate, datetime], CallRecord]


def moderate(record: CallRecord, by: str, wish: Moderate, house: House, now: datetime) -> CallRecord:
    """Carries out what `by`, a seat, asks for.

    Raises:
        Forbidden: that seat is not staff's.
        NotFound: whom it is about has no seat.
        Conflict: there is no place for one more.
    """
    if not inside(record, by).staff:
        raise Forbidden
    if wish.action is Moderation.ADMIT and len(record.inside()) >= house.max_peers:
        raise Conflict(f"The call is full: it takes {house.max_peers} at most.")
    after = _STEPS[wish.action](record, wish, now)
    if record.call.policy.lobby and not after.call.policy.lobby:
        after = _admit_all(after, house, now)
    return normalised(after)


def _mute(record: CallRecord, wish: Moderate, _now: datetime) -> CallRecord:
    """Blocks a source, on every device; `normalised` then silences it. Without a peer: of everybody who is not staff."""
    if wish.peer_id is None:
        targets = [seat for seat in record.inside() if not seat.staff]
    else:
        targets = _all_of(record, _target(record, wish))
    for seat in targets:
        record = record.with_seat(replace(seat, blocked=seat.blocked | {_source(wish)}))
    return record


def _allow(record: CallRecord, wish: Moderate, _now: datetime) -> CallRecord:
    """Lifts the block. The track stays muted until its owner unmutes it."""
    for seat in _all_of(record, _target(record, wish)):
        record = record.with_seat(replace(seat, blocked=seat.blocked - {_source(wish)}))
    return record


def _stop_screen(record: CallRecord, wish: Moderate, _now: datetime) -> CallRecord:
    """Ends a share; the right to share again is left."""
    seat = _target(record, wish)
    screen = {Source.SCREEN, Source.SCREEN_AUDIO}
    return record.with_seat(
        replace(seat, tracks=tuple(one for one in seat.tracks if one.source not in screen))
    )


def _remove(record: CallRecord, wish: Moderate, now: datetime) -> CallRecord:
    """A person, with all their devices."""
    for seat in _all_of(record, _target(record, wish)):
        record = leave(record, seat.id, LeaveReason.REMOVED, now)
    return record


def _admit(record: CallRecord, wish: Moderate, now: datetime) -> CallRecord:
    seat = _waiting(record, wish)
    return record.with_seat(replace(seat, seat=Seat.IN, joined_at=now, shut_out=False))


def _admit_all(record: CallRecord, house: House, now: datetime) -> CallRecord:
    """The lobby is closed: whoever waits comes in, the longest waiting first, while there is room. Not who was put out."""
    for seat in record.taken():
        if seat.seat is Seat.LOBBY and not seat.shut_out and len(record.inside()) < house.max_peers:
            record = record.with_seat(replace(seat, seat=Seat.IN, joined_at=now))
    return record


def _deny(record: CallRecord, wish: Moderate, now: datetime) -> CallRecord:
    return leave(record, _waiting(record, wish).id, LeaveReason.DENIED, now)


def _give_floor(record: CallRecord, wish: Moderate, _now: datetime) -> CallRecord:
    """To one person at a time: whoever had it gives it up. The hand is lowered, and the microphone no longer blocked."""
    target = _target(record, wish)
    for seat in record.inside():
        if seat.floor:
            record = record.with_seat(replace(seat, floor=False))
    return record.with_seat(
        replace(target, floor=True, hand_raised_at=None, blocked=target.blocked - {Source.MICROPHONE})
    )


def _take_floor(record: CallRecord, wish: Moderate, _now: datetime) -> CallRecord:
    return record.with_seat(replace(_target(record, wish), floor=False))


def _lower_hand(record: CallRecord, wish: Moderate, _now: datetime) -> CallRecord:
    return record.with_seat(replace(_target(record, wish), hand_raised_at=None))


def _policy(record: CallRecord, wish: Moderate, _now: datetime) -> CallRecord:
    changes = wish.policy.model_dump(exclude_none=True) if wish.policy is not None else {}
    policy = record.call.policy.model_copy(update=changes)
    return replace(record, call=record.call.model_copy(update={"policy": policy}))


_STEPS: Mapping[Moderation, Step] = {
    Moderation.MUTE: _mute,
    Moderation.ALLOW: _allow,
    Moderation.STOP_SCREEN: _stop_screen,
    Moderation.REMOVE: _remove,
    Moderation.ADMIT: _admit,
    Moderation.DENY: _deny,
    Moderation.GIVE_FLOOR: _give_floor,
    Moderation.TAKE_FLOOR: _take_floor,
    Moderation.LOWER_HAND: _lower_hand,
    Moderation.POLICY: _policy,
}


def _target(record: CallRecord, wish: Moderate) -> SeatRecord:
    return inside(record, wish.peer_id or "")


def _all_of(record: CallRecord, seat: SeatRecord) -> list[SeatRecord]:
    """Every seat of the same person."""
    return [one for one in record.taken() if one.user.id == seat.user.id]


def _waiting(record: CallRecord, wish: Moderate) -> SeatRecord:
    seat = record.seats.get(wish.peer_id or "")
    if seat is None or seat.seat is not Seat.LOBBY:
        raise NotFound("Nobody of that name waits in the lobby.")
    return seat


def _source(wish: Moderate) -> Source:
    return Source.SCREEN if wish.source is Source.SCREEN_AUDIO else wish.source or Source.MICROPHONE
