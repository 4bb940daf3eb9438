"""Calendars to subscribe to, and meetings as files: what is in them, and for whom."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from auth.identity import Identity
from auth.revocation import RevocationKind
from contract.errors import NotFound
from contract.meetings import Scope
from contract.rooms import NewMember
from meetings.feed.service import CalendarService
from meetings.tables import FeedRow
from tests.meetings.calendar.programs import Seen, expanded, parse
from tests.meetings.mail.postbox import held
from tests.meetings.scene import Scene
from tests.realtime.school import ADMIN, ANA, BEN, EVE, TEACHER

BASE = "https://school.test"


@pytest.fixture
def calendars(scene: Scene) -> CalendarService:
    node = scene.node
    revoked_at = node.trust.revocations.user_revoked_at
    return CalendarService(node.database, node.writer, node.clock, BASE, revoked_at)


async def secret_of(calendars: CalendarService, who: Identity) -> str:
    url = (await calendars.make(who)).url
    assert url is not None
    assert url.startswith(f"{BASE}/api/v1/calendar/")
    return url.removeprefix(f"{BASE}/api/v1/calendar/").removesuffix(".ics")


def shown(text: str) -> list[Seen]:
    by_uid: dict[str, list[object]] = {}
    for event in parse(text).walk("VEVENT"):
        by_uid.setdefault(str(event["UID"]), []).append(event)
    seen = [one for events in by_uid.values() for one in expanded(events).values()]
    return sorted(seen, key=lambda one: one.starts_at)


async def test_a_feed_has_all_classes_of_ones_rooms(scene: Scene, calendars: CalendarService) -> None:
    mine, other = await scene.node.room(TEACHER, ANA), await scene.node.room(TEACHER, BEN)
    algebra = await scene.schedule(room_id=mine, count=4)
    await scene.schedule(room_id=other, count=2, title="Not for Ana")
    key = algebra.occurrences[1].key
    await scene.change(
        algebra.meeting.id, Scope.THIS, key, starts="2030-01-16T15:00", title="Algebra, elsewhere"
    )
    detail = await scene.cancel(algebra.meeting.id, Scope.THIS, algebra.occurrences[2].key)
    feed = await calendars.feed(await secret_of(calendars, ANA))
    assert shown(feed.text) == held(detail)
    assert "Not for Ana" not in feed.text
    calendar = parse(feed.text)
    assert (calendar["METHOD"], calendar["X-WR-CALNAME"]) == ("PUBLISH", "Homeroom")
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    for event in calendar.walk("VEVENT"):
        assert event["URL"] == f"{BASE}/m/{algebra.meeting.id}"
        assert {"ATTENDEE", "ORGANIZER"}.isdisjoint(event)


async def test_the_tag_changes_with_the_content_alone(scene: Scene, calendars: CalendarService) -> None:
    room_id = await scene.node.room(TEACHER, ANA)
    meeting = (await scene.schedule(room_id=room_id, count=4)).meeting
    secret = await secret_of(calendars, ANA)
    tag = (await calendars.feed(secret)).tag
    scene.clock.move(86400)
    assert (await calendars.feed(secret)).tag == tag
    await scene.change(meeting.id, title="Geometry")
    assert (await calendars.feed(secret)).tag != tag


async def test_who_leaves_a_room_sees_it_no_more(scene: Scene, calendars: CalendarService) -> None:
    room_id = await scene.node.room(TEACHER, ANA)
    await scene.schedule(room_id=room_id)
    secret = await secret_of(calendars, ANA)
    assert len(shown((await calendars.feed(secret)).text)) == 1
    await scene.node.rooms.remove_member(TEACHER, room_id, ANA.user_id)
    assert shown((await calendars.feed(secret)).text) == []
    await scene.node.rooms.add_member(TEACHER, room_id, NewMember(user_id=ANA.user_id))
    assert len(shown((await calendars.feed(secret)).text)) == 1


async def test_a_cancelled_meeting_is_not_in_it(scene: Scene, calendars: CalendarService) -> None:
    room_id = await scene.node.room(TEACHER, ANA)
    meeting = (await scene.schedule(room_id=room_id, count=3)).meeting
    await scene.cancel(meeting.id)
    assert shown((await calendars.feed(await secret_of(calendars, ANA))).text) == []


async def test_what_is_long_over_is_left_out(scene: Scene, calendars: CalendarService) -> None:
    room_id = await scene.node.room(TEACHER, ANA)
    await scene.schedule(room_id=room_id)
    secret = await secret_of(calendars, ANA)
    scene.clock.move(30 * 86400)
    assert len(shown((await calendars.feed(secret)).text)) == 1
    scene.clock.move(60 * 86400)
    assert shown((await calendars.feed(secret)).text) == []


async def test_a_new_secret_ends_the_one_before(scene: Scene, calendars: CalendarService) -> None:
    first = await secret_of(calendars, ANA)
    second = await secret_of(calendars, ANA)
    assert first != second
    assert len(second) >= 43, "256 bits"
    await calendars.feed(second)
    with pytest.raises(NotFound):
        await calendars.feed(first)


async def test_a_feed_that_was_taken_back_is_gone(scene: Scene, calendars: CalendarService) -> None:
    secret = await secret_of(calendars, ANA)
    assert (await calendars.get(ANA)).created_at is not None
    await calendars.revoke(ANA)
    await calendars.revoke(ANA)
    assert (await calendars.get(ANA)).created_at is None
    with pytest.raises(NotFound):
        await calendars.feed(secret)


async def test_a_revoked_persons_feed_ends(scene: Scene, calendars: CalendarService) -> None:
    hers, his = await secret_of(calendars, ANA), await secret_of(calendars, BEN)
    scene.clock.move(60)
    await scene.node.trust.revocation.revoke(ADMIN, RevocationKind.USER, ANA.user_id)
    with pytest.raises(NotFound):
        await calendars.feed(hers)
    await calendars.feed(his)
    assert (await calendars.get(ANA)).created_at is None
    scene.clock.move(60)
    await calendars.feed(await secret_of(calendars, ANA))


async def test_the_address_is_told_once_and_the_secret_kept_nowhere(
    scene: Scene, calendars: CalendarService
) -> None:
    secret = await secret_of(calendars, ANA)
    assert (await calendars.get(ANA)).url is None
    async with scene.node.database.reading() as connection:
        rows = (await connection.execute(select(*FeedRow.__table__.columns))).all()
    assert len(rows) == 1
    assert secret not in str(rows)


@pytest.mark.parametrize("secret", ["", "x", "A" * 43, "é" * 43, "' OR 1=1 --"])
async def test_a_secret_that_nobody_has_opens_nothing(calendars: CalendarService, secret: str) -> None:
    with pytest.raises(NotFound):
        await calendars.feed(secret)


async def test_a_feed_is_bounded(
    scene: Scene, calendars: CalendarService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meetings.feed.service._MOST_CLASSES", 7)
    room_id = await scene.node.room(TEACHER, ANA)
    for number in range(4):
        await scene.schedule(
            room_id=room_id,
            count=3,
            title=f"Class {number}",
            starts=scene.monday(number + 1),
            accept_clashes=True,
        )
    seen = shown((await calendars.feed(await secret_of(calendars, ANA))).text)
    assert {one.title for one in seen} == {"Class 0", "Class 1"}, "those that come first"


async def test_one_meeting_is_a_file(scene: Scene, calendars: CalendarService) -> None:
    room_id = await scene.node.room(TEACHER, ANA)
    detail = await scene.schedule(room_id=room_id, count=3, title="Algèbre; a,b")
    file = await calendars.meeting_file(ANA, detail.meeting.id)
    assert file.name == f"{detail.meeting.id}.ics"
    assert shown(file.text) == held(detail)
    assert parse(file.text)["METHOD"] == "PUBLISH"
    for who, meeting_id in ((EVE, detail.meeting.id), (ANA, "meet_nothing")):
        with pytest.raises(NotFound):
            await calendars.meeting_file(who, meeting_id)
