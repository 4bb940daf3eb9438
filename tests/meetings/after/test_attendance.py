"""Who came and how long: two accounts, both kept, merged for each person, and compared."""

import csv
import io
import itertools
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contract.after_class import MeetingAttendance, StaySource
from contract.meetings import ListChanges
from contract.people import Actor, SignInRole
from contract.schedule import Occurrence, OccurrenceStatus
from meetings.after import rules
from meetings.after.attendance import as_csv, held, merged
from meetings.after.model import SessionRecord, StayRecord
from meetings.provider import Interval, ProviderError, Trouble
from tests.meetings.after.desk import NINE, Desk
from tests.realtime.school import ANA, TEACHER

HOUR = timedelta(hours=1)
ANA_ACTOR = Actor(id="ana", name="Ana", role=SignInRole.STUDENT)
ANA_THERE = {"id": "p-7", "name": "Ana M.", "user_id": "ana"}


def minute(number: float) -> datetime:
    return NINE + timedelta(minutes=number)


def session(
    start: float = 0, end: float | None = 60, *, name: str = "s", reported: bool = False
) -> SessionRecord:
    ended = None if end is None else minute(end)
    return SessionRecord(name, "m", "o", "l", name, minute(start), ended, minute(90) if reported else None)


def stay(
    person: str,
    start: float,
    end: float | None,
    *,
    source: StaySource = StaySource.WEBHOOK,
    user_id: str | None = None,
    email: str | None = None,
    of: str = "s",
) -> StayRecord:
    left = None if end is None else minute(end)
    return StayRecord(of, "o", source, person, user_id, person, email, minute(start), left)


OCCURRENCE = Occurrence(
    key="2030-01-01T09:00",
    starts=NINE.replace(tzinfo=None),
    zone="UTC",
    starts_at=NINE,
    ends_at=NINE + HOUR,
    title="Algebra",
    status=OccurrenceStatus.ENDED,
)
REPORT = StaySource.REPORT


def test_two_devices_count_once_and_each_source_by_itself() -> None:
    stays = [
        stay("ana-laptop", 0, 30, user_id="ana"),
        stay("ana-phone", 20, 40, user_id="ana"),
        stay("ana", 0, 38, source=REPORT, user_id="ana"),
    ]
    found = held(OCCURRENCE, [session(reported=True)], stays, {"ana": ANA_ACTOR}, minute(100))
    assert found is not None
    (ana,) = found.people
    assert (ana.webhook_seconds, ana.report_seconds, ana.seconds) == (2400, 2280, 2400)
    assert (ana.percent, ana.differs) == (67, True)
    assert [(one.source.value, one.joined_at, one.left_at) for one in ana.stays] == [
        ("webhook", minute(0), minute(40)),
        ("report", minute(0), minute(38)),
    ]


def test_differences_of_up_to_a_minute_are_none() -> None:
    stays = [stay("ana", 0, 30), stay("ana", 0, 29, source=REPORT)]
    found = held(OCCURRENCE, [session(reported=True)], stays, {}, minute(100))
    assert found is not None
    assert found.people[0].differs is False


def test_whom_the_report_does_not_know_is_told_apart() -> None:
    found = held(OCCURRENCE, [session(reported=True)], [stay("ana", 0, 30)], {}, minute(100))
    assert found is not None
    assert (found.people[0].report_seconds, found.people[0].differs) == (0, True)
    unreported = held(OCCURRENCE, [session()], [stay("ana", 0, 30)], {}, minute(100))
    assert unreported is not None
    assert (unreported.people[0].report_seconds, unreported.people[0].differs) == (None, False)


def test_one_person_is_one_by_id_address_or_name() -> None:
    stays = [
        stay("Ana", 0, 10, user_id="ana", email="ana@school.example"),
        stay("A. M.", 0, 10, source=REPORT, email="ana@school.example"),
        stay("Guest One", 0, 5),
        stay("guest one", 0, 5, source=REPORT),
        stay("Other", 0, 5, email="other@school.example"),
    ]
    found = held(OCCURRENCE, [session(reported=True)], stays, {"ana": ANA_ACTOR}, minute(100))
    assert found is not None
    assert [(one.name, len(one.stays)) for one in found.people] == [
        ("Ana", 2),
        ("Guest One", 2),
        ("Other", 1),
    ]


def test_whoever_is_still_there_is_counted_until_now_and_their_stay_goes_on() -> None:
    found = held(OCCURRENCE, [session(end=None)], [stay("ana", 10, None)], {}, minute(40))
    assert found is not None
    assert found.ended_at is None
    assert found.people[0].stays[0].left_at is None
    assert (found.people[0].seconds, found.people[0].percent) == (1800, 75)


