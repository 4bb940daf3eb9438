"""Taking a seat, coming back to it, losing it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contract.calls import LeaveReason, Policy, Rights, Seat, Source
from contract.errors import Conflict, Forbidden, NotFound
from signaling import rules
from signaling.model import EVERYTHING, hands_of
from signaling.rules import House
from tests.signaling.calls_by_hand import (
    HOUSE,
    SEATS,
    at,
    call_of,
    led,
    names_inside,
    names_waiting,
    newcomer,
    seat_id,
    sources,
    with_track,
)

GRACE = timedelta(seconds=10)

# (lobby, staff, somebody already inside from another device, put out before): who waits. Written by hand.
WAITS = {
    (False, False, False, False): False,
    (False, False, False, True): True,
    (False, False, True, False): False,
    (False, False, True, True): False,
    (False, True, False, False): False,
    (False, True, False, True): False,
    (False, True, True, False): False,
    (False, True, True, True): False,
    (True, False, False, False): True,
    (True, False, False, True): True,
    (True, False, True, False): False,
    (True, False, True, True): False,
    (True, True, False, False): False,
    (True, True, False, True): False,
    (True, True, True, False): False,
    (True, True, True, True): False,
}


@pytest.mark.parametrize("case", WAITS, ids=lambda case: "".join("YN"[not flag] for flag in case))
@pytest.mark.parametrize("house", [HOUSE, SEATS], ids=["takeover", "seat"])
def test_who_waits_in_the_lobby(case: tuple[bool, bool, bool, bool], house: House) -> None:
    lobby, staff, inside, put_out = case
    record = call_of(*(["ada"] if inside else []))
    record = replace(record, call=record.call.model_copy(update={"policy": Policy(lobby=lobby)}))
    new = replace(newcomer("ada", device="2", staff=staff), shut_out=put_out)
    seat = rules.join(record, new, house, at(9)).seats[seat_id("ada", "2")]
    assert seat.seat is (Seat.LOBBY if WAITS[case] else Seat.IN)
    assert seat.joined_at == (None if WAITS[case] else at(9))


@pytest.mark.parametrize(
    ("staff", "inside", "comes_in"), [(False, False, False), (True, False, True), (False, True, True)]
)
def test_a_locked_call_takes_only_staff_and_who_is_in_it_already(
    staff: bool, inside: bool, comes_in: bool
) -> None:
    record = call_of(*(["ada"] if inside else []))
    record = led(record, "policy", locked=True)
    new = newcomer("ada", device="2", staff=staff)
    if comes_in:
        assert names_inside(rules.join(record, new, HOUSE, at(9))).count("ada") == 1
    else:
        with pytest.raises(Forbidden):
            rules.join(record, new, HOUSE, at(9))


def test_a_full_call_takes_nobody_more() -> None:
    house = House(max_peers=3, takeover=True)
    record = call_of("ada", "ben", house=house)
    with pytest.raises(Conflict):
        rules.join(record, newcomer("cleo", staff=True), house, at(9))


def test_a_second_device_takes_over_even_in_a_full_call() -> None:
    house = House(max_peers=3, takeover=True)
    record = rules.join(call_of("ada", "ben", house=house), newcomer("ben", device="2"), house, at(9))
    assert [seat.id for seat in record.inside()].count(seat_id("ben", "2")) == 1
    assert record.seats[seat_id("ben")].reason is LeaveReason.TAKEN_OVER
    assert record.seats[seat_id("ben")].left_at == at(9)


def test_a_second_device_has_a_seat_of_its_own_where_the_operator_wants_it_so() -> None:
    record = rules.join(call_of("ada"), newcomer("ada", device="2"), SEATS, at(9))
    assert sorted(names_inside(record)) == ["ada", "ada", "noor"]


def test_a_connection_has_one_seat_in_a_call_whatever_the_setting() -> None:
    again = replace(newcomer("ada", device="2"), sid="sid_ada_1")
    record = rules.join(call_of("ada"), again, SEATS, at(9))
    assert names_inside(record).count("ada") == 1


@pytest.mark.parametrize("house", [HOUSE, SEATS], ids=["takeover", "seat"])
def test_a_block_survives_a_second_device(house: House) -> None:
    record = led(call_of("ada"), "mute", "ada", source=Source.MICROPHONE)
    record = rules.join(record, newcomer("ada", device="2"), house, at(200))
    assert record.seats[seat_id("ada", "2")].blocked == {Source.MICROPHONE}


def test_a_block_survives_leaving_and_coming_back() -> None:
    new = replace(newcomer("ada", device="2"), blocked=frozenset({Source.MICROPHONE}))
    record = rules.join(call_of(), new, HOUSE, at(9))
    assert record.seats[seat_id("ada", "2")].blocked == {Source.MICROPHONE}


@pytest.mark.parametrize("fresh", [True, False])
def test_a_block_and_a_hand_survive_a_resume(fresh: bool) -> None:
    record = led(with_track(call_of("ada"), "ada"), "mute", "ada", source=Source.MICROPHONE)
    record = rules.raise_hand(record, seat_id("ada"), at(150))
    record = rules.drop(record, seat_id("ada"), "sid_ada_1", at(200))
    record = rules.resume(record, seat_id("ada"), newcomer("ada", device="2"), fresh=fresh)
    seat = record.seats[seat_id("ada")]
    assert seat.blocked == {Source.MICROPHONE}
    assert hands_of(record) == [seat_id("ada")]
    assert sources(record, "ada", loud=True) == set()


def test_a_resume_keeps_the_session_and_the_tracks_and_the_time_of_joining() -> None:
    record = with_track(call_of("ada"), "ada")
    before = record.seats[seat_id("ada")]
    record = rules.drop(record, seat_id("ada"), "sid_ada_1", at(20))
    assert not record.seats[seat_id("ada")].connected
    record = rules.resume(record, seat_id("ada"), newcomer("ada", device="2", node="n2"), fresh=False)
    after = record.seats[seat_id("ada")]
    assert after == replace(before, node_id="n2", sid="sid_ada_2")


def test_a_fresh_resume_has_a_new_session_and_no_tracks() -> None:
    record = with_track(call_of("ada"), "ada")
    record = rules.resume(record, seat_id("ada"), newcomer("ada", device="2"), fresh=True)
    after = record.seats[seat_id("ada")]
    assert (after.session, after.tracks, after.joined_at) == ("ps_ada_2", (), at(1))


def test_a_seat_is_resumed_only_with_its_secret_by_its_owner_and_while_it_is_taken() -> None:
    record = call_of("ada", "ben")
    gone = rules.leave(record, seat_id("ada"), LeaveReason.LEFT, at(9))
    attempts = [
        (record, seat_id("ada"), newcomer("ada", secret="another")),
        (record, seat_id("ada"), newcomer("ben", secret="secret_ada")),
        (record, seat_id("noor"), newcomer("ada")),
        (record, "peer_unknown", newcomer("ada")),
        (gone, seat_id("ada"), newcomer("ada")),
    ]
    for there, peer_id, new in attempts:
        with pytest.raises(NotFound):
            rules.resume(there, peer_id, new, fresh=False)


def test_the_end_of_an_older_connection_drops_nothing() -> None:
    record = rules.resume(call_of("ada"), seat_id("ada"), newcomer("ada", device="2"), fresh=False)
    assert rules.drop(record, seat_id("ada"), "sid_ada_1", at(9)) is record


def test_the_grace_ends_with_the_connection_lost_at_the_time_of_the_drop() -> None:
    record = rules.drop(call_of("ada"), seat_id("ada"), "sid_ada_1", at(20))
    assert rules.lapse(record, seat_id("ada"), GRACE, at(29.9)) is record
    seat = rules.lapse(record, seat_id("ada"), GRACE, at(30)).seats[seat_id("ada")]
    assert (seat.seat, seat.left_at, seat.reason) == (None, at(20), LeaveReason.CONNECTION_LOST)


def test_the_grace_of_an_earlier_drop_does_not_end_a_later_one() -> None:
    record = rules.drop(call_of("ada"), seat_id("ada"), "sid_ada_1", at(20))
    record = rules.resume(record, seat_id("ada"), newcomer("ada", device="2"), fresh=False)
    assert rules.lapse(record, seat_id("ada"), GRACE, at(30)) is record
    record = rules.drop(record, seat_id("ada"), "sid_ada_2", at(28))
    assert rules.lapse(record, seat_id("ada"), GRACE, at(30)) is record


def test_the_grace_of_a_seat_that_is_empty_already_ends_nothing() -> None:
    record = rules.leave(call_of("ada"), seat_id("ada"), LeaveReason.REMOVED, at(20))
    assert rules.lapse(record, seat_id("ada"), GRACE, at(90)) is record
    assert rules.lapse(record, "peer_of_long_ago", GRACE, at(90)) is record


@pytest.mark.parametrize("reason", [LeaveReason.TAKEN_OVER, LeaveReason.ENDED, LeaveReason.REMOVED])
def test_whose_connection_was_away_was_there_until_it_dropped(reason: LeaveReason) -> None:
    record = rules.drop(call_of("ada"), seat_id("ada"), "sid_ada_1", at(20))
    assert rules.leave(record, seat_id("ada"), reason, at(25)).seats[seat_id("ada")].left_at == at(20)


def test_a_dead_node_loses_its_seats_as_of_its_last_sign_of_life() -> None:
    record = rules.lose(call_of("ada"), seat_id("ada"), "n1", at(50), at(65))
    seat = record.seats[seat_id("ada")]
    assert (seat.seat, seat.left_at, seat.reason) == (None, at(50), LeaveReason.NODE_LOST)


def test_a_stay_never_ends_before_it_began_or_after_now() -> None:
    assert rules.lose(call_of("ada"), seat_id("ada"), "n1", at(-50), at(65)).seats[
        seat_id("ada")
    ].left_at == at(1)
    assert rules.lose(call_of("ada"), seat_id("ada"), "n1", at(99), at(65)).seats[
        seat_id("ada")
    ].left_at == at(65)


def test_a_seat_that_was_resumed_elsewhere_is_not_lost_with_the_node() -> None:
    record = rules.resume(call_of("ada"), seat_id("ada"), newcomer("ada", device="2", node="n2"), fresh=False)
    assert rules.lose(record, seat_id("ada"), "n1", at(50), at(65)) is record


def test_a_call_in_which_nobody_is_left_is_over() -> None:
    record = rules.leave(call_of("ada"), seat_id("ada"), LeaveReason.LEFT, at(20))
    assert rules.ended_if_empty(record, at(30)).ended_at is None
    record = rules.leave(record, seat_id("noor"), LeaveReason.LEFT, at(25))
    assert rules.ended_if_empty(record, at(30)).ended_at == at(25)


def test_staff_ends_the_call_for_everybody() -> None:
    record = rules.end_by(call_of("ada"), seat_id("noor"), at(60))
    assert record.ended_at == at(60)
    assert record.taken() == []
    assert {seat.reason for seat in record.seats.values()} == {LeaveReason.ENDED}


def test_others_end_it_only_when_they_are_alone() -> None:
    with pytest.raises(Forbidden):
        rules.end_by(call_of("ada"), seat_id("ada"), at(60))
    alone = rules.leave(call_of("ada"), seat_id("noor"), LeaveReason.LEFT, at(50))
    assert rules.end_by(alone, seat_id("ada"), at(60)).ended_at == at(60)


def test_whoever_waits_counts_as_somebody_else() -> None:
    record = rules.leave(call_of("ada"), seat_id("noor"), LeaveReason.LEFT, at(50))
    record = replace(record, call=record.call.model_copy(update={"policy": Policy(lobby=True)}))
    record = rules.join(record, newcomer("ben"), HOUSE, at(55))
    assert names_waiting(record) == ["ben"]
    with pytest.raises(Forbidden):
        rules.end_by(record, seat_id("ada"), at(60))


def test_hands_are_in_the_order_in_which_they_were_raised() -> None:
    record = call_of("ada", "ben", "cleo")
    for name, seconds in (("cleo", 10), ("ada", 11), ("ben", 12)):
        record = rules.raise_hand(record, seat_id(name), at(seconds))
    assert hands_of(record) == [seat_id("cleo"), seat_id("ada"), seat_id("ben")]
    assert rules.raise_hand(record, seat_id("cleo"), at(20)) is record, "who is up keeps the place"
    record = rules.raise_hand(rules.lower_hand(record, seat_id("cleo")), seat_id("cleo"), at(21))
    assert hands_of(record)[-1] == seat_id("cleo")


def test_hands_raised_in_one_instant_or_by_a_slow_clock_keep_their_order() -> None:
    record = call_of("ada", "ben", "cleo")
    for name, seconds in (("cleo", 10), ("ben", 10), ("ada", 7)):
        record = rules.raise_hand(record, seat_id(name), at(seconds))
    assert hands_of(record) == [seat_id("cleo"), seat_id("ben"), seat_id("ada")]


def test_a_changed_standing_reaches_every_device_of_that_person_alone() -> None:
    record = rules.join(call_of("ada", "ben"), newcomer("ada", device="2"), SEATS, at(9))
    rights = Rights(microphone=False, camera=True, screen=True)
    record = rules.restand(record, "ada", staff=True, grants=rights)
    assert {seat.id for seat in record.taken() if seat.grants == rights} == {
        seat_id("ada"),
        seat_id("ada", "2"),
    }
    assert record.seats[seat_id("ben")].grants == EVERYTHING
