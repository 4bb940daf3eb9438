"""Calls made by hand, for tests of what is pure: a lecturer and pupils, at instants that are counted in seconds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from contract.calls import (
    Call,
    CallState,
    CallUpdated,
    Moderate,
    Moderation,
    Policy,
    PolicyChanges,
    Rights,
    Seat,
    Source,
    Track,
)
from contract.people import Actor, SignInRole
from signaling import moderation, rules
from signaling.model import EVERYTHING, CallRecord
from signaling.rules import House, Newcomer

START = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
HOUSE = House(max_peers=8, takeover=True)
SEATS = House(max_peers=8, takeover=False)
CALL_ID = "call_1"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def person(name: str) -> Actor:
    return Actor(id=name, name=name.title(), role=SignInRole.STUDENT)


def empty(policy: Policy | None = None) -> CallRecord:
    call = Call(
        id=CALL_ID, room_id="room_1", started_at=START, started_by=person("noor"), policy=policy or Policy()
    )
    return CallRecord(call, version=1)


def newcomer(
    name: str,
    *,
    device: str = "1",
    staff: bool = False,
    grants: Rights = EVERYTHING,
    node: str = "n1",
    secret: str = "",
) -> Newcomer:
    """Their seat is `peer_NAME_DEVICE`, from a connection of that name."""
    return Newcomer(
        user=person(name),
        staff=staff,
        node_id=node,
        sid=f"sid_{name}_{device}",
        peer_id=seat_id(name, device),
        session=f"ps_{name}_{device}",
        secret_hash=secret or f"secret_{name}",
        grants=grants,
    )


def seat_id(name: str, device: str = "1") -> str:
    return f"peer_{name}_{device}"


def call_of(*names: str, policy: Policy | None = None, house: House = HOUSE) -> CallRecord:
    """The lecturer Noor, and pupils in the order in which they came."""
    record = rules.join(empty(), newcomer("noor", staff=True), house, at(0))
    for number, name in enumerate(names, 1):
        record = rules.join(record, newcomer(name), house, at(number))
    if policy is not None:
        record = replace(record, call=record.call.model_copy(update={"policy": policy}))
    return record


def with_track(
    record: CallRecord, name: str, source: Source = Source.MICROPHONE, *, muted: bool = False
) -> CallRecord:
    track = Track(
        id=f"track_{name}_{source.value}", source=source, muted=muted, stream_id=f"s_{source.value}"
    )
    return rules.publish(record, seat_id(name), track)


def led(
    record: CallRecord,
    action: str,
    name: str | None = None,
    *,
    by: str = "noor",
    device: str = "1",
    source: Source | None = None,
    house: House = HOUSE,
    seconds: float = 100,
    **policy: object,
) -> CallRecord:
    """The call after `by` has asked for a moderation."""
    wish = Moderate(
        call_id=CALL_ID,
        action=Moderation(action),
        peer_id=seat_id(name, device) if name is not None else None,
        source=source,
        policy=PolicyChanges.model_validate(policy) if policy else None,
    )
    return moderation.moderate(record, seat_id(by), wish, house, at(seconds))


def sources(record: CallRecord, name: str, *, loud: bool = False) -> set[Source]:
    """What somebody has published; `loud`: what is not muted."""
    return {one.source for one in record.seats[seat_id(name)].tracks if not (loud and one.muted)}


def names_inside(record: CallRecord) -> list[str]:
    return [seat.user.id for seat in record.inside()]


def names_waiting(record: CallRecord) -> list[str]:
    return [seat.user.id for seat in record.taken() if seat.seat is Seat.LOBBY]


def advanced(state: CallState, update: CallUpdated) -> CallState:
    """What a client makes of an update that fits its state."""
    assert update.since <= state.version < update.version
    peers = {peer.id: peer for peer in state.peers}
    for departure in update.gone:
        peers.pop(departure.peer_id, None)
    peers |= {peer.id: peer for peer in update.peers}
    return CallState(
        call=update.call or state.call,
        version=update.version,
        peers=[peers[peer_id] for peer_id in sorted(peers)],
        hands=update.hands,
    )


def plain(state: CallState) -> object:
    """For comparing: as it goes over the wire."""
    return state.model_dump(mode="json", exclude_none=True)
