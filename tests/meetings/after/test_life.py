"""What is told of a class, in whatever order and however often, becomes the same class."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from contract.errors import InvalidInput, NotFound, Unauthorized
from contract.meetings import CancelMeeting
from contract.schedule import OccurrenceStatus
from meetings.after.rules import TURNS, Turn
from meetings.provider import Delivery
from realtime.rest import RestCall
from realtime.rooms.tables import UserRow
from tests.meetings.after.desk import NINE, Desk, opened, signed
from tests.realtime.school import ANA, TEACHER

ANA_THERE = {"id": "p-7", "name": "Ana M.", "user_id": "ana"}
HOUR = timedelta(hours=1)


async def test_a_class_is_told_in_the_rooms_log(desk: Desk) -> None:
    await desk.meeting()
    await desk.at(NINE + HOUR)
    await desk.tell(desk.happens("started", 0), desk.happens("joined", 1, person=ANA_THERE))
    assert await desk.status() == "live"
    await desk.tell(desk.happens("left", 31, person=ANA_THERE), desk.happens("ended", 50))
    assert await desk.status() == "ended"
    started, joined, left, ended = await desk.log()
    assert [one["type"] for one in (started, joined, left, ended)] == [
        "meeting.started",
        "meeting.joined",
        "meeting.left",
        "meeting.ended",
    ]
    assert started["occurrence"]["status"] == "live"
    assert joined["user"] == {"id": "ana", "name": "Ana", "role": "student"}
    assert (joined["name"], joined["at"]) == ("Ana M.", "2030-01-01T09:01:00.000Z")
    assert (ended["people"], ended["occurrence"]["status"]) == (1, "ended")
    held = (await desk.service.attendance(TEACHER, started["meeting_id"], None)).items[0]
    assert held.ended_at == NINE + timedelta(minutes=50)
    assert [(one.seconds, one.percent) for one in held.people] == [(1800, 60)]


def _story(desk: Desk) -> Sequence[dict[str, object]]:
    return [
        desk.happens("started", 0),
        desk.happens("joined", 1, person=ANA_THERE),
        desk.happens("left", 10, person=ANA_THERE),
        desk.happens("joined", 20, person=ANA_THERE),
        desk.happens("ended", 40),
    ]


@pytest.mark.parametrize("order", [(4, 3, 2, 1, 0), (2, 4, 0, 3, 1)])
async def test_whatever_the_order_of_deliveries_it_is_the_same_class(
    light_desk: Desk, order: Sequence[int]
) -> None:
    desk = light_desk
    meeting_id = await desk.meeting()
    await desk.at(NINE + HOUR)
    story = _story(desk)
    for number in order:
        await desk.tell(story[number])
    assert await desk.status() == "ended"
    held = (await desk.service.attendance(TEACHER, meeting_id, None)).items[0]
    assert (held.started_at, held.ended_at) == (NINE, NINE + timedelta(minutes=40))
    minutes = [
        ((one.joined_at - NINE).seconds // 60, (one.left_at - NINE).seconds // 60 if one.left_at else None)
        for one in held.people[0].stays
    ]
    assert minutes == [(1, 10), (20, 40)]
    assert (held.people[0].seconds, held.people[0].percent) == (29 * 60, 72)


async def test_what_is_told_twice_happened_once(light_desk: Desk) -> None:
    desk = light_desk
    await desk.meeting()
    await desk.at(NINE + HOUR)
    for _ in range(2):
        for one in _story(desk):
            await desk.tell(one)
            await desk.tell({**one, "note": "told again in other words"})
    assert await desk.types() == ["started", "joined", "left", "joined", "ended"]
    assert [state for state, _ in await desk.webhooks()] == ["done"] * 10


async def test_a_class_that_is_interrupted_and_resumed_is_live_again(light_desk: Desk) -> None:
    desk = light_desk
    meeting_id = await desk.meeting()
    await desk.at(NINE + HOUR)
    await desk.tell(desk.happens("started", 0), desk.happens("ended", 10))
    await desk.tell(desk.happens("started", 20, "s2"))
    assert await desk.status() == "live"
    await desk.tell(desk.happens("joined", 20, "s2", person=ANA_THERE), desk.happens("ended", 50, "s2"))
    assert await desk.types() == ["started", "ended", "started", "joined", "ended"]
    held = (await desk.service.attendance(TEACHER, meeting_id, None)).items[0]
    assert (held.started_at, held.ended_at) == (NINE, NINE + timedelta(minutes=50))
    assert held.people[0].percent == 75  # 30 of the 40 minutes that it was held


async def test_the_same_session_may_be_resumed_too(light_desk: Desk) -> None:
    desk = light_desk
    await desk.meeting()
    await desk.at(NINE + HOUR)
    await desk.tell(desk.happens("started", 0), desk.happens("ended", 10), desk.happens("started", 12))
    assert await desk.status() == "live"
    assert await desk.types() == ["started", "ended", "started"]


async def test_started_twice_is_one_class_and_the_first_session_is_over(light_desk: Desk) -> None:
    desk = light_desk
    await desk.meeting()
    await desk.at(NINE + HOUR)
    await desk.tell(
        desk.happens("started", 0), desk.happens("started", 5, "s2"), desk.happens("started", 5, "s2")
    )
    assert await desk.types() == ["started"]
    await desk.tell(desk.happens("ended", 30, "s2"))
    assert await desk.types() == ["started", "ended"]


async def test_ended_without_started_and_left_without_joined(light_desk: Desk) -> None:
    desk = light_desk
    meeting_id = await desk.meeting()
    await desk.at(NINE + HOUR)
    await desk.tell(desk.happens("left", 30, person=ANA_THERE))
    await desk.tell(desk.happens("ended", 45))
    assert await desk.types() == ["started", "left", "ended"]
    await desk.tell(desk.happens("ended", 45, "another"))
    held = (await desk.service.attendance(TEACHER, meeting_id, None)).items[0]
    assert [(one.joined_at, one.left_at) for one in held.people[0].stays] == [
        (NINE + timedelta(minutes=30), NINE + timedelta(minutes=30))
    ]


async def test_late_news_after_the_end_is_kept_and_ends_nothing_anew(light_desk: Desk) -> None:
    desk = light_desk
    meeting_id = await desk.meeting()
    await desk.at(NINE + HOUR)
    await desk.tell(desk.happens("started", 0), desk.happens("ended", 40))
    await desk.tell(desk.happens("joined", 3, person=ANA_THERE))
    await desk.tell(desk.happens("left", 13, person=ANA_THERE))
    assert await desk.status() == "ended"
    assert await desk.types() == ["started", "ended", "joined", "left"]
    held = (await desk.service.attendance(TEACHER, meeting_id, None)).items[0]
    assert held.people[0].seconds == 600


async def test_an_end_that_is_older_than_somebodys_coming_is_old_news(light_desk: Desk) -> None:
    desk = light_desk
    await desk.meeting()
    await desk.at(NINE + HOUR)
    await desk.tell(desk.happens("started", 0))
    await desk.tell(desk.happens("joined", 35, person=ANA_THERE))
    await desk.tell(desk.happens("ended", 30))
    assert await desk.status() == "live"


async def test_without_names_of_sessions_the_time_says_which(light_desk: Desk) -> None:
    desk = light_desk
    meeting_id = await desk.meeting()
    await desk.at(NINE + HOUR)
    await desk.tell(desk.happens("started", 0, ""), desk.happens("joined", 1, "", person=ANA_THERE))
    await desk.tell(desk.happens("left", 9, "", person=ANA_THERE), desk.happens("ended", 10, ""))
    await desk.tell(desk.happens("started", 20, ""), desk.happens("ended", 30, ""))
    assert await desk.types() == ["started", "joined", "left", "ended", "started", "ended"]
    held = (await desk.service.attendance(TEACHER, meeting_id, None)).items[0]
    assert (held.people[0].seconds, held.people[0].percent) == (480, 40)


async def test_without_names_whoever_came_before_the_beginning_was_told_is_of_that_class(
    light_desk: Desk,
) -> None:
    desk = light_desk
    meeting_id = await desk.meeting()
    await desk.at(NINE + HOUR)
    await desk.tell(desk.happens("started", 5, ""))
    await desk.tell(desk.happens("left", 15, "", person=ANA_THERE))
    await desk.tell(desk.happens("joined", 2, "", person=ANA_THERE), desk.happens("ended", 42, ""))
    held = (await desk.service.attendance(TEACHER, meeting_id, None)).items[0]
    assert held.started_at == NINE + timedelta(minutes=2)
    assert [(one.seconds, len(one.stays)) for one in held.people] == [(13 * 60, 1)]


async def test_without_names_what_ends_was_the_class_that_ran_over_its_end(light_desk: Desk) -> None:
    desk = light_desk
    await desk.meeting(rule="FREQ=DAILY;COUNT=2")
    await desk.at(NINE + timedelta(days=1, minutes=30))
    await desk.tell(
        desk.happens("started", 23 * 60, ""), desk.happens("joined", 23 * 60, "", person=ANA_THERE)
    )
    assert [one.status.value for one in await desk.occurrences()] == ["ended", "live"]
    await desk.tell(
        desk.happens("left", 24 * 60 + 5, "", person=ANA_THERE), desk.happens("ended", 24 * 60 + 5, "")
    )
    assert [one.status.value for one in await desk.occurrences()] == ["ended", "ended"]
    assert [one["key"] for one in await desk.log("meeting.left")] == ["2030-01-02T09:00"]


async def test_of_a_series_the_session_is_meant_that_is_known_else_the_nearest_class(desk: Desk) -> None:
    await desk.meeting(rule="FREQ=DAILY;COUNT=3")
    await desk.at(NINE + timedelta(days=1, minutes=30))
    await desk.tell(desk.happens("started", 24 * 60 - 5, "tuesday"))
    assert [one.status.value for one in await desk.occurrences()] == ["ended", "live", "scheduled"]
    # a session that is known is of its class, whatever the time says
    await desk.tell(desk.happens("joined", 2, "tuesday", person=ANA_THERE))
    assert [one["key"] for one in await desk.log("meeting.joined")] == ["2030-01-02T09:00"]
    await desk.tell(desk.happens("ended", 24 * 60 + 20, "tuesday"))
    assert [one.status.value for one in await desk.occurrences()] == ["ended", "ended", "scheduled"]


async def test_people_are_known_by_our_id_then_by_their_address_and_else_not_at_all(desk: Desk) -> None:
    async with desk.node.database.writing() as connection:
        await connection.execute(
            update(UserRow).where(UserRow.id == "ben").values(email="Ben@School.example")
        )
    await desk.meeting()
    await desk.at(NINE + HOUR)
    people = [
        {"id": "1", "name": "A device", "user_id": "ana", "email": "ben@school.example"},
        {"id": "2", "name": "Benny", "email": "BEN@school.example"},
        {"id": "3", "name": "Stranger", "user_id": "nobody-of-ours", "email": "x@elsewhere.example"},
        {"id": "4", "name": ""},
        {"id": "5" * 400, "name": "\u0000\ud800 evil\r\nname " + "x" * 500, "email": "not an address"},
    ]
    await desk.tell(*(desk.happens("joined", 1, person=one) for one in people))
    told = [(one["name"], one.get("user", {}).get("id")) for one in await desk.log("meeting.joined")]
    assert ("A device", "ana") in told
    assert ("Benny", "ben") in told
    assert ("Stranger", None) in told
    assert ("Somebody", None) in told
    evil = next(name for name, _ in told if "evil" in name)
    assert len(evil) <= 120
    assert evil.isprintable()


async def test_a_class_that_was_cancelled_and_held_all_the_same_stays_cancelled(light_desk: Desk) -> None:
    desk = light_desk
    meeting_id = await desk.meeting()
    call = RestCall(
        "cancelMeeting", {"meeting_id": meeting_id}, "192.0.2.1", TEACHER, parsed_query=CancelMeeting()
    )
    await desk.parts.handlers["cancelMeeting"](call)
    await desk.at(NINE + HOUR)
    await desk.tell(desk.happens("started", 0), desk.happens("joined", 1, person=ANA_THERE))
    assert await desk.status() == "cancelled"
    assert await desk.types() == ["joined"]
    held = (await desk.service.attendance(TEACHER, meeting_id, None)).items[0]
    assert [one.name for one in held.people] == ["Ana"]


def test_every_turn_of_every_status_is_in_the_table() -> None:
    assert TURNS.keys() == set(itertools.product(OccurrenceStatus, Turn))


# ----------------------------------------------------------------------------------------------------------- the clock


async def test_a_class_that_nobody_tells_of_is_over_a_while_after_its_end(desk: Desk) -> None:
    await desk.meeting()
    await desk.at(NINE + timedelta(minutes=74))
    assert await desk.status() == "scheduled"
    await desk.at(NINE + timedelta(minutes=75))
    assert await desk.status() == "ended"
    assert await desk.types() == ["ended"]
    assert await desk.jobs("close") in ([], [("done", NINE + timedelta(minutes=75), None)])


async def test_a_class_whose_end_nobody_tells_is_over_two_hours_after_it(light_desk: Desk) -> None:
    desk = light_desk
    await desk.meeting()
    await desk.at(NINE)
    await desk.tell(desk.happens("started", 0))
    await desk.at(NINE + timedelta(hours=2, minutes=59))
    assert await desk.status() == "live"
    await desk.at(NINE + timedelta(hours=3))
    assert await desk.status() == "ended"
    assert await desk.types() == ["started", "ended"]


async def test_who_tries_it_out_before_its_time_does_not_end_it(light_desk: Desk) -> None:
    desk = light_desk
    meeting_id = await desk.meeting()
    await desk.at(NINE - timedelta(minutes=130))
    await desk.tell(desk.happens("started", -140, "trial"), desk.happens("ended", -130, "trial"))
    assert await desk.status() == "ended"
    await desk.at(NINE - timedelta(minutes=115))
    assert await desk.status() == "scheduled"
    assert (await desk.log("meeting.updated"))[-1]["meeting"]["status"] == "scheduled"
    await desk.at(NINE + timedelta(minutes=45))
    await desk.tell(desk.happens("started", 0), desk.happens("ended", 45))
    held = (await desk.service.attendance(TEACHER, meeting_id, None)).items[0]
    assert held.started_at == NINE
    assert await desk.status() == "ended"


async def test_each_class_of_a_series_is_looked_at_in_its_turn(light_desk: Desk) -> None:
    desk = light_desk
    await desk.meeting(rule="FREQ=DAILY;COUNT=3")
    for day in range(3):
        await desk.at(NINE + timedelta(days=day, hours=2))
        statuses = [one.status.value for one in await desk.occurrences()]
        assert statuses == ["ended"] * (day + 1) + ["scheduled"] * (2 - day)


# ------------------------------------------------------------------------------------------------------------ the inbox


async def test_what_is_not_signed_is_refused_without_a_hint(light_desk: Desk) -> None:
    desk = light_desk
    await desk.meeting()
    with pytest.raises(Unauthorized) as refusal:
        await desk.inbox.take("scripted", Delivery(headers={}, query={}, raw=b"[]"))
    assert "signature" not in refusal.value.message
    assert await desk.webhooks() == []
    with pytest.raises(NotFound):
        await desk.inbox.take("builtin", signed(b"[]"))
    with pytest.raises(NotFound):
        await desk.inbox.take("unheard-of", signed(b"[]"))
    with pytest.raises(InvalidInput):
        await desk.take(b"{")


async def test_what_only_wants_an_answer_is_not_kept(light_desk: Desk) -> None:
    receipt = await light_desk.take(b'"ping"')
    assert receipt.body == b'{"pong":true}'
    assert await light_desk.webhooks() == []


async def test_a_delivery_is_kept_before_it_is_answered_and_read_afterwards(desk: Desk) -> None:
    await desk.meeting()
    await desk.at(NINE + HOUR)
    raw = json.dumps([desk.happens("started", 0)]).encode()
    assert (await desk.take(raw)).status == 204
    assert (await desk.take(raw)).status == 204
    assert await desk.webhooks() == [("waiting", None)]
    assert await desk.status() == "scheduled"
    await desk.work()
    assert await desk.webhooks() == [("done", None)]
    assert await desk.status() == "live"


async def test_two_nodes_that_are_told_the_same_keep_it_once(database_url: str, tmp_path: Path) -> None:
    async with (
        opened(database_url, tmp_path / "one") as desk,
        opened(database_url, tmp_path / "two") as other,
    ):
        await desk.meeting()
        await desk.at(NINE + HOUR)
        other.clock.move((NINE + HOUR - other.clock.now()).total_seconds())
        story = [json.dumps([one]).encode() for one in _story(desk)]
        await asyncio.gather(*(one.take(raw) for raw in story for one in (desk, other, desk)))
        assert [state for state, _ in await desk.webhooks()] == ["waiting"] * len(story)
        await asyncio.gather(desk.work(), other.work())
        told = await desk.types()
        assert (told.count("joined"), told.count("left"), told.count("ended")) == (2, 1, 1)
        assert told.count("started") <= 1, "nobody is told of a beginning that is over already"
        assert await desk.status() == "ended"


async def test_meetings_that_are_not_known_are_noted(light_desk: Desk) -> None:
    desk = light_desk
    await desk.meeting()
    told = desk.happens("started", 0)
    await desk.tell({**told, "thing": "unheard-of"})
    await desk.tell({**told, "thing": "x\u0000y"})
    await desk.tell({**told, "thing": "\ud800"})
    assert [state for state, _ in await desk.webhooks()] == ["done"] * 3
    assert all(note is not None and "not known" in note for _, note in await desk.webhooks())
    assert await desk.types() == []


async def test_nasty_deliveries_are_kept_and_do_no_harm(light_desk: Desk) -> None:
    desk = light_desk
    await desk.meeting()
    nested = b"[" * 500 + b"]" * 500
    nasty = [
        b"[]",
        b"{}",
        b"null",
        b'"\\ud800"',
        nested,
        '["ü\u2028"]'.encode(),
        b'[{"what":"dance"}]',
        b"[NaN]",
    ]
    for raw in nasty:
        await desk.take(raw)
    await desk.work()
    assert len(await desk.webhooks()) == len(nasty)
    assert await desk.types() == []


async def test_students_see_only_their_own_attendance(light_desk: Desk) -> None:
    desk = light_desk
    meeting_id = await desk.meeting()
    await desk.at(NINE + HOUR)
    others = {"id": "9", "name": "Ben", "user_id": "ben"}
    await desk.tell(desk.happens("joined", 1, person=ANA_THERE), desk.happens("joined", 1, person=others))
    mine = (await desk.service.attendance(ANA, meeting_id, None)).items[0].people
    assert [one.name for one in mine] == ["Ana"]
    everybody = (await desk.service.attendance(TEACHER, meeting_id, None)).items[0].people
    assert [one.name for one in everybody] == ["Ana", "Ben"]
    with pytest.raises(NotFound):
        await desk.service.attendance(TEACHER, meeting_id, "2030-01-09T09:00")
    with pytest.raises(NotFound):
        await desk.service.attendance(TEACHER, "meet_nowhere", None)
