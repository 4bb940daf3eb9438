"""Any changes, one after the other, while the days pass: what holds whatever was changed."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import DomainError
from contract.meetings import Scope
from contract.schedule import OccurrenceStatus, wall_text
from meetings.model import OccurrenceRecord
from meetings.rules import has_begun
from meetings.schedule import recurrence
from meetings.schedule.zones import wall
from tests.meetings.term import Term

CANCELLED = OccurrenceStatus.CANCELLED

_rules = st.sampled_from(
    [
        "FREQ=DAILY;COUNT=9",
        "FREQ=DAILY;INTERVAL=3;COUNT=6",
        "FREQ=WEEKLY;COUNT=5",
        "FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=8",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;UNTIL=20270110",
        "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261222T090000",
        "FREQ=MONTHLY;BYDAY=-1FR;COUNT=4",
        "FREQ=DAILY;UNTIL=20261205T080000Z",
    ]
)
_times = st.builds(
    lambda day, hour: wall_text(wall("2026-11-20T00:00") + timedelta(days=day, hours=hour)),
    st.integers(0, 60),
    st.sampled_from([2, 9, 10, 23]),
)
_changes = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["Algebra", "Geometry"]),
        "minutes": st.sampled_from([30, 60, 600]),
        "starts": _times,
        "zone": st.sampled_from(["Europe/Paris", "America/Santiago", "Australia/Lord_Howe"]),
        "rule": _rules,
    },
)
_steps = st.lists(
    st.tuples(st.sampled_from([*Scope, "cancel"]), st.integers(0, 20), _changes, st.integers(0, 4)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=80, deadline=None)
@given(_rules, _steps)
def test_whatever_is_changed(rule: str, steps: list[tuple[Scope | str, int, dict[str, Any], int]]) -> None:
    term = Term(rule=rule)
    term.at("2026-11-20T00:00")
    for what, place, changes, days in steps:
        before = term.table
        key = term.keys()[place % len(term.keys())]
        try:
            _step(term, what, key, changes)
        except DomainError:
            assert term.table == before
        _check(term, before.occurrences)
        term.now += timedelta(days=days, hours=9)


def _step(term: Term, what: Scope | str, key: str, changes: dict[str, Any]) -> None:
    if isinstance(what, Scope) and what is Scope.THIS:
        only_its_own = {name: value for name, value in changes.items() if name != "rule"}
        term.this(key, **only_its_own)
    elif isinstance(what, Scope):
        term.change(what, key, **changes)
    else:
        term.cancel(Scope.THIS if "title" in changes else Scope.FOLLOWING, key)


def _check(term: Term, before: tuple[OccurrenceRecord, ...]) -> None:
    rows = [*term.table.occurrences, *term.table.dropped]
    assert len({one.id for one in rows}) == len(rows)
    assert len({one.slot.key for one in rows}) == len(rows)
    for one in before:
        if has_begun(one, term.now):
            assert _told(term.one(one.slot.key)) == _told(one)
    assert list(term.table.occurrences) == sorted(
        term.table.occurrences, key=lambda one: (one.slot.starts_at, one.slot.key)
    )
    for part in term.parts():
        _check_part(term, part.id)


def _told(one: OccurrenceRecord) -> object:
    return one.id, one.slot, one.status, one.changed


def _check_part(term: Term, part_id: str) -> None:
    """What is to come is what the rule says, but for what was put off behind classes that have begun."""
    series = term.table.part(part_id).series
    mine = term.table.of_part(part_id)
    begun = [one.slot.key for one in mine if has_begun(one, term.now)]
    told = {slot.key for slot in recurrence.expand(series)}
    to_come = {
        one.slot.key
        for one in mine
        if not has_begun(one, term.now)
        and one.status is not CANCELLED
        and one.slot.key > max(begun, default="")
    }
    assert to_come <= told
    days = {key[:10] for key in begun} | {one.slot.key[:10] for one in term.table.occurrences}
    assert {key[:10] for key in told if key > max(begun, default="")} <= days
