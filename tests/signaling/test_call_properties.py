"""Whatever happens in a call, in whatever order: what always holds, and that deltas lead where the snapshot is."""

from itertools import pairwise

from hypothesis import given, settings

from contract.calls import Seat, Source
from signaling.deltas import difference
from signaling.model import CallRecord, SeatRecord, hands_of, has_right, rights_of, state_of
from signaling.rules import House
from tests.signaling.call_steps import Life, lived, lives
from tests.signaling.calls_by_hand import advanced, plain

TAKEOVER = House(max_peers=4, takeover=True)
SEATS = House(max_peers=4, takeover=False)


def check(record: CallRecord) -> None:
    inside = record.inside()
    assert len(inside) <= 4
    assert sum(seat.floor for seat in record.taken()) <= 1
    assert set(hands_of(record)) <= {seat.id for seat in inside}
    assert (record.ended_at is None) or not record.taken()
    for seat in record.seats.values():
        check_seat(seat, record)


def check_seat(seat: SeatRecord, record: CallRecord) -> None:
    if seat.seat is None:
        assert seat.left_at is not None
        assert seat.reason is not None
        assert (seat.tracks, seat.connected, seat.floor, seat.hand_raised_at) == ((), False, False, None)
        assert seat.joined_at is None or seat.joined_at <= seat.left_at
        return
    assert seat.left_at is None
    assert (seat.joined_at is not None) is (seat.seat is Seat.IN)
    assert seat.connected is (seat.dropped_at is None)
    assert len({track.source for track in seat.tracks}) == len(seat.tracks)
    for track in seat.tracks:
        allowed = has_right(rights_of(seat, record), track.source)
        assert allowed or (track.muted and track.source in {Source.MICROPHONE, Source.CAMERA})


@settings(max_examples=200, deadline=None)
@given(lives(TAKEOVER))
def test_the_invariants_hold_after_every_step(steps: list[Life]) -> None:
    for record in lived(steps, TAKEOVER):
        check(record)
        users = [seat.user.id for seat in record.taken()]
        assert len(users) == len(set(users)), "with takeover, everybody has one seat"


@settings(max_examples=200, deadline=None)
@given(lives(SEATS))
def test_the_invariants_hold_where_everybody_may_have_several_seats(steps: list[Life]) -> None:
    for record in lived(steps, SEATS):
        check(record)


@settings(max_examples=100, deadline=None)
@given(lives(SEATS))
def test_nobody_is_ever_heard_or_seen_again_without_asking_for_it(steps: list[Life]) -> None:
    for before, after in pairwise(lived(steps, SEATS)):
        muted = {(seat.id, track.id) for seat in before.inside() for track in seat.tracks if track.muted}
        loud = {(seat.id, track.id) for seat in after.inside() for track in seat.tracks if not track.muted}
        for peer_id, _ in muted & loud:
            step = steps_between(steps, after)
            assert step.endswith("unmutes"), f"{peer_id} was unmuted by: {step}"


def steps_between(steps: list[Life], after: CallRecord) -> str:
    """The step that led to a state, found by living again."""
    for count in range(1, len(steps) + 1):
        if lived(steps[:count], SEATS)[-1].version == after.version:
            return steps[count - 1].name
    raise AssertionError("no step led there")


@settings(max_examples=100, deadline=None)
@given(lives(SEATS))
def test_deltas_lead_from_every_version_to_the_snapshot_of_every_later_one(steps: list[Life]) -> None:
    records = lived(steps, SEATS)
    for staff in (True, False):
        for first, before in enumerate(records):
            state = state_of(before, for_staff=staff)
            for after in records[first + 1 :: 3]:
                told = difference(before, after, {}, was_staff=staff, is_staff=staff)
                assert plain(advanced(state, told)) == plain(state_of(after, for_staff=staff))


@settings(max_examples=200, deadline=None)
@given(lives(SEATS))
def test_one_delta_after_another_leads_to_the_snapshot(steps: list[Life]) -> None:
    records = lived(steps, SEATS)
    for staff in (True, False):
        state = state_of(records[0], for_staff=staff)
        for before, after in pairwise(records):
            state = advanced(state, difference(before, after, {}, was_staff=staff, is_staff=staff))
            assert plain(state) == plain(state_of(after, for_staff=staff))


@settings(max_examples=200, deadline=None)
@given(lives(SEATS))
def test_who_begins_or_ceases_to_be_staff_sees_the_lobby_appear_or_go(steps: list[Life]) -> None:
    for before, after in pairwise(lived(steps, SEATS)):
        for was in (True, False):
            told = difference(before, after, {}, was_staff=was, is_staff=not was)
            state = advanced(state_of(before, for_staff=was), told)
            assert plain(state) == plain(state_of(after, for_staff=not was))


@settings(max_examples=200, deadline=None)
@given(lives(SEATS))
def test_nobody_but_the_staff_is_told_of_the_lobby(steps: list[Life]) -> None:
    for before, after in pairwise(lived(steps, SEATS)):
        told = difference(before, after, {}, was_staff=False, is_staff=False)
        waiting = {
            seat.id for record in (before, after) for seat in record.taken() if seat.seat is Seat.LOBBY
        }
        inside = {seat.id for record in (before, after) for seat in record.inside()}
        named = {peer.id for peer in told.peers} | {one.peer_id for one in told.gone} | set(told.hands)
        assert not named & (waiting - inside)
