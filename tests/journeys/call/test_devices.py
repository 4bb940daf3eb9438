"""Devices that are refused, taken or unplugged: a sentence and a way on, never an exception's own text."""

import pytest
from playwright.async_api import expect

from tests.journeys.call.callers import Caller
from tests.journeys.call.conftest import Seat, new_room

pytestmark = pytest.mark.asyncio(loop_scope="session")

_REFUSE = """
(name) => {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.refused = name;
  navigator.mediaDevices.getUserMedia = (wish) =>
    window.refused && wish.video ? Promise.reject(new DOMException("Could not start video source", window.refused)) : ask(wish);
}
"""


async def refuse_camera(caller: Caller, name: str) -> None:
    await caller.page.evaluate(_REFUSE, name)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("NotAllowedError", "Your browser does not let this page use the camera."),
        ("NotReadableError", "The camera is used by another program."),
        ("NotFoundError", "No camera was found."),
    ],
)
async def test_a_camera_that_cannot_be_had_is_said_in_a_sentence(
    seat: Seat, name: str, sentence: str
) -> None:
    ada = await seat("ada", role="instructor")
    await ada.open_room(await new_room(ada))
    await refuse_camera(ada, name)
    await ada.to_the_door()
    await expect(ada.page.get_by_role("alert")).to_contain_text(sentence)
    await expect(ada.page.get_by_text("Could not start video source")).to_have_count(0)
    await ada.page.evaluate("window.refused = null")
    await ada.button("Try again").click()
    await expect(ada.video("Ada (you)")).to_be_visible()
    await expect(ada.page.get_by_role("alert")).to_have_count(0)


async def test_one_can_come_in_without_a_camera_and_get_it_later(seat: Seat) -> None:
    ada, ben = await seat("ada", role="instructor"), await seat("ben")
    room = await new_room(ada, ben)
    await ada.call_in(room)
    await ben.open_room(room)
    await refuse_camera(ben, "NotReadableError")
    await ben.join()
    await expect(ben.page.get_by_role("alert")).to_contain_text("The camera is used by another program.")
    await expect(ada.tile("Ben")).to_be_visible()
    await expect(ada.video("Ben")).to_have_count(0)
    await ada.hears()
    await ben.page.evaluate("window.refused = null")
    await ben.button("Try again").click()
    await ada.sees(ben)


async def test_the_space_bar_speaks_while_it_is_held_and_keys_switch(seat: Seat) -> None:
    ada, ben = await seat("ada", role="instructor"), await seat("ben")
    room = await new_room(ada, ben)
    await ada.call_in(room)
    await ben.call_in(room)
    await ada.page.locator("body").press("m")
    await expect(ada.button("Unmute")).to_be_visible()
    await expect(ben.tile("Ada")).to_contain_text("Muted:")
    await ada.page.mouse.click(500, 400)
    await ada.page.keyboard.down(" ")
    await expect(ben.tile("Ada")).not_to_contain_text("Muted:")
    await ben.hears()
    await ada.page.keyboard.up(" ")
    await expect(ben.tile("Ada")).to_contain_text("Muted:")
    await ada.page.keyboard.press("v")
    await expect(ben.video("Ada")).to_have_count(0)
    await ada.page.keyboard.press("h")
    await expect(ada.button("Lower hand")).to_be_visible()
    await ada.page.keyboard.press("?")
    await expect(ada.page.get_by_role("dialog", name="Keys")).to_contain_text("In a call: mute or unmute")
