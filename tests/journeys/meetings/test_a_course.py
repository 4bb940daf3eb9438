"""A weekly course: scheduled with the keyboard alone, seen by the class, moved and cancelled."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.journeys.meetings.conftest import Seat
from tests.journeys.meetings.school import MeetingSchool, Pupil

pytestmark = pytest.mark.asyncio(loop_scope="session")

_WORDS = "Every Tuesday and Thursday at 9:00 for 50 minutes, 10 times"


async def _schedule_by_keyboard(noor: Pupil, title: str) -> None:
    """From the room, without a pointer: the calendar, the form, the words, the dates, the button."""
    page, keys = noor.page, noor.page.keyboard
    await noor.tab_to(page.get_by_role("link", name="Calendar", exact=True))
    await keys.press("Enter")
    await expect(page.get_by_role("heading", name="Calendar", level=1)).to_be_focused()
    await noor.tab_to(noor.button("Schedule"))
    await keys.press("Enter")
    await expect(page.get_by_role("textbox", name="Title")).to_be_focused()
    await keys.type(title)
    await noor.tab_to(page.get_by_role("combobox", name="Room"))
    await keys.type(title)  # as a select takes it: the first letters choose
    await noor.tab_to(page.get_by_role("textbox", name="In your own words"))
    await keys.type(_WORDS)
    dates = page.get_by_role("list", name="The next dates").get_by_role("listitem")
    await expect(dates).to_have_count(5)
    await expect(dates.first).to_contain_text("9:00")
    await expect(page.get_by_text("10 in all")).to_be_visible()
    await expect(page.get_by_role("region", name="What it comes to")).to_contain_text("Tuesday and Thursday")
    await keys.press("Enter")
    await expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


async def test_a_weekly_course_by_keyboard_alone_appears_for_everybody(
    seat: Seat, school: MeetingSchool
) -> None:
    noor, ben, eve = await seat("noor", role="instructor"), await seat("ben"), await seat("eve")
    room = await school.room(noor, "Antiquity", "ben", "eve")
    await ben.open("/calendar?view=list")
    await eve.open_room(room)
    await noor.open_room(room)
    await _schedule_by_keyboard(noor, "Antiquity")
    await expect(noor.classes().first).to_contain_text("9:00")

    agenda = ben.page.get_by_role("region", name="Calendar").get_by_role("link", name="Antiquity")
    await expect(agenda.first).to_be_visible()
    await expect(eve.card("Antiquity")).to_contain_text("Every Tuesday and Thursday, 10 times")
    await ben.button("Month").click()
    await ben.button("Later: next month").click()
    in_month = ben.page.get_by_role("grid").get_by_role("button", name="Antiquity")
    await expect(in_month.first).to_be_visible()
    await in_month.first.focus()
    await ben.page.keyboard.press("Enter")
    await expect(ben.page.get_by_role("heading", name="Antiquity", level=1)).to_be_visible()
    await expect(ben.button("Change")).to_have_count(0)


async def test_one_class_is_moved_one_cancelled_and_the_rest_is_held_at_another_time(
    seat: Seat, school: MeetingSchool
) -> None:
    noor, ben = await seat("noor", role="instructor"), await seat("ben")
    room = await school.room(noor, "Renaissance", "ben")
    wish: dict[str, Any] = {
        "starts": "2031-03-04T09:00",
        "zone": "Europe/Paris",
        "rule": "FREQ=DAILY;COUNT=5",
    }
    meeting = await school.meeting(noor, room, "Renaissance", **wish)
    await ben.open_room(room)
    await noor.open(f"/meetings/{meeting}")
    await expect(noor.classes()).to_have_count(5)

    await noor.classes().nth(1).get_by_role("button", name="Change the class of").click()
    await expect(noor.page.get_by_role("radio", name="Only the class of")).to_be_checked()
    await noor.button("Continue").click()
    await noor.page.get_by_label("Begins at").fill("18:15")
    await noor.page.get_by_label("Why?").fill("The room is taken.")
    await expect(noor.page.get_by_role("list", name="The next dates")).to_contain_text("6:15")
    await noor.button("Save the changes").click()
    await expect(noor.classes().nth(1)).to_contain_text("6:15")
    await expect(noor.classes().nth(1)).to_contain_text("moved from")
    await expect(noor.classes().nth(2)).not_to_contain_text("6:15")
    await expect(ben.messages.get_by_text("Noor changed the class of")).to_be_visible()

    await noor.classes().nth(2).get_by_role("button", name="Cancel the class of").click()
    await noor.page.get_by_label("Why?").fill("I am at a conference.")
    await noor.button("Cancel the class").click()
    await expect(noor.classes().nth(2)).to_contain_text("Cancelled")
    await expect(ben.messages.get_by_text("I am at a conference.")).to_be_visible()

    await noor.classes().nth(3).get_by_role("button", name="Change the class of").click()
    await noor.page.get_by_role("radio", name="This one and all that follow").check()
    await noor.button("Continue").click()
    await noor.page.get_by_label("Begins at").fill("20:45")
    await noor.button("Save the changes").click()
    for index in (3, 4):
        await expect(noor.classes().nth(index)).to_contain_text("8:45")
    await expect(noor.classes().nth(0)).not_to_contain_text("8:45")
    history = noor.page.get_by_role("list", name="History")
    await expect(history).to_contain_text("I am at a conference.")
    await expect(history).to_contain_text("The room is taken.")


async def test_a_conflict_is_shown_while_typing_and_can_be_accepted(
    seat: Seat, school: MeetingSchool
) -> None:
    noor = await seat("noor", role="instructor")
    room = await school.room(noor, "Modern times")
    await school.meeting(noor, room, "Staff meeting", starts="2031-03-04T09:30", zone="Europe/Paris")
    await noor.open(f"/calendar/new?room={room}&starts=2031-03-04T09:00")
    await noor.page.get_by_role("textbox", name="Title").fill("Modern times")
    preview = noor.page.get_by_role("region", name="What it comes to")
    await expect(preview).to_contain_text("Staff meeting")
    await noor.page.get_by_label("Begins at").fill("11:00")
    await expect(preview).not_to_contain_text("Staff meeting")
    await noor.page.get_by_label("Begins at").fill("09:45")
    await expect(preview).to_contain_text("Staff meeting")
    await noor.button("Schedule all the same").click()
    await expect(noor.page.get_by_role("heading", name="Modern times", level=1)).to_be_visible()


async def test_times_that_clocks_skip_are_told_while_typing(seat: Seat, school: MeetingSchool) -> None:
    noor = await seat("noor", role="instructor", timezone_id="Asia/Tokyo")
    room = await school.room(noor, "Night watch")
    await noor.open(f"/calendar/new?room={room}&starts=2031-03-30T02:30")
    await noor.button("Another time zone").click()
    await noor.page.get_by_label("Time zone").fill("Europe/Paris")
    preview = noor.page.get_by_role("region", name="What it comes to")
    await expect(preview).to_contain_text("The clocks go forward over this time")
    await expect(preview).to_contain_text("for you")
