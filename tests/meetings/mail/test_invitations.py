"""Invitations, changes and cancellations, from the schedule to the calendars of those who are told."""

from typing import cast

import pytest

from contract.after_class import JobPage, ListJobs
from contract.meetings import Scope
from contract.rooms import NewMember
from tests.meetings.mail.postbox import ADA, BASE, BO, INES, Post, held, sender
from tests.realtime.school import ADMIN, ANA, BOT, later

ANA_AT, BEN_AT, INES_AT = "ana@a.test", "ben@b.test", "ines@school.test"


async def test_everybody_whose_address_is_known_is_invited_once(post: Post) -> None:
    room_id = await post.room(ADA, BO, BOT)
    await post.node.admit(later(BOT, email="bot@b.test"))
    meeting_id = await post.planned(room_id, count=3)
    assert sorted(mail.recipient for mail in post.server.mails) == ["Ana@A.test", BEN_AT, INES_AT]
    (letter,) = post.letters(ANA_AT)
    assert letter.method == "REQUEST"
    assert post.calendar(ANA_AT) == held(await post.get(meeting_id))
    for event in letter.events:
        assert event["ORGANIZER"] == f"mailto:{sender()}"
        assert event["ATTENDEE"] == "mailto:Ana@A.test"
    assert "ben@b.test" not in letter.mail.raw.decode()
    await post.pass_time(hours=1)
    assert len(post.server.mails) == 3


async def test_the_words_tell_the_same_as_the_calendar(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, count=3, description="Bring a ruler.\nAnd a <pen>.")
    (letter,) = post.letters(ANA_AT)
    assert letter.subject == "Invitation: Algebra, Monday 7 January 2030, 09:00"
    for said in (
        "You are invited: Algebra",
        "Every Monday at 09:00 (Europe/Paris), until Monday 21 January 2030: 3 classes",
        "First class: Monday 7 January 2030, 09:00 to 09:45 (Europe/Paris)",
        "For you: Monday 7 January 2030, 03:00 to 03:45 (America/New_York)",
        "With: Teacher",
        "Bring a ruler.\nAnd a <pen>.",
        f"{BASE}/m/{meeting_id}",
    ):
        assert said in letter.text.replace("\r\n", "\n")
    assert "And a &lt;pen&gt;." in letter.html
    assert letter.html.count(f"href='{BASE}/m/{meeting_id}'") == 1
    (own,) = post.letters(INES_AT)
    assert "For you" not in own.text, "her clocks show the same"


async def test_the_headers_are_those_of_a_machine(post: Post) -> None:
    room_id = await post.room(ADA)
    await post.planned(room_id)
    message = post.letters(ANA_AT)[0].message
    assert (message["From"], message["Auto-Submitted"]) == (
        "Homeroom <homeroom@school.test>",
        "auto-generated",
    )
    assert str(message["To"]) == "Ana <Ana@A.test>"
    assert str(message["Message-ID"]).endswith("@school.test>")


async def test_a_change_is_told_with_a_higher_sequence_and_the_same_uid(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, count=4)
    first = post.letters(ANA_AT)[0].events[0]
    detail = await post.change(meeting_id, title="Geometry", minutes=60)
    await post.work()
    letter = post.letters(ANA_AT)[-1]
    assert (letter.subject, letter.method) == ("Changed: Geometry", "REQUEST")
    assert letter.events[0]["UID"] == first["UID"]
    assert letter.events[0]["SEQUENCE"] > first["SEQUENCE"]
    assert post.calendar(ANA_AT) == held(detail)
    assert len(post.letters(ANA_AT)) == 2


async def test_what_people_need_not_know_is_not_told(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, count=4)
    await post.change(meeting_id, reminders=[5])
    await post.work()
    await post.change(meeting_id, policy={"lobby": True})
    await post.work()
    await post.change(meeting_id, provider="scripted")
    await post.work()
    assert [letter.method for letter in post.letters(ANA_AT)] == ["REQUEST"]


