"""Staff leads: mutes, stops, admits, hands over the floor, removes, ends. The page of the other side obeys at once."""

import pytest
from playwright.async_api import expect

from tests.journeys.call.conftest import Seat, new_room

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_whoever_staff_mutes_is_silent_and_cannot_undo_it(seat: Seat) -> None:
    ada, ben = await seat("ada", role="instructor"), await seat("ben")
    room = await new_room(ada, ben)
    await ada.call_in(room)
    await ben.call_in(room)
    await ada.hears()
    await ada.button("People").click()
    await ada.button("More for Ben").click()
    await ada.button("Mute Ben").click()
    await expect(ben.page.get_by_text("Staff has switched off your microphone.")).to_be_visible()
    await expect(ben.button("Unmute")).to_be_visible()
    await ada.pause(0.5)
    before = await ada.flow()
    await ada.pause(2)
    assert (await ada.flow()).audio == before.audio
    assert (await ada.flow()).energy - before.energy < 0.0001

    await ben.button("Unmute").click()
    await ben.pause(0.5)
    await expect(ben.button("Unmute")).to_be_visible()
    assert (await ada.flow()).audio == before.audio

    await ada.button("More for Ben").click()
    await ada.button("Let Ben speak again").click()
    await expect(ben.page.get_by_text("Staff has switched off your microphone.")).to_have_count(0)
    await expect(ben.button("Unmute")).to_be_visible()
    await ben.button("Unmute").click()
    await ada.hears()


async def test_hands_are_worked_through_in_their_order(seat: Seat) -> None:
    ada, ben, cleo = await seat("ada", role="instructor"), await seat("ben"), await seat("cleo")
    room = await new_room(ada, ben, cleo)
    for caller in (ada, ben, cleo):
        await caller.call_in(room)
    await cleo.button("Raise hand").click()
    await expect(cleo.button("Lower hand")).to_be_visible()
    await ben.button("Raise hand").click()
    await ada.button("People").click()
    people = ada.page.get_by_role("list", name="People in the call").get_by_role("listitem")
    await expect(people.nth(0)).to_contain_text("Cleo")
    await expect(people.nth(1)).to_contain_text("Ben")
    await expect(ada.page.get_by_role("log", name="News of the call")).to_contain_text("Ben raised a hand.")
    await ada.button("Give the floor").click()
    await expect(cleo.tile("Cleo (you)")).to_contain_text("has the floor")
    await expect(cleo.button("Raise hand")).to_be_visible()
    await expect(people.nth(0)).to_contain_text("Ben")

    await ben.button("React").click()
    await ben.page.get_by_role("button", name="React with 👏").click()
    await expect(ada.tile("Ben").get_by_text("👏")).to_be_visible()


async def test_a_lobby_holds_whoever_comes_until_staff_admits(seat: Seat) -> None:
    ada, ben = await seat("ada", role="instructor"), await seat("ben")
    room = await new_room(ada, ben)
    await ada.call_in(room)
    await ada.button("People").click()
    await ada.page.get_by_label("Whoever comes waits to be let in").check()
    await ben.open_room(room)
    await ben.to_the_door()
    await ben.button("Join call").click()
    await expect(ben.page.get_by_role("heading", name="Please wait a moment")).to_be_visible()
    await expect(ada.tile("Ben")).to_have_count(0)
    await ada.button("Admit").click()
    await ada.sees(ben)
    await ben.sees(ada)

    await ada.button("More for Ben").click()
    await ada.button("Remove from the call").click()
    await expect(ben.page.get_by_role("heading", name="Staff has removed you from the call.")).to_be_visible()
    await expect(ada.tile("Ben")).to_have_count(0)
    await ben.button("Back to the room").click()
    await ada.button("More").click()
    await ada.button("End call for everybody").click()
    await ada.button("End call").click()
    await expect(ada.page.get_by_role("heading", name="The call has ended.")).to_be_visible()


async def test_a_shared_screen_is_large_until_staff_stops_it(seat: Seat) -> None:
    ada, ben = await seat("ada", role="instructor"), await seat("ben")
    room = await new_room(ada, ben)
    await ada.call_in(room)
    await ben.call_in(room)
    await ben.button("Share screen").click()
    await expect(ada.tile("Ben's screen")).to_have_attribute("data-main", "true")
    await expect(ada.video("Ben's screen")).to_be_visible()
    await ada.until(
        lambda shown: shown is not None and shown["state"] == "live" and shown["frames"] > 3,
        lambda: ada.shown("Ben's screen"),
        what="the screen is seen",
    )
    await ada.button("People").click()
    await ada.button("More for Ben").click()
    await ada.button("Stop the screen share").click()
    await expect(ada.tile("Ben's screen")).to_have_count(0)
    await expect(ben.button("Share screen")).to_be_visible()