def test_a_stay_that_nobody_ended_ends_with_its_session() -> None:
    found = held(OCCURRENCE, [session(end=50)], [stay("ana", 10, None)], {}, minute(400))
    assert found is not None
    assert found.people[0].stays[0].left_at == minute(50)
    assert found.people[0].percent == 80


def test_a_class_that_was_not_held_has_no_attendance() -> None:
    assert held(OCCURRENCE, [], [], {}, minute(100)) is None


def test_a_session_of_no_length_is_measured_by_the_schedule() -> None:
    found = held(OCCURRENCE, [session(30, 30)], [stay("ana", 0, 30)], {}, minute(100))
    assert found is not None
    assert found.people[0].percent == 50


MOMENTS = st.lists(st.tuples(st.integers(0, 12), st.booleans()), unique=True, max_size=8)


@given(MOMENTS, st.randoms())
def test_comings_and_goings_make_the_same_time_in_any_order(
    told: list[tuple[int, bool]], chance: object
) -> None:
    """As long as nobody comes and goes in the same instant: what is told of that depends on which was told first."""
    by_minute = dict(told)

    def run(order: list[tuple[int, bool]]) -> list[rules.Stay]:
        stays: list[rules.Stay] = []
        for number, came in order:
            stays = (rules.with_join if came else rules.with_leave)(stays, minute(number))
        return stays

    order = sorted(by_minute.items())
    mixed = list(order)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # a random.Random
    assert run(mixed) == run(order)
    assert run([*mixed, *mixed]) == run(order)
    keys = [joined for joined, _ in run(order)]
    assert len(keys) == len(set(keys)), "the database has one stay for each moment of coming"


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=12))
def test_merged_spans_cover_the_same_time_without_overlaps(spans: list[tuple[int, int]]) -> None:
    given_spans = [(minute(start), minute(start + length)) for start, length in spans]
    found = merged(given_spans)
    covered = {number for start, length in spans for number in range(start, start + length)}
    again = {
        number
        for start, end in found
        for number in range(71)
        if start <= minute(number) and minute(number + 1) <= end
    }
    assert again == covered
    assert all(before[1] < after[0] for before, after in itertools.pairwise(found))


def test_the_file_is_safe_for_a_spreadsheet() -> None:
    stays = [
        stay("=HYPERLINK(1)", 0, 10, email="+x@evil.example"),
        stay(" @SUM(1)", 0, 10),
        stay('Quoted, "name"', 0, None),
    ]
    found = held(OCCURRENCE.model_copy(update={"title": "-1+1"}), [session(end=None)], stays, {}, minute(20))
    assert found is not None
    text = as_csv(MeetingAttendance(meeting_id="m", items=[found]))
    head, *lines = csv.reader(io.StringIO(text, newline=""))
    assert len(lines) == 3
    assert all(len(line) == len(head) for line in lines)
    cells = [cell for line in lines for cell in line]
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@")) for cell in cells)
    row = dict(zip(head, lines[0], strict=True))
    assert (row["name"], row["minutes_in_class"], row["percent"]) == ("'=HYPERLINK(1)", "10", "50")


# ----------------------------------------------------------------------------------------------------------- the report


def told_by_report(name: str, start: float, end: float | None, **more: str) -> Interval:
    return Interval(name, minute(start), None if end is None else minute(end), **more)


async def held_class(desk: Desk) -> str:
    meeting_id = await desk.meeting()
    await desk.at(NINE + HOUR)
    await desk.tell(desk.happens("started", 0), desk.happens("joined", 0, person=ANA_THERE))
    await desk.tell(desk.happens("left", 30, person=ANA_THERE), desk.happens("ended", 60))
    return meeting_id