async def test_one_class_is_moved(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, count=4)
    key = (await post.get(meeting_id)).occurrences[1].key
    detail = await post.change(meeting_id, Scope.THIS, key, starts="2030-01-15T14:30")
    await post.work()
    letter = post.letters(ANA_AT)[-1]
    assert letter.subject == "Moved: Algebra, now Tuesday 15 January 2030, 14:30"
    assert "Was: Monday 14 January 2030, 09:00 to 09:45 (Europe/Paris)" in letter.text
    assert [("RECURRENCE-ID" in event) for event in letter.events] == [False, True]
    assert post.calendar(ANA_AT) == held(detail)


async def test_one_class_is_cancelled(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, count=4)
    key = (await post.get(meeting_id)).occurrences[1].key
    detail = await post.cancel(meeting_id, Scope.THIS, key)
    await post.work()
    letter = post.letters(ANA_AT)[-1]
    assert letter.subject == "Cancelled: Algebra, Monday 14 January 2030, 09:00"
    (event,) = letter.events
    assert (letter.method, event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert event["RECURRENCE-ID"].dt.replace(tzinfo=None).isoformat(timespec="minutes") == key
    assert event["SEQUENCE"] > post.letters(ANA_AT)[0].events[0]["SEQUENCE"]
    assert post.calendar(ANA_AT) == held(detail)
    await post.change(meeting_id, title="Geometry")
    await post.work()
    assert post.calendar(ANA_AT) == held(await post.get(meeting_id)), (
        "it does not come back with a later change"
    )


async def test_everything_is_cancelled(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, count=4)
    await post.cancel(meeting_id)
    await post.work()
    letter = post.letters(ANA_AT)[-1]
    (event,) = letter.events
    assert (letter.subject, letter.method) == ("Cancelled: Algebra", "CANCEL")
    assert "RECURRENCE-ID" not in event
    assert f"{BASE}/m/" not in letter.text
    assert post.calendar(ANA_AT) == []
    await post.pass_time(days=40)
    assert len(post.letters(ANA_AT)) == 2


@pytest.mark.parametrize("change", ["cancel", "retitle", "move", "rule"])
async def test_this_and_following(post: Post, change: str) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, count=5)
    key = (await post.get(meeting_id)).occurrences[2].key
    if change == "cancel":
        detail = await post.cancel(meeting_id, Scope.FOLLOWING, key)
    elif change == "retitle":
        detail = await post.change(meeting_id, Scope.FOLLOWING, key, title="Geometry")
    elif change == "move":
        detail = await post.change(meeting_id, Scope.FOLLOWING, key, starts="2030-01-22T11:00")
    else:
        detail = await post.change(meeting_id, Scope.FOLLOWING, key, rule="FREQ=DAILY;COUNT=6")
    await post.work()
    assert post.calendar(ANA_AT) == held(detail)
    told = [
        (event["UID"], event["SEQUENCE"]) for letter in post.letters(ANA_AT) for event in letter.events[:1]
    ]
    assert len(told) == len(set(told))


async def test_a_class_that_was_held_stays_when_the_rest_is_cancelled(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, count=3, reminders=[])
    await post.pass_time(days=8)
    await post.cancel(meeting_id)
    await post.work()
    letter = post.letters(ANA_AT)[-1]
    assert letter.subject == "Cancelled: Algebra"
    assert len(post.calendar(ANA_AT)) == 1
    assert post.calendar(ANA_AT) == held(await post.get(meeting_id))


async def test_who_comes_into_the_room_later_is_invited_to_what_is_to_come(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, count=3, reminders=[])
    await post.pass_time(days=8)
    await post.node.admit(BO)
    await post.node.rooms.add_member(INES, room_id, NewMember(user_id=BO.user_id))
    await post.pass_time(seconds=6)
    assert post.calendar(BEN_AT) == held(await post.get(meeting_id))[1:]
    assert len(post.letters(BEN_AT)) == 1
    assert len(post.letters(ANA_AT)) == 1


