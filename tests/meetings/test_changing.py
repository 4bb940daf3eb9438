"""What changes of one class, of it and all that follow, and of all to come do to a series."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from contract.errors import Conflict, DomainError, InvalidInput, NotFound
from contract.meetings import MeetingScope, Scope
from contract.schedule import OccurrenceStatus
from meetings import changing
from tests.meetings.term import Term

FOUR = "FREQ=WEEKLY;COUNT=4"
K = ["2026-11-24T09:00", "2026-12-01T09:00", "2026-12-08T09:00", "2026-12-15T09:00"]
LIVE, ENDED, CANCELLED = OccurrenceStatus.LIVE, OccurrenceStatus.ENDED, OccurrenceStatus.CANCELLED


def refused(kind: type[DomainError], field: str | None = None) -> "pytest.RaisesExc[DomainError]":
    return pytest.raises(kind, check=lambda error: field is None or list(error.fields) == [field])


# --------------------------------------------------------------------------------------------------------------- one class


def test_one_class_moves_before_and_after_others() -> None:
    term = Term(rule=FOUR)
    term.this(K[0], starts="2026-12-10T14:00")
    term.this(K[3], starts="2026-11-20T14:00")
    assert term.days() == ["11-20 14:00", "12-01 09:00", "12-08 09:00", "12-10 14:00"]
    assert sorted(term.keys()) == K
    assert [one.changed for one in term.table.occurrences] == [True, False, False, True]
    assert term.rules() == [FOUR]


def test_one_class_does_not_move_onto_another() -> None:
    term = Term(rule=FOUR)
    for starts in (K[2], "2026-12-08T08:30", "2026-12-08T09:59"):
        with refused(Conflict):
            term.this(K[1], starts=starts)
    term.this(K[1], starts="2026-12-08T10:00")
    term.cancel(Scope.THIS, K[2])
    term.this(K[1], starts=K[2])
    assert term.days() == ["11-24 09:00", "12-08 09:00", "12-15 09:00"]


def test_one_class_moved_back_is_as_the_rule_has_it() -> None:
    term = Term(rule=FOUR)
    term.this(K[1], starts="2026-12-02T09:00", title="Test")
    term.this(K[1], starts=K[1], title="Algebra")
    assert not term.one(K[1]).changed
    assert term.one(K[1]).title is None
    assert term.table.meeting.sequence == 2


def test_one_class_may_be_in_another_zone() -> None:
    term = Term(rule=FOUR)
    term.this(K[1], zone="Asia/Tokyo")
    moved = term.one(K[1]).slot
    assert (moved.zone, f"{moved.starts:%H:%M}", f"{moved.starts_at:%H:%M}") == (
        "Asia/Tokyo",
        "09:00",
        "00:00",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rule", "FREQ=DAILY;COUNT=2"),
        ("once", True),
        ("except_dates", [K[2]]),
        ("provider", "builtin"),
        ("policy", {}),
        ("guests", []),
        ("alternative_hosts", []),
        ("host_account", "a@b.example"),
        ("reminders", [5]),
    ],
)
def test_what_is_the_series_is_not_for_one_class(field: str, value: object) -> None:
    with refused(InvalidInput, field):
        Term(rule=FOUR).this(K[1], **{field: value})


def test_a_class_must_be_named_and_be_there() -> None:
    term = Term(rule=FOUR)
    for scope in (Scope.THIS, Scope.FOLLOWING):
        with refused(InvalidInput, "occurrence"):
            changing.target(term.table, MeetingScope(scope=scope))
        with refused(NotFound):
            term.change(scope, "2026-12-02T09:00", title="Geometry")


def test_a_class_that_has_begun_is_history() -> None:
    term = Term(rule=FOUR)
    term.at("2026-12-01T08:00")
    for change in (term.this, term.following):
        with refused(Conflict):
            change(K[1], title="Geometry")
        with refused(Conflict):
            change(K[0], starts="2026-12-20T09:00")
    term.at("2026-12-01T07:00")
    term.sets(K[1], LIVE)  # before its time
    with refused(Conflict):
        term.this(K[1], starts="2026-12-01T11:00")


def test_no_class_moves_into_the_past() -> None:
    term = Term(rule=FOUR)
    term.at("2026-11-30T12:00")
    with refused(InvalidInput, "starts"):
        term.this(K[2], starts="2026-11-30T10:00")
    term.this(K[2], starts="2026-11-30T12:30")  # it has begun, and is not over
    assert term.one(K[2]).slot.starts.hour == 12


def test_a_cancelled_class_is_not_changed() -> None:
    term = Term(rule=FOUR)
    term.cancel(Scope.THIS, K[1])
    with refused(Conflict):
        term.this(K[1], title="Geometry")
    with refused(Conflict):
        term.following(K[1], title="Geometry")


# ----------------------------------------------------------------------------------------------------------- and following


def test_a_split_in_the_middle_leaves_the_count_that_is_left() -> None:
    term = Term(rule=FOUR)
    ids = term.ids()
    term.following(K[2], starts="2026-12-08T14:00", title="Geometry")
    assert term.days() == ["11-24 09:00", "12-01 09:00", "12-08 14:00", "12-15 14:00"]
    assert term.rules() == ["FREQ=WEEKLY;COUNT=2", "FREQ=WEEKLY;COUNT=2"]
    assert term.titles() == ["Algebra", "Algebra", "Geometry", "Geometry"]
    assert term.ids() == ids


def test_a_split_keeps_a_rule_that_ends_on_a_day() -> None:
    term = Term(rule="FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261210T090000")
    assert len(term.days()) == 6
    term.following("2026-12-03T09:00", starts="2026-12-03T14:00")
    assert term.rules() == [
        "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261201",
        "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261210",
    ]
    assert len(term.days()) == 6
    assert term.days()[-1] == "12-10 14:00"


def test_a_split_at_the_first_class_is_none() -> None:
    term = Term(rule=FOUR)
    term.following(K[0], starts="2026-11-24T14:00")
    assert len(term.table.meeting.parts) == 1
    assert term.days() == ["11-24 14:00", "12-01 14:00", "12-08 14:00", "12-15 14:00"]
    assert term.rules() == [FOUR]


def test_a_split_at_the_last_class() -> None:
    term = Term(rule=FOUR)
    term.following(K[3], minutes=90)
    assert term.rules() == ["FREQ=WEEKLY;COUNT=3", "FREQ=WEEKLY;COUNT=1"]
    assert [int(one.slot.length.total_seconds()) for one in term.table.occurrences] == [3600] * 3 + [5400]
    assert not any(one.changed for one in term.table.occurrences)


def test_splitting_twice_and_before_an_earlier_split() -> None:
    term = Term(rule="FREQ=WEEKLY;COUNT=6")
    term.following("2026-12-15T09:00", title="Late")
    term.following("2026-12-29T09:00", title="Later")
    assert term.titles() == ["Algebra"] * 3 + ["Late"] * 2 + ["Later"]
    term.following("2026-12-01T09:00", minutes=45)
    assert [part.series.minutes for part in term.parts()] == [60, 45, 45, 45]
    assert term.titles() == ["Algebra"] * 3 + ["Late"] * 2 + ["Later"]
    term.following("2026-12-08T09:00", starts="2026-12-08T10:00")
    assert term.days() == [
        "11-24 09:00",
        "12-01 09:00",
        "12-08 10:00",
        "12-15 10:00",
        "12-22 10:00",
        "12-29 10:00",
    ]
    assert len({one.id for one in term.table.occurrences}) == 6


def test_a_new_rule_takes_the_place_of_later_parts() -> None:
    term = Term(rule=FOUR)
    term.following(K[2], title="Geometry")
    ids = term.ids()
    term.following(K[1], rule="FREQ=WEEKLY;BYDAY=TU,FR;COUNT=4")
    assert term.days() == ["11-24 09:00", "12-01 09:00", "12-04 09:00", "12-08 09:00", "12-11 09:00"]
    assert term.ids()[:2] == ids[:2]
    assert term.one(K[2]).id == ids[2]
    assert [part.title for part in term.parts()] == ["Algebra", "Algebra"]


def test_a_split_does_not_begin_before_what_stays() -> None:
    term = Term(rule=FOUR)
    for starts in ("2026-12-01T08:00", "2026-11-26T09:00"):
        with refused(InvalidInput, "starts"):
            term.following(K[2], starts=starts)
    term.following(K[2], starts="2026-12-03T09:00")
    assert term.days() == ["11-24 09:00", "12-01 09:00", "12-03 09:00", "12-10 09:00"]


def test_a_split_does_not_run_into_a_later_part() -> None:
    term = Term(rule=FOUR)
    term.following(K[3], title="Exam")
    with refused(InvalidInput, "starts"):
        term.following(K[1], starts="2026-12-09T09:00")
    assert term.keys() == K


def test_a_split_where_classes_have_begun_is_the_same_part() -> None:
    term = Term(rule=FOUR)
    term.at("2026-11-24T12:00")
    term.following(K[1], title="Geometry")
    assert len(term.table.meeting.parts) == 1
    assert term.titles() == ["Algebra", "Geometry", "Geometry", "Geometry"]


# --------------------------------------------------------------------------------------------------------------------- all


def test_all_before_anything_has_begun_is_the_series_anew() -> None:
    term = Term(rule=FOUR)
    ids = term.ids()
    term.change(starts="2026-12-03T10:00", rule="FREQ=WEEKLY;COUNT=3")
    assert term.days() == ["12-03 10:00", "12-10 10:00", "12-17 10:00"]
    assert term.rules() == ["FREQ=WEEKLY;COUNT=3"]
    assert set(term.ids()) <= set(ids)


def test_all_keeps_what_has_begun_exactly_as_it_was() -> None:
    term = Term(rule=FOUR, description="Bring a pencil")
    term.this(K[0], title="First")
    term.at("2026-12-01T08:30")
    term.sets(K[0], ENDED)
    term.sets(K[1], LIVE)
    before = [term.one(key) for key in K[:2]]
    term.change(title="Geometry", description="", minutes=30, starts="2026-11-24T15:00", zone="Europe/London")
    kept = [term.one(key) for key in K[:2]]
    assert [one.slot for one in kept] == [one.slot for one in before]
    assert [(one.status, one.changed, one.started_at) for one in kept] == [
        (one.status, one.changed, one.started_at) for one in before
    ]
    assert term.titles() == ["First", "Algebra", "Geometry", "Geometry"]
    assert [one.description for one in kept] == ["Bring a pencil"] * 2
    assert term.days() == ["11-24 09:00", "12-01 09:00", "12-08 15:00", "12-15 15:00"]
    assert term.rules() == ["FREQ=WEEKLY;COUNT=2"]


def test_a_day_on_which_a_class_has_begun_gets_no_second_one() -> None:
    term = Term(rule=FOUR)
    term.at("2026-12-01T08:30")
    term.change(starts="2026-11-24T16:00")
    assert term.days() == ["11-24 09:00", "12-01 09:00", "12-08 16:00", "12-15 16:00"]


def test_a_new_count_counts_what_was_held() -> None:
    term = Term(rule=FOUR)
    term.at("2026-12-02T00:00")
    term.change(rule="FREQ=WEEKLY;COUNT=6")
    assert len(term.days()) == 6
    term.change(
        rule="FREQ=WEEKLY;COUNT=5"
    )  # by now it is counted from 8 December, where the series begins anew
    assert len(term.days()) == 7
    with refused(InvalidInput, "rule"):
        Term.change(ended_term(), rule="FREQ=WEEKLY;COUNT=3")


def ended_term() -> Term:
    term = Term(rule=FOUR)
    term.at("2026-12-20T00:00")
    return term


def test_a_series_that_is_over_can_go_on() -> None:
    term = ended_term()
    for change in ({"title": "Geometry"}, {"minutes": 30}):
        with refused(Conflict):
            term.change(**change)
    with refused(InvalidInput):
        term.change(starts="2026-11-24T10:00")
    term.change(rule="FREQ=WEEKLY;COUNT=6")
    assert term.days()[4:] == ["12-22 09:00", "12-29 09:00"]
    assert term.days()[:4] == ["11-24 09:00", "12-01 09:00", "12-08 09:00", "12-15 09:00"]
    later = ended_term()
    later.at("2027-03-01T12:00")
    later.change(rule="FREQ=WEEKLY;COUNT=6")
    assert later.days()[4:] == ["03-02 09:00", "03-09 09:00"]
    later.at("2027-03-20T12:00")
    later.change(rule="FREQ=WEEKLY;UNTIL=20270406")
    assert later.days()[6:] == ["03-23 09:00", "03-30 09:00", "04-06 09:00"]


def test_what_is_left_can_begin_on_another_day() -> None:
    term = Term(rule=FOUR)
    term.at("2026-12-02T00:00")
    term.change(starts="2027-01-06T09:00")
    assert term.days() == ["11-24 09:00", "12-01 09:00", "01-06 09:00", "01-13 09:00"]
    for starts in ("2026-12-01T22:00", "2026-11-30T09:00"):
        with refused(InvalidInput, "starts"):
            term.change(starts=starts)


def test_no_second_class_is_put_on_a_day_with_one() -> None:
    term = Term(rule=FOUR)
    term.at("2026-12-01T08:30")
    with refused(InvalidInput, "starts"):
        term.change(starts="2026-12-01T18:00")


def test_all_to_come_can_be_one() -> None:
    term = Term(rule=FOUR)
    term.at("2026-12-02T00:00")
    term.change(once=True)
    assert term.days() == ["11-24 09:00", "12-01 09:00", "12-08 09:00"]
    assert term.rules() == [None]
    with refused(InvalidInput, "once"):
        term.change(once=True, rule=FOUR)
    single = Term()
    single.change(rule=FOUR)
    assert single.keys() == K


def test_a_single_class_moves_as_a_whole() -> None:
    term = Term()
    (only,) = term.ids()
    term.change(starts="2026-11-30T10:30", minutes=20)
    assert (term.days(), term.ids(), term.one("2026-11-30T10:30").changed) == (["11-30 10:30"], [only], False)


def test_dates_can_be_left_out_and_taken_in_again() -> None:
    term = Term(rule=FOUR)
    ids = term.ids()
    term.this(K[3], starts="2026-12-16T09:00")
    term.change(except_dates=[K[1]])
    assert term.days() == ["11-24 09:00", "12-08 09:00", "12-16 09:00"]
    assert [one.id for one in term.table.dropped] == [ids[1]]
    term.change(except_dates=[])
    assert term.days() == ["11-24 09:00", "12-01 09:00", "12-08 09:00", "12-16 09:00"]
    assert (term.one(K[1]).id, term.table.dropped) == (ids[1], ())
    assert term.one(K[1]).sequence > 0
    with refused(InvalidInput, "except_dates"):
        term.change(except_dates=K)
    with refused(InvalidInput, "rule"):
        Term.change(ended_term(), except_dates=[K[0]])


def test_what_all_names_holds_for_classes_changed_by_themselves() -> None:
    term = Term(rule=FOUR)
    term.this(K[1], title="Test", starts="2026-12-02T10:00", minutes=30)
    term.change(description="Bring a pencil")
    assert (term.one(K[1]).title, term.days()[1]) == ("Test", "12-02 10:00")
    term.change(title="Geometry")
    assert term.titles() == ["Geometry"] * 4
    assert term.days()[1] == "12-02 10:00"
    term.change(minutes=90)
    assert {one.slot.length.total_seconds() for one in term.table.occurrences} == {5400}
    assert term.days()[1] == "12-02 10:00"
    term.change(starts="2026-11-24T11:00")
    assert term.days() == ["11-24 11:00", "12-01 11:00", "12-08 11:00", "12-15 11:00"]
    assert not any(one.changed for one in term.table.occurrences)


def test_a_class_cancelled_by_itself_stays_cancelled() -> None:
    term = Term(rule=FOUR)
    term.cancel(Scope.THIS, K[1])
    term.change(starts="2026-11-24T11:00")
    assert term.days() == ["11-24 11:00", "12-08 11:00", "12-15 11:00"]
    assert term.one("2026-12-01T11:00").status is CANCELLED


def test_a_class_put_off_behind_others_stays_where_it_is() -> None:
    term = Term(rule=FOUR)
    term.this(K[0], starts="2026-12-10T09:00")
    term.at("2026-12-02T00:00")
    term.change(starts="2026-11-24T15:00", title="Geometry")
    assert term.days() == ["12-01 09:00", "12-08 15:00", "12-10 09:00", "12-15 15:00"]
    assert term.titles() == ["Algebra", "Geometry", "Geometry", "Geometry"]


def test_no_class_comes_to_lie_on_one_that_was_moved() -> None:
    term = Term(rule=FOUR)
    term.this(K[0], starts="2026-12-08T15:30")
    term.at("2026-12-02T00:00")
    with refused(Conflict):
        term.change(starts="2026-11-24T15:00")
    with refused(Conflict):
        term.change(minutes=600)
    daily = Term(starts="2027-03-26T09:00", rule="FREQ=DAILY;COUNT=4", minutes=1440)
    daily.change(
        starts="2027-03-26T10:00"
    )  # the clocks go forward: by themselves they touch, and overlap by an hour
    assert len(daily.days()) == 4


def test_all_parts_to_come_follow() -> None:
    term = Term(rule=FOUR)
    term.following(K[2], title="Geometry")
    term.change(starts="2026-11-24T12:00", zone="Europe/London")
    assert term.days() == ["11-24 12:00", "12-01 12:00", "12-08 12:00", "12-15 12:00"]
    assert {one.slot.zone for one in term.table.occurrences} == {"Europe/London"}
    assert term.titles() == ["Algebra", "Algebra", "Geometry", "Geometry"]
    term.change(provider="other")
    assert {part.provider for part in term.parts()} == {"other"}


def test_another_zone_keeps_the_wall_time() -> None:
    term = Term(rule=FOUR)
    ids = term.ids()
    term.change(zone="America/New_York")
    assert term.keys() == K
    assert term.ids() == ids
    assert {one.slot.starts_at.hour for one in term.table.occurrences} == {14}


def test_a_form_that_sends_all_it_shows_changes_nothing() -> None:
    term = Term(rule=FOUR)
    before = term.table
    shown: dict[str, Any] = {
        "starts": K[0],
        "zone": "Europe/Paris",
        "minutes": 60,
        "rule": FOUR,
        "title": "Algebra",
        "except_dates": [],
    }
    term.change(**shown)
    assert term.table == before
    term.change()
    assert term.table == before
    term.at("2026-12-02T00:00")
    term.change(**{**shown, "title": "Geometry"})
    assert term.rules() == [FOUR]
    assert term.days() == ["11-24 09:00", "12-01 09:00", "12-08 09:00", "12-15 09:00"]


def test_other_weekdays_keep_their_rows() -> None:
    term = Term(rule="FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4")
    ids = term.ids()
    term.change(rule="FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4")
    assert term.days() == ["11-25 09:00", "11-30 09:00", "12-02 09:00", "12-07 09:00"]
    assert sorted(term.ids()) == sorted(ids)
    term.change(rule="FREQ=WEEKLY;BYDAY=MO,WE;COUNT=2")
    assert len(term.table.dropped) == 2
    term.change(rule="FREQ=WEEKLY;BYDAY=MO,WE;COUNT=5")
    assert len(term.days()) == 5
    assert set(ids) < set(term.ids())


def test_a_meeting_has_only_so_many_classes() -> None:
    term = Term(rule="FREQ=DAILY;COUNT=300")
    term.at("2027-06-01T00:00")
    begun = sum(one.slot.starts_at <= term.now for one in term.table.occurrences)
    with refused(InvalidInput, "rule"):
        term.following(term.keys()[begun + 1], rule="FREQ=DAILY;COUNT=400")


def test_a_change_over_a_change_of_the_clocks_is_told() -> None:
    term = Term(starts="2027-03-14T09:00", rule="FREQ=WEEKLY;COUNT=3")
    term.change(starts="2027-03-14T02:30")
    skipped = term.one("2027-03-28T02:30")
    assert (f"{skipped.slot.starts:%H:%M}", skipped.slot.adjustment, skipped.changed) == (
        "03:30",
        "skipped",
        False,
    )
    term.following("2027-03-28T02:30", starts="2027-03-28T03:30", title="Late")
    assert term.parts()[-1].series.starts.hour == 2  # what is shown was sent back, and is no other time


# -------------------------------------------------------------------------------------------------------------- cancelling


def test_cancelling_the_rest_ends_the_rule() -> None:
    term = Term(rule=FOUR)
    term.cancel(Scope.FOLLOWING, K[2])
    assert term.days() == ["11-24 09:00", "12-01 09:00"]
    assert term.keys() == K
    assert term.rules() == ["FREQ=WEEKLY;COUNT=2"]
    assert term.table.meeting.cancelled_at is None
    term.change(rule=FOUR)
    assert term.days() == ["11-24 09:00", "12-01 09:00", "12-08 09:00", "12-15 09:00"]


def test_cancelling_each_is_cancelling_all() -> None:
    term = Term(rule=FOUR)
    for key in K[1:]:
        term.cancel(Scope.THIS, key)
        assert term.table.meeting.cancelled_at is None
    term.cancel(Scope.THIS, K[0])
    assert term.table.meeting.cancelled_at == term.now
    assert all(part.ended for part in term.table.meeting.parts)
    cancelled = term.table
    for scope in Scope:
        term.cancel(scope, K[2])
        assert term.table == cancelled


def test_cancelling_spares_what_has_begun() -> None:
    term = Term(rule=FOUR)
    term.at("2026-12-01T08:30")
    term.sets(K[0], ENDED)
    term.sets(K[1], LIVE)
    for scope in (Scope.THIS, Scope.FOLLOWING):
        with refused(Conflict):
            term.cancel(scope, K[1])
    term.cancel()
    assert [one.status for one in term.table.occurrences] == [ENDED, LIVE, CANCELLED, CANCELLED]
    assert term.table.meeting.cancelled_at == term.now
    with refused(Conflict):
        ended_term().cancel()


def test_ids_never_stand_for_two_classes() -> None:
    term = Term(rule="FREQ=DAILY;COUNT=10")
    changes: Sequence[dict[str, Any]] = (
        {"rule": "FREQ=DAILY;INTERVAL=2;COUNT=8"},
        {"starts": "2026-11-25T09:00"},
        {"starts": "2026-11-25T10:00", "except_dates": ["2026-11-27T10:00"]},
        {"rule": "FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20270201"},
        {"zone": "Pacific/Apia"},
        {"once": True},
        {"rule": "FREQ=DAILY;COUNT=12"},
    )
    for change in changes:
        term.change(**change)
        rows = [*term.table.occurrences, *term.table.dropped]
        assert len({one.id for one in rows}) == len(rows)
        assert len({one.slot.key for one in rows}) == len(rows)
        assert {one.part_id for one in term.table.occurrences} <= {part.id for part in term.parts()}


def test_two_classes_never_share_a_key() -> None:
    term = Term(rule=FOUR)
    twin = replace(term.one(K[0]), id="occ_twin")
    with refused(Conflict):
        changing.finished(replace(term.table, occurrences=(*term.table.occurrences, twin)), term.now)
