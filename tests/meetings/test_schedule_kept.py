"""What is kept of a schedule while the days pass: on SQLite and PostgreSQL, with a clock that the test moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select, update

from contract.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable
from contract.meetings import (
    CancelMeeting,
    CreateMeeting,
    ListChanges,
    ListMeetings,
    MeetingChanges,
    MeetingScope,
    MeetingStatus,
    Scope,
)
from contract.schedule import OccurrenceStatus, wall_text
from meetings import store
from meetings.jobs.timetable import Timetable
from meetings.provider import Trouble
from meetings.schedule import zones
from meetings.tables import OccurrenceRow, PartRow
from meetings.tzdata import EachRelease
from server.schedule_parts import build_schedule
from tests.meetings.scene import Scene
from tests.realtime.school import ANA, EVE, TEACHER


async def rows(scene: Scene, meeting_id: str) -> dict[str, Any]:
    """All columns of all occurrences, by key."""
    async with scene.node.database.reading() as connection:
        found = await connection.execute(
            select(*OccurrenceRow.__table__.columns).where(OccurrenceRow.meeting_id == meeting_id)
        )
        return {row.key: row._asdict() for row in found}


async def write(scene: Scene, statement: Any) -> None:
    async with scene.node.database.writing() as connection:
        await connection.execute(statement)


async def test_what_has_begun_stays_to_the_last_column(scene_anywhere: Scene) -> None:
    scene = scene_anywhere
    detail = await scene.schedule(count=5, provider="builtin")
    meeting_id = detail.meeting.id
    await scene.pass_time(days=15)
    before = await rows(scene, meeting_id)
    begun = [key for key, row in before.items() if row["starts_at"] <= scene.clock.now()]
    assert len(begun) == 2
    shown = (await scene.get(meeting_id)).occurrences[:2]
    starts = wall_text(detail.occurrences[0].starts.replace(hour=16))
    changed = await scene.change(meeting_id, starts=starts, minutes=20, zone="Asia/Tokyo")
    assert {key: (await rows(scene, meeting_id))[key] for key in begun} == {key: before[key] for key in begun}
    assert [one.starts.hour for one in changed.occurrences] == [9, 9, 16, 16, 16]
    renamed = await scene.change(meeting_id, title="Geometry")
    assert renamed.occurrences[:2] == shown
    assert [one.title for one in renamed.occurrences] == ["Algebra"] * 2 + ["Geometry"] * 3
    assert (await scene.cancel(meeting_id)).occurrences[:2] == shown


async def test_rows_keep_their_ids_however_the_series_is_cut(scene_anywhere: Scene) -> None:
    scene = scene_anywhere
    detail = await scene.schedule(count=6, provider="builtin")
    meeting_id, keys = detail.meeting.id, [one.key for one in detail.occurrences]
    ids = {row["id"] for row in (await rows(scene, meeting_id)).values()}
    later = wall_text(detail.occurrences[3].starts.replace(hour=15))
    await scene.change(meeting_id, Scope.FOLLOWING, keys[3], starts=later)
    await scene.change(meeting_id, Scope.THIS, keys[1], title="Test")
    await scene.change(meeting_id, rule="FREQ=WEEKLY;BYDAY=MO;COUNT=4")
    await scene.change(meeting_id, except_dates=[keys[0]])
    assert {row["id"] for row in (await rows(scene, meeting_id)).values()} == ids
    grown = await scene.change(meeting_id, except_dates=[], rule="FREQ=WEEKLY;BYDAY=MO,TU;COUNT=9")
    assert len(grown.occurrences) == 9
    assert {row["id"] for row in (await rows(scene, meeting_id)).values()} > ids
    async with scene.node.database.reading() as connection:
        for row in (await rows(scene, meeting_id)).values():
            assert await store.occurrence_by_id(connection, row["id"]) is not None


@contextmanager
def counted(scene: Scene) -> Iterator[list[str]]:
    """The statements of readers."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = scene.node.database.reader.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


async def test_many_meetings_take_as_many_queries_as_one(scene: Scene) -> None:
    taken = []
    for number in (1, 25):
        for _ in range(number):
            await scene.schedule(count=4, provider="builtin")
        with counted(scene) as statements:
            found = (await scene.parts.meetings.list(TEACHER, ListMeetings(limit=200))).items
        taken.append((len(found), len(statements)))
        assert all(len(item.occurrences) == 4 for item in found)
    assert taken == [(1, taken[0][1]), (26, taken[0][1])]
    assert taken[0][1] <= 8


