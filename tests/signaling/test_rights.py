"""Who may publish what, as a table: from staff, policy, token, block and floor."""

from dataclasses import replace
from itertools import product

import pytest

from contract.calls import Policy, Rights, Source, Track, WhoMay
from contract.errors import Forbidden, NotFound
from signaling import rules
from signaling.model import has_right, rights_of
from tests.signaling.calls_by_hand import HOUSE, at, call_of, led, newcomer, seat_id, sources, with_track

# (staff, floor, for everybody, allowed by the token, blocked): whether one may. Written by hand.
ALLOWED = {
    # a pupil
    (False, False, True, True, False): True,
    (False, False, True, True, True): False,
    (False, False, True, False, False): False,
    (False, False, True, False, True): False,
    (False, False, False, True, False): False,
    (False, False, False, True, True): False,
    (False, False, False, False, False): False,
    (False, False, False, False, True): False,
    # a pupil with the floor
    (False, True, True, True, False): True,
    (False, True, True, True, True): False,
    (False, True, True, False, False): False,
    (False, True, True, False, True): False,
    (False, True, False, True, False): True,
    (False, True, False, True, True): False,
    (False, True, False, False, False): False,
    (False, True, False, False, True): False,
    # staff
    (True, False, True, True, False): True,
    (True, False, True, True, True): False,
    (True, False, True, False, False): False,
    (True, False, True, False, True): False,
    (True, False, False, True, False): True,
    (True, False, False, True, True): False,
    (True, False, False, False, False): False,
    (True, False, False, False, True): False,
    # staff with the floor
    (True, True, True, True, False): True,
    (True, True, True, True, True): False,
    (True, True, True, False, False): False,
    (True, True, True, False, True): False,
    (True, True, False, True, False): True,
    (True, True, False, True, True): False,
    (True, True, False, False, False): False,
    (True, True, False, False, True): False,
}
RIGHT_SOURCES = [Source.MICROPHONE, Source.CAMERA, Source.SCREEN]


def test_the_table_has_every_case() -> None:
    assert set(ALLOWED) == set(product([False, True], repeat=5))


@pytest.mark.parametrize("case", ALLOWED, ids=lambda case: "".join("YN"[not flag] for flag in case))
@pytest.mark.parametrize("source", RIGHT_SOURCES)
def test_a_right_follows_from_staff_floor_policy_token_and_block(
    case: tuple[bool, bool, bool, bool, bool], source: Source
) -> None:
    staff, floor, everybody, granted, blocked = case
    record = call_of(
        "ada", policy=Policy.model_validate({source.value: WhoMay.EVERYBODY if everybody else WhoMay.STAFF})
    )
    seat = replace(
        record.seats[seat_id("ada")],
        staff=staff,
        floor=floor,
        grants=Rights(**{**dict.fromkeys(("microphone", "camera", "screen"), True), source.value: granted}),
        blocked=frozenset({source}) if blocked else frozenset(),
    )
    record = record.with_seat(seat)
    rights = rights_of(seat, record)
    assert has_right(rights, source) is ALLOWED[case]
    others = [one for one in RIGHT_SOURCES if one is not source]
    assert all(has_right(rights, one) for one in others), "each source has a right of its own"
    track = Track(id="t", source=source, muted=False, stream_id="s")
    if ALLOWED[case]:
        assert rules.publish(record, seat.id, track).seats[seat.id].tracks == (track,)
    else:
        with pytest.raises(Forbidden):
            rules.publish(record, seat.id, track)


@pytest.mark.parametrize("allowed", [True, False])
def test_the_sound_of_a_screen_needs_the_right_to_the_screen(allowed: bool) -> None:
    rights = Rights(microphone=not allowed, camera=not allowed, screen=allowed)
    assert has_right(rights, Source.SCREEN_AUDIO) is allowed


def test_a_track_takes_the_place_of_the_one_of_its_source() -> None:
    record = with_track(call_of("ada"), "ada", Source.CAMERA)
    again = Track(id="second", source=Source.CAMERA, muted=False, stream_id="other")
    record = rules.publish(record, seat_id("ada"), again)
    assert record.seats[seat_id("ada")].tracks == (again,)


def test_the_sound_of_a_screen_goes_with_the_screen() -> None:
    record = with_track(with_track(call_of("ada"), "ada", Source.SCREEN), "ada", Source.SCREEN_AUDIO)
    record = rules.unpublish(record, seat_id("ada"), "track_ada_screen")
    assert sources(record, "ada") == set()


def test_a_screen_stays_without_its_sound() -> None:
    record = with_track(with_track(call_of("ada"), "ada", Source.SCREEN), "ada", Source.SCREEN_AUDIO)
    record = rules.unpublish(record, seat_id("ada"), "track_ada_screen_audio")
    assert sources(record, "ada") == {Source.SCREEN}


def test_one_mutes_and_unmutes_ones_own_track() -> None:
    record = with_track(call_of("ada"), "ada")
    record = rules.mute(record, seat_id("ada"), "track_ada_microphone", muted=True)
    assert sources(record, "ada", loud=True) == set()
    record = rules.mute(record, seat_id("ada"), "track_ada_microphone", muted=False)
    assert sources(record, "ada", loud=True) == {Source.MICROPHONE}


def test_whoever_is_blocked_cannot_come_back_with_a_new_track() -> None:
    record = led(with_track(call_of("ada"), "ada"), "mute", "ada", source=Source.MICROPHONE)
    with pytest.raises(Forbidden):
        with_track(record, "ada", muted=False)
    with pytest.raises(Forbidden):
        with_track(record, "ada", muted=True)


def test_a_token_with_fewer_rights_counts_from_the_resume_on() -> None:
    record = with_track(with_track(call_of("ada"), "ada"), "ada", Source.SCREEN)
    poorer = replace(newcomer("ada"), grants=Rights(microphone=False, camera=True, screen=False))
    record = rules.resume(record, seat_id("ada"), poorer, fresh=False)
    assert sources(record, "ada") == {Source.MICROPHONE}
    assert sources(record, "ada", loud=True) == set()


def test_who_is_no_longer_staff_falls_silent_where_only_staff_may_speak() -> None:
    record = with_track(call_of(policy=Policy(microphone=WhoMay.STAFF)), "noor")
    everything = record.seats[seat_id("noor")].grants
    record = rules.restand(record, "noor", staff=False, grants=everything)
    assert sources(record, "noor", loud=True) == set()
    record = rules.restand(record, "noor", staff=True, grants=everything)
    assert sources(record, "noor", loud=True) == set(), "nobody is unmuted from afar"


def test_nobody_publishes_from_the_lobby() -> None:
    record = rules.join(call_of(policy=Policy(lobby=True)), newcomer("ada"), HOUSE, at(5))
    with pytest.raises(NotFound):
        with_track(record, "ada")