async def test_who_leaves_is_told_that_they_are_not_invited_any_more(post: Post) -> None:
    room_id = await post.room(ADA, BO)
    await post.planned(room_id, count=3)
    await post.node.rooms.remove_member(INES, room_id, BO.user_id)
    await post.pass_time(seconds=6)
    invited, letter = post.letters(BEN_AT)
    assert (letter.subject, letter.method) == ("No longer invited: Algebra", "CANCEL")
    assert letter.events[0]["SEQUENCE"] > invited.events[0]["SEQUENCE"]
    assert post.calendar(BEN_AT) == []
    await post.node.rooms.add_member(INES, room_id, NewMember(user_id=BO.user_id))
    await post.pass_time(seconds=6)
    assert len(post.calendar(BEN_AT)) == 3, "and comes back with a sequence that is higher still"
    assert len(post.letters(ANA_AT)) == 1


async def test_who_was_never_told_is_not_told_that_it_is_over(post: Post) -> None:
    room_id = await post.room(ADA)
    await post.planned(room_id)
    await post.node.rooms.add_member(INES, room_id, NewMember(user_id=BO.user_id))
    await post.node.admit(BO)
    await post.node.rooms.remove_member(INES, room_id, BO.user_id)
    await post.pass_time(seconds=6)
    assert post.letters(BEN_AT) == []


async def test_a_new_address_takes_the_place_of_the_old_one(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, count=2)
    await post.node.admit(later(ADA, email="ana@new.test"))
    await post.pass_time(seconds=6)
    assert post.calendar("ana@new.test") == held(await post.get(meeting_id))
    assert post.calendar(ANA_AT) == []
    await post.node.admit(later(ADA, email="ANA@new.test"))
    await post.pass_time(seconds=6)
    assert len(post.letters("ana@new.test")) == 1


async def test_an_address_that_becomes_known_is_invited(post: Post) -> None:
    room_id = await post.room(ANA)
    await post.planned(room_id, count=2)
    assert post.letters(ANA_AT) == []
    await post.node.admit(ADA)
    await post.pass_time(seconds=6)
    assert len(post.calendar(ANA_AT)) == 2


async def test_nobody_is_invited_to_what_is_over(post: Post) -> None:
    room_id = await post.room(ADA)
    await post.planned(room_id, reminders=[])
    await post.pass_time(days=10)
    await post.node.admit(BO)
    await post.node.rooms.add_member(INES, room_id, NewMember(user_id=BO.user_id))
    await post.node.rooms.remove_member(INES, room_id, ADA.user_id)
    await post.pass_time(seconds=6)
    assert post.letters(BEN_AT) == []
    assert [letter.method for letter in post.letters(ANA_AT)] == ["REQUEST"]


async def test_a_guest_gets_a_link_of_their_own_that_stays(post: Post) -> None:
    room_id = await post.room()
    meeting_id = await post.planned(room_id, count=2, guests=["guest@g.test"])
    (letter,) = post.letters("guest@g.test")
    link = letter.events[0]["LOCATION"]
    assert link.startswith(f"{BASE}/m/{meeting_id}#guest=inv_")
    assert "invited you as a guest" in letter.text
    await post.change(meeting_id, title="Geometry")
    await post.work()
    assert post.letters("guest@g.test")[-1].events[0]["LOCATION"] == link
    assert link not in post.letters(INES_AT)[0].mail.raw.decode()
    await post.change(meeting_id, guests=[])
    await post.work()
    assert post.letters("guest@g.test")[-1].subject == "No longer invited: Geometry"


async def test_mails_wait_for_a_server_that_is_busy(post: Post) -> None:
    room_id = await post.room(ADA)
    post.server.recipient_answers = ["451 busy"] * 4
    await post.planned(room_id)
    assert post.letters(ANA_AT) == []
    await post.pass_time(minutes=2)
    assert len(post.letters(ANA_AT)) == 1


async def test_a_mail_server_that_is_away_for_a_night_costs_no_mail(post: Post) -> None:
    room_id = await post.room(ADA)
    post.server.recipient_answers = ["451 busy"] * 10_000
    await post.planned(room_id)
    await post.pass_time(hours=14)
    tries = 10_000 - len(post.server.recipient_answers)
    assert tries < 2 * 40
    post.server.recipient_answers = []
    await post.pass_time(hours=2)
    assert len(post.letters(ANA_AT)) == 1