async def test_a_meeting_goes_from_scheduled_to_ended_as_time_goes_by(scene: Scene) -> None:
    detail = await scene.schedule(count=2, provider="builtin")
    meeting_id = detail.meeting.id
    assert detail.meeting.status is MeetingStatus.SCHEDULED
    await scene.pass_time(days=30)
    after = await scene.get(meeting_id)
    assert (after.meeting.status, after.meeting.next) == (MeetingStatus.ENDED, None)
    with pytest.raises(Conflict):
        await scene.change(meeting_id, title="Geometry")
    with pytest.raises(Conflict):
        await scene.cancel(meeting_id)
    longer = await scene.change(meeting_id, rule="FREQ=WEEKLY;COUNT=6")
    assert longer.meeting.status is MeetingStatus.SCHEDULED
    assert longer.occurrences[:2] == after.occurrences


async def live(scene: Scene, provider: str) -> str:
    """A meeting whose first class is being held."""
    detail = await scene.schedule(count=2, provider=provider)
    await scene.work()
    seconds = (detail.occurrences[0].starts_at - scene.clock.now()).total_seconds()
    scene.clock.move(seconds + 60)
    held = {"status": "live", "started_at": scene.clock.now()}
    first = (await rows(scene, detail.meeting.id))[detail.occurrences[0].key]
    await write(scene, update(OccurrenceRow).where(OccurrenceRow.id == first["id"]).values(**held))
    return detail.meeting.id


async def test_staff_ends_a_class_for_everybody(scene: Scene) -> None:
    meeting_id = await live(scene, "scripted")
    path = {"meeting_id": meeting_id}
    assert (await scene.get(meeting_id)).meeting.status is MeetingStatus.LIVE
    for who, refusal in ((EVE, NotFound), (ANA, NotFound)):
        with pytest.raises(refusal):
            await scene.ask("endMeeting", path, who=who)
    await scene.ask("endMeeting", path)
    after = await scene.get(meeting_id)
    assert [one.status for one in after.occurrences] == [OccurrenceStatus.ENDED, OccurrenceStatus.SCHEDULED]
    history = (await scene.parts.meetings.history(TEACHER, meeting_id, ListChanges())).items
    ended = next(line for line in history if line.words == "Ended for everybody.")
    assert ended.actor is not None
    assert ended.actor.id == TEACHER.user_id
    with pytest.raises(Conflict):
        await scene.ask("endMeeting", path)


async def test_a_class_that_the_provider_does_not_end_goes_on(scene: Scene) -> None:
    meeting_id = await live(scene, "scripted")
    scene.vendor.standing = Trouble.RETRY
    with pytest.raises(Unavailable):
        await scene.ask("endMeeting", {"meeting_id": meeting_id})
    assert (await scene.get(meeting_id)).meeting.status is MeetingStatus.LIVE
    scene.vendor.standing = Trouble.GONE  # it is over there
    await scene.ask("endMeeting", {"meeting_id": meeting_id})
    assert (await scene.get(meeting_id)).meeting.status is MeetingStatus.SCHEDULED


async def test_members_see_a_meeting_and_not_its_history(scene: Scene) -> None:
    people = [{"user_id": ANA.user_id}]
    detail = await scene.schedule(provider="builtin", people=people, guests=["a@b.example", "A@b.example"])
    assert (detail.guests, detail.reminders) == (["a@b.example"], [1440, 10])
    seen = await scene.get(detail.meeting.id, ANA)
    assert (seen.guests, seen.may_change) == ([], False)
    with pytest.raises(Forbidden):
        await scene.parts.meetings.history(ANA, detail.meeting.id, ListChanges())
    with pytest.raises(NotFound):
        await scene.parts.meetings.history(EVE, detail.meeting.id, ListChanges())


async def test_a_key_is_good_for_one_meeting_whatever_happens_to_it(scene: Scene) -> None:
    wish = CreateMeeting(title="Algebra", starts=scene.monday(), zone="Europe/Paris", minutes=45)
    first = await scene.parts.meetings.create(TEACHER, wish, "key")
    await scene.cancel(first.meeting.id)
    again = await scene.parts.meetings.create(TEACHER, wish, "key")
    assert (again.meeting.id, again.meeting.status) == (first.meeting.id, MeetingStatus.CANCELLED)


