"""What staff does to lead a call."""

from dataclasses import replace

import pytest

from contract.calls import LeaveReason, Moderate, Moderation, Policy, Rights, Seat, Source, WhoMay
from contract.errors import Conflict, Forbidden, NotFound
from signaling import moderation, rules
from signaling.model import CallRecord, hands_of, rights_of
from signaling.rules import House
from tests.signaling.calls_by_hand import (
    CALL_ID,
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

WISHES: dict[str, dict[str, object]] = {
    "mute": {"source": Source.MICROPHONE},
    "allow": {"source": Source.MICROPHONE},
    "policy": {"lobby": True},
}


def waiting(*names: str) -> CallRecord:
    """A call with a lobby in which these people wait, and Ada inside."""
    record = led(call_of("ada"), "policy", lobby=True)
    for number, name in enumerate(names):
        record = rules.join(record, newcomer(name), HOUSE, at(10 + number))
    return record


@pytest.mark.parametrize("action", Moderation)
def test_everything_is_refused_to_whoever_is_not_staff(action: Moderation) -> None:
    record = waiting("ben")
    target = "ben" if action in {Moderation.ADMIT, Moderation.DENY} else "noor"
    with pytest.raises(Forbidden):
        led(record, action, target, by="ada", **WISHES.get(action, {}))  # type: ignore[arg-type]  # by name
    with pytest.raises(NotFound):
        led(record, action, target, by="ben", **WISHES.get(action, {}))  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("action", [one for one in Moderation if one is not Moderation.POLICY])
def test_nothing_is_done_to_a_seat_that_is_not_there(action: Moderation) -> None:
    with pytest.raises(NotFound):
        led(call_of("ada"), action, "nobody", **WISHES.get(action, {}))  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("source", [Source.MICROPHONE, Source.CAMERA])
def test_a_mute_silences_and_blocks_until_it_is_lifted_and_nobody_is_unmuted_from_afar(
    source: Source,
) -> None:
    record = with_track(call_of("ada"), "ada", source)
    track_id = f"track_ada_{source.value}"
    record = led(record, "mute", "ada", source=source)
    assert record.seats[seat_id("ada")].blocked == {source}
    assert sources(record, "ada", loud=True) == set()
    with pytest.raises(Forbidden):
        rules.mute(record, seat_id("ada"), track_id, muted=False)
    record = led(record, "allow", "ada", source=source)
    assert sources(record, "ada") == {source}
    assert sources(record, "ada", loud=True) == set(), "nobody is unmuted from afar"
    record = rules.mute(record, seat_id("ada"), track_id, muted=False)
    assert sources(record, "ada", loud=True) == {source}


@pytest.mark.parametrize("source", [Source.SCREEN, Source.SCREEN_AUDIO])
def test_a_muted_screen_is_no_longer_shared(source: Source) -> None:
    record = with_track(with_track(call_of("ada"), "ada", Source.SCREEN), "ada", Source.SCREEN_AUDIO)
    record = led(record, "mute", "ada", source=source)
    assert sources(record, "ada") == set()
    with pytest.raises(Forbidden):
        with_track(record, "ada", Source.SCREEN)
    record = led(record, "allow", "ada", source=source)
    assert sources(with_track(record, "ada", Source.SCREEN), "ada") == {Source.SCREEN}


def test_muting_all_silences_everybody_but_the_staff() -> None:
    record = call_of("ada", "ben")
    for name in ("noor", "ada", "ben"):
        record = with_track(record, name)
    record = led(record, "mute", source=Source.MICROPHONE)
    assert [name for name in ("noor", "ada", "ben") if sources(record, name, loud=True)] == ["noor"]


def test_a_mute_reaches_every_device_of_a_person() -> None:
    record = rules.join(call_of("ada", "ben"), newcomer("ada", device="2"), SEATS, at(9))
    record = led(record, "mute", "ada", source=Source.CAMERA)
    blocked = {seat.id for seat in record.taken() if seat.blocked}
    assert blocked == {seat_id("ada"), seat_id("ada", "2")}
    record = led(record, "allow", "ada", device="2", source=Source.CAMERA)
    assert [seat for seat in record.taken() if seat.blocked] == []


def test_a_screen_share_is_stopped_and_may_begin_again() -> None:
    record = with_track(with_track(call_of("ada"), "ada", Source.SCREEN), "ada", Source.SCREEN_AUDIO)
    record = led(with_track(record, "ada"), "stop_screen", "ada")
    assert sources(record, "ada") == {Source.MICROPHONE}
    assert sources(with_track(record, "ada", Source.SCREEN), "ada") == {Source.MICROPHONE, Source.SCREEN}


def test_a_person_is_removed_with_all_devices() -> None:
    record = rules.join(call_of("ada", "ben"), newcomer("ada", device="2"), SEATS, at(9))
    record = led(record, "remove", "ada", seconds=50)
    assert names_inside(record) == ["ben", "noor"]
    assert [(seat.left_at, seat.reason) for seat in record.seats.values() if seat.user.id == "ada"] == [
        (at(50), LeaveReason.REMOVED)
    ] * 2


def test_the_lobby_admits_and_denies() -> None:
    record = led(waiting("ben", "cleo"), "admit", "ben", seconds=60)
    assert (names_inside(record), names_waiting(record)) == (["ada", "ben", "noor"], ["cleo"])
    assert record.seats[seat_id("ben")].joined_at == at(60)
    record = led(record, "deny", "cleo", seconds=61)
    assert names_waiting(record) == []
    cleo = record.seats[seat_id("cleo")]
    assert (cleo.reason, cleo.joined_at) == (LeaveReason.DENIED, None)


@pytest.mark.parametrize("action", ["admit", "deny"])
def test_only_who_waits_is_admitted_or_denied(action: str) -> None:
    with pytest.raises(NotFound):
        led(waiting("ben"), action, "ada")


@pytest.mark.parametrize(
    "action", ["mute", "allow", "stop_screen", "remove", "give_floor", "take_floor", "lower_hand"]
)
def test_who_waits_is_not_led_in_any_other_way(action: str) -> None:
    with pytest.raises(NotFound):
        led(waiting("ben"), action, "ben", **WISHES.get(action, {}))  # type: ignore[arg-type]  # by name


def test_nobody_is_admitted_to_a_full_call() -> None:
    with pytest.raises(Conflict):
        led(waiting("ben"), "admit", "ben", house=House(max_peers=2, takeover=True))


def test_a_closed_lobby_lets_in_who_waited_longest_as_far_as_there_is_room() -> None:
    record = led(
        waiting("ben", "cleo", "dan"), "policy", house=House(max_peers=4, takeover=True), lobby=False
    )
    assert (names_inside(record), names_waiting(record)) == (["ada", "ben", "cleo", "noor"], ["dan"])


def test_another_policy_lets_nobody_in_who_was_put_out() -> None:
    put_out = rules.join(call_of("ada"), replace(newcomer("ben"), shut_out=True), HOUSE, at(10))
    assert names_waiting(put_out) == ["ben"]
    assert names_waiting(led(put_out, "policy", locked=True)) == ["ben"]
    opened = led(led(put_out, "policy", lobby=True), "policy", lobby=False)
    assert names_waiting(opened) == ["ben"]
    assert "ben" in names_inside(led(put_out, "admit", "ben"))


def test_the_floor_is_one_persons_at_a_time_and_lowers_the_hand() -> None:
    record = call_of("ada", "ben", policy=Policy(microphone=WhoMay.STAFF))
    record = rules.raise_hand(rules.raise_hand(record, seat_id("ada"), at(10)), seat_id("ben"), at(11))
    record = led(record, "give_floor", "ada")
    assert hands_of(record) == [seat_id("ben")]
    record = with_track(record, "ada")
    record = led(record, "give_floor", "ben")
    assert [seat.user.id for seat in record.inside() if seat.floor] == ["ben"]
    assert hands_of(record) == []
    assert sources(record, "ada", loud=True) == set(), "the floor was what let Ada speak"
    record = with_track(record, "ben")
    record = led(record, "take_floor", "ben")
    assert [seat for seat in record.inside() if seat.floor] == []
    assert sources(record, "ben", loud=True) == set()


def test_the_floor_lifts_a_microphones_block_and_leaves_it_muted() -> None:
    record = led(with_track(call_of("ada"), "ada"), "mute", "ada", source=Source.MICROPHONE)
    record = led(record, "mute", "ada", source=Source.CAMERA)
    record = led(record, "give_floor", "ada")
    assert record.seats[seat_id("ada")].blocked == {Source.CAMERA}
    assert sources(record, "ada", loud=True) == set()


def test_a_hand_is_lowered_by_staff() -> None:
    record = rules.raise_hand(call_of("ada"), seat_id("ada"), at(10))
    assert hands_of(led(record, "lower_hand", "ada")) == []


def test_a_new_policy_silences_cameras_and_microphones_and_ends_screens_at_once() -> None:
    record = call_of("ada")
    for name in ("noor", "ada"):
        for source in Source:
            record = with_track(record, name, source)
    record = led(record, "policy", microphone="staff", camera="staff", screen="staff")
    assert sources(record, "noor", loud=True) == set(Source)
    assert sources(record, "ada") == {Source.MICROPHONE, Source.CAMERA}
    assert sources(record, "ada", loud=True) == set()
    record = led(record, "policy", microphone="everybody", camera="everybody", screen="everybody")
    assert sources(record, "ada", loud=True) == set(), "nobody is unmuted from afar"


def test_a_policy_changes_only_what_it_names() -> None:
    record = led(led(call_of("ada"), "policy", camera="staff", lobby=True), "policy", locked=True)
    assert record.call.policy == Policy(camera=WhoMay.STAFF, lobby=True, locked=True)


def test_staff_can_be_silenced_by_staff() -> None:
    record = rules.join(call_of(), newcomer("omar", staff=True), HOUSE, at(5))
    record = led(with_track(record, "omar"), "mute", "omar", source=Source.MICROPHONE)
    assert sources(record, "omar", loud=True) == set()


def test_no_moderation_ever_gives_what_the_token_forbids() -> None:
    none = Rights(microphone=False, camera=False, screen=False)
    record = rules.join(call_of(), newcomer("ada", grants=none), HOUSE, at(5))
    for action in ("give_floor", "allow"):
        record = led(record, action, "ada", source=Source.MICROPHONE)
    assert rights_of(record.seats[seat_id("ada")], record) == none


@pytest.mark.parametrize(
    "wish",
    [
        {"action": "policy"},
        {"action": "remove"},
        {"action": "admit"},
        {"action": "mute", "peer_id": "p"},
        {"action": "allow", "source": "camera"},
        {"action": "unmute", "peer_id": "p", "source": "camera"},
        {"action": "mute", "source": "microphone", "by": "noor"},
    ],
)
def test_a_wish_that_is_not_whole_is_refused(wish: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Moderate.model_validate({"call_id": CALL_ID, **wish})


def test_every_action_has_a_step() -> None:
    assert set(moderation._STEPS) == set(Moderation)


def test_who_is_admitted_after_having_been_put_out_is_as_anybody() -> None:
    record = rules.join(call_of("ada"), replace(newcomer("ben"), shut_out=True), HOUSE, at(10))
    seat = led(record, "admit", "ben").seats[seat_id("ben")]
    assert (seat.seat, seat.shut_out) == (Seat.IN, False)
