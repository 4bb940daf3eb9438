"""One class: too early, open, live by itself, over; for members and for guests."""

import re

import pytest
from playwright.async_api import expect

from tests.journeys.meetings.conftest import Seat
from tests.journeys.meetings.school import MeetingSchool, Pupil, daytime_zone

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _join_call(pupil: Pupil) -> None:
    await expect(pupil.page.get_by_role("heading", name="Ready to join?")).to_be_visible()
    await pupil.button("Join call").click()
    await expect(pupil.button("Leave call")).to_be_visible()


async def test_a_class_turns_live_by_itself_when_the_instructor_comes(
    seat: Seat, school: MeetingSchool
) -> None:
    noor, ben = await seat("noor", role="instructor"), await seat("ben", timezone_id=daytime_zone())
    room = await school.room(noor, "Middle ages", "ben")
    meeting = await school.meeting(noor, room, "Middle ages", minutes_ahead=5)
    await ben.open_room(room)
    await expect(ben.today.get_by_role("link", name="Middle ages")).to_be_visible()
    next_class = ben.page.get_by_role("region", name="Next class")
    await expect(next_class).to_contain_text(re.compile(r"begins in [345] minutes"))

    await noor.open(f"/m/{meeting}")
    await _join_call(noor)
    await expect(next_class).to_contain_text("Live")
    await expect(ben.card("Middle ages").last).to_contain_text("Live")
    await ben.card("Middle ages").last.get_by_role("link", name="Join").click()
    await _join_call(ben)

    await noor.page.get_by_role("link", name="Calendar", exact=True).click()
    live = noor.page.get_by_role("grid").get_by_role("button", name="Live: Middle ages")
    await expect(live).to_be_visible()
    await noor.button("Leave call").click()
    await ben.button("Leave call").click()
    await expect(ben.card("Middle ages").last).to_contain_text("Took place")
    await noor.open(f"/meetings/{meeting}")
    attendance = noor.page.get_by_role("region", name="Attendance")
    await expect(attendance.get_by_role("rowheader", name="Ben")).to_be_visible()
    async with noor.page.expect_download() as download:
        await noor.button("Download as CSV").click()
    assert "Ben" in (await (await download.value).path()).read_text()


async def test_too_early_at_the_one_link(seat: Seat, school: MeetingSchool) -> None:
    noor, ben, eve = await seat("noor", role="instructor"), await seat("ben"), await seat("eve")
    room = await school.room(noor, "Early modern", "ben")
    meeting = await school.meeting(noor, room, "Early modern", minutes_ahead=25)
    await ben.open(f"/m/{meeting}")
    door = ben.page.get_by_role("region", name="Joining a class")
    await expect(door).to_contain_text(re.compile(r"Not yet, starts in 2[345] minutes\."))
    # The class is held sooner: whoever waits is let in without doing anything.
    await school.ask(
        noor,
        "PATCH",
        f"/api/v1/meetings/{meeting}",
        {"policy": {"opens_minutes": 60}, "accept_clashes": True},
    )
    await expect(ben.page.get_by_role("heading", name="Ready to join?")).to_be_visible()
    await eve.open(f"/m/{meeting}")
    await expect(eve.page.get_by_text("This link leads nowhere for you")).to_be_visible()


async def test_a_guest_comes_in_by_an_invitation(seat: Seat, school: MeetingSchool) -> None:
    noor, guest = await seat("noor", role="instructor"), await seat("nobody")
    room = await school.room(noor, "Museum visit")
    meeting = await school.meeting(noor, room, "Museum visit", minutes_ahead=5)
    link = await school.invite(noor, meeting, "curator@museum.example")
    await guest.page.goto(f"{guest.server.url}{link}")
    await expect(guest.page).to_have_url(f"{guest.server.url}/m/{meeting}")
    await guest.page.get_by_role("textbox", name="Your name").fill("Curator")
    await guest.button("Come in").click()
    await _join_call(guest)


async def test_a_link_that_a_service_refuses_is_shown_and_moved_with_one_click(
    seat: Seat, school: MeetingSchool
) -> None:
    noor, ben = await seat("noor", role="instructor"), await seat("ben")
    room = await school.room(noor, "Industry", "ben")
    meeting = await school.meeting(
        noor, room, "Industry", minutes_ahead=5, provider="zoom", host_account="noor@school.example"
    )
    await ben.open_room(room)
    await noor.open(f"/meetings/{meeting}")
    trouble = noor.page.get_by_role("region", name="Trouble with the link")
    await expect(trouble).to_be_visible()
    await expect(ben.messages.locator('[data-kind="link"]')).to_be_visible()
    await trouble.get_by_role("button", name="Move to Homeroom").click()
    await expect(noor.page.get_by_text("The link is ready.")).to_be_visible()
    await expect(trouble).to_have_count(0)
    await ben.page.get_by_role("region", name="Next class").get_by_role("link", name="Join").click()
    await expect(ben.page.get_by_role("heading", name="Ready to join?")).to_be_visible()


async def test_ones_own_calendar_for_other_programs(seat: Seat) -> None:
    ben = await seat("ben")
    await ben.open("/calendar")
    await ben.button("Calendar for other programs").click()
    dialog = ben.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Make an address").click()
    address = dialog.get_by_label("Your address")
    first = await address.input_value()
    await dialog.get_by_role("button", name="Make a new one").click()
    await expect(address).not_to_have_value(first)
    second = await address.input_value()
    assert (await ben.context.request.get(first)).status == 404
    assert "BEGIN:VCALENDAR" in await (await ben.context.request.get(second)).text()
    await dialog.get_by_role("button", name="End it").click()
    await expect(dialog.get_by_role("button", name="Make an address")).to_be_visible()
    assert (await ben.context.request.get(second)).status == 404
