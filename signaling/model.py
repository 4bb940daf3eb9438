"""A call as the server knows it: plain data, changed only by the pure functions of `rules.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from contract.calls import Call, CallState, LeaveReason, Peer, Rights, Seat, Source, Track, WhoMay
from contract.people import Actor

EVERYTHING = Rights(microphone=True, camera=True, screen=True)


@dataclass(frozen=True)
class SeatRecord:
    """One seat. `seat` is None once it is empty. Where its connection is: `node_id` and `sid`, while `connected`.

    `shut_out`: staff put this person out before, so only an `admit` lets them in again.
    """

    id: str
    user: Actor
    staff: bool
    seat: Seat | None
    session: str
    secret_hash: str
    node_id: str
    sid: str
    asked_at: datetime
    grants: Rights = EVERYTHING
    offers_only: bool = False
    connected: bool = True
    dropped_at: datetime | None = None
    tracks: tuple[Track, ...] = ()
    blocked: frozenset[Source] = frozenset()
    floor: bool = False
    shut_out: bool = False
    hand_raised_at: datetime | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    reason: LeaveReason | None = None


@dataclass(frozen=True)
class CallRecord:
    """A call and its seats, those that became empty in this change included."""

    call: Call
    version: int
    seats: Mapping[str, SeatRecord] = field(default_factory=dict)
    ended_at: datetime | None = None

    def with_seat(self, seat: SeatRecord) -> "CallRecord":
        return replace(self, seats={**self.seats, seat.id: seat})

    def taken(self) -> list[SeatRecord]:
        """Seats that somebody has, those in the lobby included; the oldest first."""
        return sorted(
            (seat for seat in self.seats.values() if seat.seat is not None), key=lambda seat: seat.id
        )

    def inside(self) -> list[SeatRecord]:
        return [seat for seat in self.taken() if seat.seat is Seat.IN]


def rights_of(seat: SeatRecord, record: CallRecord) -> Rights:
    """What somebody may publish now: the token must allow it, and the policy, one's being staff, or the floor."""
    policy = record.call.policy
    led = seat.staff or seat.floor

    def may(grant: bool, who: WhoMay, source: Source) -> bool:
        return grant and (led or who is WhoMay.EVERYBODY) and source not in seat.blocked

    return Rights(
        microphone=may(seat.grants.microphone, policy.microphone, Source.MICROPHONE),
        camera=may(seat.grants.camera, policy.camera, Source.CAMERA),
        screen=may(seat.grants.screen, policy.screen, Source.SCREEN),
    )


def has_right(rights: Rights, source: Source) -> bool:
    """Sound that belongs to a screen needs the right to the screen."""
    if source is Source.MICROPHONE:
        return rights.microphone
    return rights.camera if source is Source.CAMERA else rights.screen


def peer_of(seat: SeatRecord, record: CallRecord) -> Peer:
    """A seat as it is shown to the others."""
    return Peer.model_construct(
        id=seat.id,
        session=seat.session,
        user=seat.user,
        staff=seat.staff,
        seat=seat.seat or Seat.LOBBY,
        connected=seat.connected,
        tracks=list(seat.tracks),
        rights=rights_of(seat, record),
        blocked=sorted(seat.blocked),
        floor=seat.floor,
        hand_raised_at=seat.hand_raised_at,
        joined_at=seat.joined_at or seat.asked_at,
        offers_only=seat.offers_only,
    )


def state_of(record: CallRecord, *, for_staff: bool) -> CallState:
    """The call as one audience sees it: who waits in the lobby is shown to the staff alone."""
    seats = record.taken() if for_staff else record.inside()
    return CallState.model_construct(
        call=record.call,
        version=record.version,
        peers=[peer_of(seat, record) for seat in seats],
        hands=hands_of(record),
    )


def hands_of(record: CallRecord) -> list[str]:
    """Raised hands, the one raised first in front."""
    raised = [(seat.hand_raised_at, seat.id) for seat in record.inside() if seat.hand_raised_at is not None]
    return [peer_id for _, peer_id in sorted(raised)]