async def test_a_refused_change_leaves_no_trace(scene: Scene) -> None:
    detail = await scene.schedule(count=3, provider="builtin")
    before = await rows(scene, detail.meeting.id)
    events = len(await scene.node.events(detail.meeting.room_id))
    wishes: list[dict[str, Any]] = [
        {"rule": "FREQ=HOURLY;COUNT=3"},
        {"zone": "Mars/Olympus"},
        {"provider": "pigeon"},
    ]
    for changes in wishes:
        with pytest.raises(InvalidInput):
            await scene.change(detail.meeting.id, **changes)
    with pytest.raises(InvalidInput):
        await scene.change(
            detail.meeting.id, Scope.FOLLOWING, detail.occurrences[1].key, guests=["a@b.example"]
        )
    assert await rows(scene, detail.meeting.id) == before
    assert len(await scene.node.events(detail.meeting.room_id)) == events


# ------------------------------------------------------------------------------------------------ a new release of the zones


async def of_an_older_release(scene: Scene, meeting_id: str) -> None:
    """As if the clocks of Paris had been thought to be two hours elsewhere."""
    for key, row in (await rows(scene, meeting_id)).items():
        wrong = {name: row[name].replace(hour=row[name].hour + 2) for name in ("starts_at", "ends_at")}
        mine = (OccurrenceRow.meeting_id == meeting_id, OccurrenceRow.key == key)
        await write(scene, update(OccurrenceRow).where(*mine).values(**wrong))
    await write(scene, update(PartRow).where(PartRow.meeting_id == meeting_id).values(tzdata="2020a"))


async def recompute(scene: Scene) -> None:
    writer = scene.node.classroom.log.writer
    await Timetable(writer, scene.clock, [EachRelease()]).look()
    assert await scene.work() == 1


async def test_classes_stay_at_their_wall_time_when_the_zones_change(scene_anywhere: Scene) -> None:
    scene = scene_anywhere
    detail = await scene.schedule(count=4, provider="builtin")
    meeting_id, right = detail.meeting.id, [one.starts_at for one in detail.occurrences]
    moved = await scene.change(
        meeting_id, Scope.THIS, detail.occurrences[3].key, starts=wall_text(scene.monday(5, hour=11))
    )
    await of_an_older_release(scene, meeting_id)
    await scene.pass_time(days=8)
    begun = (await scene.get(meeting_id)).occurrences[0]
    await recompute(scene)
    after = await scene.get(meeting_id)
    assert after.occurrences[0] == begun
    assert [one.starts_at for one in after.occurrences[1:3]] == right[1:3]
    assert after.occurrences[3].starts_at == moved.occurrences[3].starts_at
    assert [one.starts for one in after.occurrences] == [one.starts for one in moved.occurrences]
    assert after.meeting.sequence == moved.meeting.sequence + 1
    told = (await scene.node.events(detail.meeting.room_id))[-1]
    assert (told.type, told.actor.id, told.data["scope"]) == ("meeting.updated", "homeroom", "all")
    line = (await scene.parts.meetings.history(TEACHER, meeting_id, ListChanges())).items[0]
    assert (line.what, line.actor) == ("reckoned", None)
    assert "3 classes stay at their local time" in line.words
    await scene.pass_time(days=1)
    await recompute(scene)
    assert (await scene.get(meeting_id)).meeting.sequence == after.meeting.sequence


async def test_a_release_that_changes_nothing_is_told_to_nobody(scene: Scene) -> None:
    detail = await scene.schedule(count=2, provider="builtin")
    await write(scene, update(PartRow).values(tzdata="2020a"))
    events = len(await scene.node.events(detail.meeting.room_id))
    await recompute(scene)
    assert len(await scene.node.events(detail.meeting.room_id)) == events
    async with scene.node.database.reading() as connection:
        kept = await store.load(connection, detail.meeting.id)
    assert kept is not None
    assert [part.tzdata for part in kept.parts] == [zones.version()]
    assert (await scene.get(detail.meeting.id)).meeting.sequence == 0


async def test_a_service_that_is_not_set_up_any_more_hinders_no_change(scene: Scene) -> None:
    detail = await scene.schedule(count=3)
    await scene.work()
    without = build_schedule(scene.node.base, scene.node.classroom, works=False).meetings
    meeting_id, first = detail.meeting.id, detail.occurrences[0]
    moved = MeetingChanges(starts=first.starts.replace(hour=15), title="Geometry")
    after = await without.update(TEACHER, meeting_id, MeetingScope(), moved)
    assert [one.starts.hour for one in after.occurrences] == [15, 15, 15]
    one = CancelMeeting(scope=Scope.THIS, occurrence=after.occurrences[0].key)
    assert (await without.cancel(TEACHER, meeting_id, one)).occurrences[
        0
    ].status is OccurrenceStatus.CANCELLED
    here = MeetingChanges(provider="builtin")
    assert (await without.update(TEACHER, meeting_id, MeetingScope(), here)).meeting.provided.state == "ready"