async def test_the_report_is_asked_for_until_there_is_one(desk: Desk) -> None:
    meeting_id = await held_class(desk)
    assert desk.provider.asked == []
    await desk.at(NINE + timedelta(minutes=61))
    assert desk.provider.asked == [("attendance", "s1")]
    desk.provider.reports["s1"] = [told_by_report("Ana M.", 0, 0, user_id="ana")]
    await desk.at(NINE + timedelta(minutes=63))
    people = (await desk.service.attendance(TEACHER, meeting_id, None)).items[0].people
    assert people[0].report_seconds is None
    ben = told_by_report("Ben", 5, 60, user_id="ben")
    ana = [
        told_by_report("Ana M.", 0, 25, user_id="ana"),
        told_by_report("Ana M.", 0, 10, user_id="ana"),
    ]
    desk.provider.reports["s1"] = ana
    await desk.at(NINE + timedelta(minutes=70))
    people = (await desk.service.attendance(TEACHER, meeting_id, None)).items[0].people
    assert [(one.name, one.report_seconds) for one in people] == [("Ana", 1500)]
    desk.provider.reports["s1"] = [*ana, ben]  # it had not been all of it
    await desk.at(NINE + timedelta(minutes=106))
    people = (await desk.service.attendance(TEACHER, meeting_id, None)).items[0].people
    assert [(one.name, one.webhook_seconds, one.report_seconds, one.differs) for one in people] == [
        ("Ana", 1800, 1500, True),
        ("Ben", 0, 3300, True),
    ]
    asked = len(desk.provider.asked)
    await desk.at(NINE + timedelta(hours=30))
    assert len(desk.provider.asked) == asked
    history = await desk.parts.meetings.history(TEACHER, meeting_id, ListChanges())
    assert "2 people. For 2 of all it differs" in next(
        one.words for one in history.items if one.what == "report"
    )


async def test_a_report_that_never_comes_is_given_up_after_a_day(light_desk: Desk) -> None:
    desk = light_desk
    await held_class(desk)
    for hours in range(1, 40):
        await desk.at(NINE + timedelta(hours=hours))
    assert 5 < len(desk.provider.asked) < 40
    assert [state for state, *_ in await desk.jobs("report")] == ["done"]


async def test_a_refusal_is_shown_to_whoever_looks_at_jobs(light_desk: Desk) -> None:
    desk = light_desk
    for hour, trouble in enumerate((Trouble.SCOPE, Trouble.CREDENTIALS, Trouble.RETRY, Trouble.QUOTA)):
        session, state = f"s{hour}", "dead" if hour < 2 else "waiting"
        desk.provider.reports[session] = ProviderError(trouble, "It said no.", hint="Grant report:read.")
        await desk.meeting(NINE + timedelta(hours=hour))
        began = hour * 60
        await desk.at(NINE + timedelta(minutes=began + 60))
        await desk.tell(desk.happens("started", began, session), desk.happens("ended", began + 59, session))
        await desk.at(NINE + timedelta(minutes=began + 61))
        found, _, error = (await desk.jobs("report"))[-1]
        assert found == state
        assert error is not None
        assert error.startswith("It said no.")
        assert ("Grant report:read." in error) == (state == "dead")


async def test_people_of_a_report_see_their_own(light_desk: Desk) -> None:
    desk = light_desk
    meeting_id = await held_class(desk)
    desk.provider.reports["s1"] = [told_by_report("Ana", 0, 25, user_id="ana"), told_by_report("X", 0, 9)]
    await desk.at(NINE + timedelta(minutes=61))
    (mine,) = (await desk.service.attendance(ANA, meeting_id, None)).items[0].people
    assert (mine.name, mine.report_seconds) == ("Ana", 1500)


async def test_of_a_class_that_nobody_told_of_the_report_tells(light_desk: Desk) -> None:
    desk = light_desk
    meeting_id = await desk.meeting(rule="FREQ=DAILY;COUNT=2")
    day = 24 * 60
    of_both = [
        told_by_report("Ana", 5, 55, user_id="ana"),
        told_by_report("Ben", day, day + 30, user_id="ben"),
    ]
    desk.provider.reports[""] = of_both
    await desk.at(NINE + timedelta(minutes=75))
    await desk.at(NINE + timedelta(minutes=76))
    (first,) = (await desk.service.attendance(TEACHER, meeting_id, None)).items
    assert (first.started_at, first.ended_at) == (minute(5), minute(55))
    assert [(one.name, one.report_seconds, one.percent) for one in first.people] == [("Ana", 3000, 100)]
    await desk.at(NINE + timedelta(days=1, minutes=75))
    await desk.at(NINE + timedelta(days=1, minutes=76))
    _, second = (await desk.service.attendance(TEACHER, meeting_id, None)).items
    assert [one.name for one in second.people] == ["Ben"]
    assert [one.status.value for one in await desk.occurrences()] == ["ended", "ended"]


async def test_a_class_that_nobody_came_to_was_not_held(light_desk: Desk) -> None:
    desk = light_desk
    meeting_id = await desk.meeting()
    for hours in range(2, 40):
        await desk.at(NINE + timedelta(hours=hours))
    assert (await desk.service.attendance(TEACHER, meeting_id, None)).items == []
    assert [state for state, *_ in await desk.jobs("report")] == ["done"]
