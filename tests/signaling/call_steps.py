"""Random lives of a call, for property tests: whatever people ask for, in any order."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from contract.calls import LeaveReason, Moderate, Moderation, Rights, Source, Track, WhoMay
from contract.errors import DomainError
from signaling import moderation, rules
from signaling.model import EVERYTHING, CallRecord
from signaling.rules import House
from tests.signaling.calls_by_hand import CALL_ID, at, call_of, newcomer

GRACE = timedelta(seconds=10)
NAMES = ["noor", "omar", "ada", "ben", "cleo"]
STAFF = {"noor", "omar"}
POORER = Rights(microphone=True, camera=False, screen=False)

Step = Callable[[CallRecord, datetime, int], CallRecord]


@dataclass(frozen=True)
class Life:
    """A step with its name, as hypothesis shows it."""

    name: str
    step: Step

    def __repr__(self) -> str:
        return self.name


def lived(steps: list[Life], house: House) -> list[CallRecord]:
    """The call after each step that was not refused, with its version; the seats that are empty are not carried on, as in
    the database.
    """
    record = call_of("ada", "ben", house=house)
    records = [record]
    for number, one in enumerate(steps, 1):
        now = at(number * 4)
        try:
            after = (
                rules.ended_if_empty(one.step(record, now, number), now)
                if record.taken()
                else one.step(record, now, number)
            )
        except DomainError:
            continue
        if after == record:
            continue
        record = replace(after, version=record.version + 1)
        records.append(record)
        if record.ended_at is not None:
            break
        record = replace(record, seats={seat.id: seat for seat in record.taken()})
    return records


def lives(house: House) -> st.SearchStrategy[list[Life]]:
    return st.lists(_steps(house), min_size=8, max_size=40)


def _steps(house: House) -> st.SearchStrategy[Life]:
    names, picks = st.sampled_from(NAMES), st.integers(0, 6)
    sources = st.sampled_from(list(Source))
    return st.one_of(
        st.builds(_join, names, st.just(house), st.just(False)),
        st.builds(_join, names, st.just(house), st.just(False)),
        st.builds(_join, names, st.just(house), st.booleans()),
        st.builds(_resume, picks, st.booleans()),
        st.builds(_drop, picks),
        st.builds(_lapse, picks),
        st.builds(_leave, picks),
        st.builds(_publish, picks, sources, st.booleans()),
        st.builds(_publish, picks, sources, st.booleans()),
        st.builds(_unpublish, picks, picks),
        st.builds(_mute, picks, picks, st.booleans()),
        st.builds(_hand, picks, st.booleans()),
        st.builds(_restand, names, st.booleans()),
        st.builds(_lose, picks),
        _moderations(house),
        _moderations(house),
    )


def _moderations(house: House) -> st.SearchStrategy[Life]:
    policy = st.fixed_dictionaries(
        {},
        optional={
            "microphone": st.sampled_from(list(WhoMay)),
            "camera": st.sampled_from(list(WhoMay)),
            "screen": st.sampled_from(list(WhoMay)),
            "lobby": st.booleans(),
            "locked": st.booleans(),
        },
    )
    return st.builds(
        _moderate,
        st.sampled_from(list(Moderation)),
        st.tuples(st.integers(0, 6), st.integers(0, 6)),
        st.sampled_from(list(Source)),
        policy,
        st.just(house),
    )


def _picked(record: CallRecord, pick: int) -> str:
    taken = record.taken()
    return taken[pick % len(taken)].id if taken else "nobody"


def _join(name: str, house: House, put_out: bool) -> Life:
    def step(record: CallRecord, now: datetime, number: int) -> CallRecord:
        new = newcomer(name, device=f"{number:03}", staff=name in STAFF, node=f"n{number % 2}")
        return rules.join(record, replace(new, shut_out=put_out), house, now)

    return Life(f"{name} joins{' after being put out' if put_out else ''}", step)


def _resume(pick: int, fresh: bool) -> Life:
    def step(record: CallRecord, _now: datetime, number: int) -> CallRecord:
        peer_id = _picked(record, pick)
        seat = record.seats.get(peer_id)
        name = seat.user.id if seat is not None else "ada"
        new = newcomer(name, device=f"{number:03}", staff=name in STAFF)
        return rules.resume(record, peer_id, new, fresh=fresh)

    return Life(f"{pick} resumes{' afresh' if fresh else ''}", step)


def _drop(pick: int) -> Life:
    def step(record: CallRecord, now: datetime, _number: int) -> CallRecord:
        peer_id = _picked(record, pick)
        seat = record.seats.get(peer_id)
        return rules.drop(record, peer_id, seat.sid if seat else "", now)

    return Life(f"{pick} drops", step)


def _lapse(pick: int) -> Life:
    return Life(
        f"{pick} lapses", lambda record, now, _: rules.lapse(record, _picked(record, pick), GRACE, now)
    )


def _leave(pick: int) -> Life:
    return Life(
        f"{pick} leaves",
        lambda record, now, _: rules.leave(record, _picked(record, pick), LeaveReason.LEFT, now),
    )


def _lose(pick: int) -> Life:
    return Life(
        f"{pick}'s node dies",
        lambda record, now, _: rules.lose(
            record, _picked(record, pick), "n1", now - timedelta(seconds=9), now
        ),
    )


def _publish(pick: int, source: Source, muted: bool) -> Life:
    def step(record: CallRecord, _now: datetime, number: int) -> CallRecord:
        track = Track(id=f"track_{number}", source=source, muted=muted, stream_id=f"s{number}")
        return rules.publish(record, _picked(record, pick), track)

    return Life(f"{pick} publishes {source.value}", step)


def _track(record: CallRecord, peer_id: str, pick: int) -> str:
    seat = record.seats.get(peer_id)
    return seat.tracks[pick % len(seat.tracks)].id if seat is not None and seat.tracks else "none"


def _unpublish(pick: int, track: int) -> Life:
    def step(record: CallRecord, _now: datetime, _number: int) -> CallRecord:
        peer_id = _picked(record, pick)
        return rules.unpublish(record, peer_id, _track(record, peer_id, track))

    return Life(f"{pick} unpublishes", step)


def _mute(pick: int, track: int, muted: bool) -> Life:
    def step(record: CallRecord, _now: datetime, _number: int) -> CallRecord:
        peer_id = _picked(record, pick)
        return rules.mute(record, peer_id, _track(record, peer_id, track), muted=muted)

    return Life(f"{pick} {'mutes' if muted else 'unmutes'}", step)


def _hand(pick: int, up: bool) -> Life:
    def step(record: CallRecord, now: datetime, _number: int) -> CallRecord:
        peer_id = _picked(record, pick)
        return rules.raise_hand(record, peer_id, now) if up else rules.lower_hand(record, peer_id)

    return Life(f"{pick} {'raises' if up else 'lowers'} a hand", step)


def _restand(name: str, staff: bool) -> Life:
    grants = EVERYTHING if staff else POORER
    return Life(
        f"{name} {'becomes' if staff else 'ceases to be'} staff",
        lambda record, _, __: rules.restand(record, name, staff=staff, grants=grants),
    )


def _moderate(
    action: Moderation, who: tuple[int, int], source: Source, policy: dict[str, object], house: House
) -> Life:
    by, target = who

    def step(record: CallRecord, now: datetime, _number: int) -> CallRecord:
        wish = Moderate.model_validate(
            {
                "call_id": CALL_ID,
                "action": action,
                "peer_id": _picked(record, target),
                "source": source,
                "policy": policy,
            }
        )
        return moderation.moderate(record, _picked(record, by), wish, house, now)

    return Life(f"{by} asks for {action.value} of {target} ({source.value}, {policy})", step)
