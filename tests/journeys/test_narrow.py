"""On a phone: one pane at a time, and Back does what one expects."""

from typing import Any

from playwright.async_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.people import School

_PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


async def test_one_pane_at_a_time(sit_down: Arrive, school: School) -> None:
    ada = await sit_down("ada", role="instructor", **_PHONE)
    room = await school.room(ada.token, "Algebra", "ben")
    await school.say(ada.server.token("ben"), room, "w" * 200)
    await ada.open("/")
    await ada.rooms.get_by_role("link", name="Algebra").tap()
    await expect(ada.composer).to_be_visible()
    await expect(ada.rooms).not_to_be_visible()
    await ada.page.get_by_role("button", name="People").tap()
    await expect(ada.page.get_by_role("complementary", name="People")).to_be_visible()
    await expect(ada.composer).not_to_be_visible()

    await ada.page.go_back()
    await expect(ada.composer).to_be_visible()
    await ada.page.get_by_role("button", name="Back").tap()
    await expect(ada.rooms).to_be_visible()
    await expect(ada.page).to_have_url(f"{ada.server.url}/")
    await ada.page.go_forward()
    await expect(ada.composer).to_be_visible()
    wide = await ada.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide


async def test_a_long_press_offers_what_hovering_does(sit_down: Arrive, school: School) -> None:
    ada = await sit_down("ada", role="instructor", **_PHONE)
    room = await school.room(ada.token, "Algebra", "ben")
    await school.say(ada.server.token("ben"), room, "press me")
    await ada.open_room(room)
    row = ada.message("press me")
    await row.dispatch_event(
        "pointerdown", {"pointerType": "touch", "clientX": 100, "clientY": 100, "bubbles": True}
    )
    sheet = ada.page.get_by_role("dialog", name="Ben")
    await expect(sheet).to_be_visible()
    await row.dispatch_event("pointerup", {"pointerType": "touch", "bubbles": True})
    await sheet.get_by_role("button", name="React with 🎉").tap()
    await expect(row.get_by_role("button", name="🎉 1: you")).to_be_visible()


async def test_text_at_twice_the_size_is_not_cut_off(sit_down: Arrive, school: School) -> None:
    ada = await sit_down("ada", role="instructor", viewport={"width": 1280, "height": 900})
    await ada.open_room(await school.room(ada.token, "Algebra"))
    await ada.page.evaluate("document.documentElement.style.fontSize = '200%'")
    await ada.say("Large and legible")
    await expect(ada.message("Large and legible")).to_be_in_viewport()
    assert not await ada.page.evaluate("document.documentElement.scrollWidth > innerWidth")
