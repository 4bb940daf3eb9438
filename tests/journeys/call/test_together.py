"""People in a call see and hear each other, and nobody else does."""

import pytest
from playwright.async_api import expect

from tests.journeys.call.conftest import Seat, new_room

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_two_people_see_and_hear_each_other_until_one_leaves(seat: Seat) -> None:
    ada, ben = await seat("ada", role="instructor"), await seat("ben")
    room = await new_room(ada, ben)
    await ada.call_in(room)
    await ben.open_room(room)
    await expect(ben.page.get_by_text("1 in the call")).to_be_visible()
    await ben.join()
    await ada.sees(ben)
    await ben.sees(ada)
    await ada.hears()
    await ben.hears()

    await ben.button("Turn camera off").click()
    await expect(ada.video("Ben")).to_have_count(0)
    await ben.button("Turn camera on").click()
    await ada.sees(ben)

    await ben.button("Leave call").click()
    await expect(ada.tile("Ben")).to_have_count(0)
    assert (await ben.flow()).connected == 0
    before = await ada.flow()
    await ada.pause(1.5)
    after = await ada.flow()
    assert (after.sent, after.audio, after.video) == (before.sent, before.audio, before.video)
    await ada.button("Leave call").click()
    await expect(ada.page.get_by_text("A call took place")).to_be_visible()
    await expect(ben.page.get_by_text("2 people", exact=False).first).to_be_visible()


async def test_four_people_and_one_who_comes_late(seat: Seat) -> None:
    small = {"viewport": {"width": 800, "height": 600}}
    ada = await seat("ada", role="instructor", **small)
    ben, cleo, dan = [await seat(name, **small) for name in ("ben", "cleo", "dan")]
    room = await new_room(ada, ben, cleo, dan)
    for caller in (ada, ben, cleo):
        await caller.call_in(room)
    await ada.sees(ben, cleo)
    await dan.call_in(room)
    await dan.sees(ada, ben, cleo, seconds=30)
    for caller in (ada, ben, cleo):
        await caller.sees(dan, seconds=30)
    assert (await dan.flow()).connected == 3
    await dan.hears()
