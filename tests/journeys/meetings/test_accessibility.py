"""axe finds nothing serious on the pages of meetings, light or dark, on a phone or a wide screen."""

from typing import Literal

import pytest
from playwright.async_api import expect

from tests.journeys.meetings.conftest import Seat
from tests.journeys.meetings.school import MeetingSchool
from tests.journeys.test_accessibility import findings

pytestmark = pytest.mark.asyncio(loop_scope="session")

Scheme = Literal["light", "dark"]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
async def test_the_pages_of_meetings(seat: Seat, school: MeetingSchool, scheme: Scheme, width: int) -> None:
    noor = await seat(
        "noor", role="instructor", color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    room = await school.room(noor, "Revolutions", "ben")
    meeting = await school.meeting(
        noor, room, "Revolutions", minutes_ahead=5, rule="FREQ=DAILY;COUNT=5", description="**Bring** maps."
    )
    calendar = noor.page.get_by_role("region", name="Calendar")
    for path, there in (
        ("/calendar?view=week", calendar.get_by_role("button", name="Revolutions").first),
        ("/calendar?view=month", calendar.get_by_role("button", name="Revolutions").first),
        ("/calendar?view=list", noor.page.get_by_role("link", name="Join Revolutions").first),
        (f"/calendar/new?room={room}", noor.page.get_by_role("list", name="The next dates")),
        (f"/meetings/{meeting}", noor.classes().first),
        (f"/rooms/{room}", noor.card("Revolutions").first),
    ):
        await noor.open(path)
        await expect(there).to_be_visible()
        assert [path, *await findings(noor.page)] == [path]
    assert not await noor.page.evaluate("document.documentElement.scrollWidth > innerWidth")
