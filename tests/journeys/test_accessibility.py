"""axe finds nothing serious, light or dark, on a phone or a wide screen."""

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.conftest import Arrive
from tests.journeys.people import School, arrive
from tests.services.homeroom import HomeroomServer

_AXE = Path(__file__).parents[2] / "static_client/node_modules/axe-core/axe.min.js"
_SERIOUS = {"serious", "critical"}

Scheme = Literal["light", "dark"]


async def findings(page: Page) -> list[str]:
    """What axe has to say of the page as it is now, one line for each finding that matters."""
    await page.evaluate(_AXE.read_text())
    result: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{found['id']}: {node['target']} {node['failureSummary']}"
        for found in result["violations"]
        if found["impact"] in _SERIOUS
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_sign_in_page(browser: Browser, server: HomeroomServer, scheme: Scheme) -> None:
    person = await arrive(browser, server, "", color_scheme=scheme)
    await person.page.goto(server.url)
    await expect(person.page.get_by_text("Open Homeroom from your course page.")).to_be_visible()
    assert await findings(person.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
async def test_rooms_panels_and_dialogs(sit_down: Arrive, school: School, scheme: Scheme, width: int) -> None:
    ada = await sit_down(
        "ada", role="instructor", color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    room = await school.room(ada.token, "Algebra", "ben", "eve")
    ben = ada.server.token("ben")
    for text in (
        "Hello **there** `code` [link](https://example.org)",
        "> quote\n\n- list",
        "```\ncode\n```",
        "| a | b |\n|-|-|\n| 1 | 2 |",
    ):
        await school.say(ben, room, text)
    await ada.open("/")
    await expect(ada.rooms.get_by_role("link", name="Algebra")).to_be_visible()
    assert await findings(ada.page) == []

    await ada.open_room(room)
    await expect(ada.messages.locator("table")).to_be_visible()
    await ada.say("my own")
    await expect(ada.unconfirmed()).to_have_count(0)
    await ada.act_on("quote", "React")
    await ada.page.get_by_role("button", name="React with 👍").click()
    await expect(ada.message("quote").get_by_role("button", name="👍 1: you")).to_be_visible()
    assert await findings(ada.page) == []

    for panel in ("people", "search", "details"):
        await ada.open(f"/rooms/{room}/{panel}")
        await expect(ada.page.get_by_role("complementary")).to_be_visible()
        assert await findings(ada.page) == []
    await ada.page.keyboard.press("Control+k")
    await expect(ada.page.get_by_role("dialog", name="Go to")).to_be_visible()
    assert await findings(ada.page) == []


async def test_the_offline_line_and_a_failed_message(sit_down: Arrive, school: School) -> None:
    ada = await sit_down("ada", role="instructor")
    await ada.open_room(await school.room(ada.token, "Algebra"))
    await ada.context.set_offline(True)
    await expect(ada.status).to_contain_text("You are offline.")
    await ada.say("waiting")
    await expect(ada.status).to_contain_text("1 message waiting.")
    assert await findings(ada.page) == []