async def test_what_is_overtaken_while_it_waits_is_not_told(post: Post) -> None:
    room_id = await post.room(ADA)
    post.server.recipient_answers = ["451 busy"] * 2
    meeting_id = await post.planned(room_id, count=3)
    detail = await post.change(meeting_id, title="Geometry")
    await post.pass_time(minutes=2)
    (letter,) = post.letters(ANA_AT)
    assert letter.subject.startswith("Invitation: Geometry")
    assert post.calendar(ANA_AT) == held(detail)


async def test_a_mail_whose_answer_got_lost_is_recognised_when_it_comes_again(post: Post) -> None:
    room_id = await post.room()
    post.server.mail_answers = ["hang up"]
    await post.planned(room_id)
    await post.pass_time(minutes=1)
    (lost,), (mail,) = post.server.dropped, post.server.mails
    assert lost.message["Message-ID"] == mail.message["Message-ID"]
    assert post.calendar(INES_AT)


async def test_a_cancellation_is_told_also_to_those_who_may_have_heard(post: Post) -> None:
    room_id = await post.room()
    post.server.mail_answers = ["hang up"]
    meeting_id = await post.planned(room_id)
    await post.cancel(meeting_id)
    await post.pass_time(minutes=1)
    assert [letter.method for letter in post.letters(INES_AT)] == ["CANCEL"]


async def test_who_surely_heard_nothing_is_not_told_that_it_is_over(post: Post) -> None:
    room_id = await post.room(ADA)
    post.server.refused = {"Ana@A.test": "451 busy"}
    await post.planned(room_id)
    await post.pass_time(hours=2)
    await post.node.rooms.remove_member(INES, room_id, ADA.user_id)
    await post.pass_time(seconds=6)
    post.server.refused = {}
    await post.pass_time(hours=2)
    assert post.letters(ANA_AT) == []


async def test_an_address_that_is_refused_hinders_nobody_and_is_seen(post: Post) -> None:
    room_id = await post.room(ADA, BO)
    post.server.refused = {"Ana@A.test": "550 5.1.1 <Ana@A.test> no such user"}
    meeting_id = await post.planned(room_id)
    assert sorted(mail.recipient for mail in post.server.mails) == [BEN_AT, INES_AT]
    page = await post.ask("listJobs", who=INES, query=ListJobs(meeting_id=meeting_id))
    (job,) = cast("JobPage", page).items
    assert (job.kind, job.error) == ("mail", "The mail server refuses its recipient (550).")
    assert "ana" not in page.model_dump_json().lower()
    post.server.refused = {}
    await post.retry_job(job.id, ADMIN)
    await post.work()
    assert len(post.calendar(ANA_AT)) == 1


async def test_a_hostile_title_is_a_title(post: Post) -> None:
    room_id = await post.room(ADA)
    title = '=cmd|"/c calc"!A1 <script>alert(1)</script> ' + "é" * 60
    await post.planned(room_id, title=title, description="BEGIN:VEVENT\r\nBcc: eve@e.test\r\n\r\n.\r\n")
    (letter,) = post.letters(ANA_AT)
    assert letter.events[0]["SUMMARY"] == title
    assert title in letter.subject
    assert "<script>" not in letter.html
    assert letter.message["Bcc"] is None
    assert len(letter.events) == 1


async def test_a_reason_is_told(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id)
    await post.change(meeting_id, starts="2030-01-08T10:00", reason="The room is painted.")
    await post.work()
    assert "Reason: The room is painted." in post.letters(ANA_AT)[-1].text


async def test_a_long_series_is_told_whole(post: Post) -> None:
    room_id = await post.room(ADA)
    rule = "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=150"
    meeting_id = await post.planned(room_id, rule=rule, starts=post.monday(), reminders=[])
    assert post.calendar(ANA_AT) == held(await post.get(meeting_id))
    assert len(post.calendar(ANA_AT)) == 150
