"""Reading back: pages come as one scrolls, nothing moves under the eye, and a found message is shown in its place."""

from playwright.async_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.people import School

_FIRST_IN_VIEW = """view => {
  const edge = view.getBoundingClientRect().top;
  const row = [...view.querySelectorAll("[data-message]")].find((one) => one.getBoundingClientRect().bottom > edge);
  return [row.dataset.message, Math.round(row.getBoundingClientRect().top - edge)];
}"""

_PLACE_OF = """(view, id) => {
  const row = view.querySelector(`[data-message="${id}"]`);
  return Math.round(row.getBoundingClientRect().top - view.getBoundingClientRect().top);
}"""


async def test_older_pages_load_without_moving_what_is_read(sit_down: Arrive, school: School) -> None:
    ada = await sit_down("ada", role="instructor")
    room = await school.room(ada.token, "Algebra")
    for number in range(130):
        await school.say(ada.token, room, f"number {number}\n\nand *more* of it")
    await ada.open_room(room)
    await expect(ada.message("number 129")).to_be_in_viewport()
    view = ada.page.locator(".timeline-view")
    rows = ada.messages.locator("[data-message]")
    count = await rows.count()
    assert count < 130
    while count < 130:
        await ada.page.wait_for_function("!document.querySelector('.older')?.textContent")
        await view.evaluate("view => { view.scrollTop = 40; view.dispatchEvent(new Event('scroll')); }")
        before = await view.evaluate(_FIRST_IN_VIEW)
        await expect(rows).not_to_have_count(count)
        assert await view.evaluate(_PLACE_OF, before[0]) == before[1]
        count = await rows.count()
    await expect(ada.page.get_by_text("This is where the room begins.")).to_be_attached()
    await ada.page.get_by_role("button", name="To the newest").click()
    await expect(ada.message("number 129")).to_be_in_viewport()


async def test_news_do_not_pull_a_reader_away(sit_down: Arrive, school: School) -> None:
    ada, ben = await sit_down("ada", role="instructor"), await sit_down("ben")
    room = await school.room(ada.token, "Algebra", "ben")
    for number in range(45):
        await school.say(ada.token, room, f"number {number}")
    await ben.open_room(room)
    await ben.page.get_by_role("button", name="new").first.click()
    await expect(ben.message("number 44")).to_be_in_viewport()
    await expect(ben.rooms.get_by_role("link", name="Algebra")).not_to_contain_text("unread")
    view = ben.page.locator(".timeline-view")
    await view.evaluate("view => { view.scrollTop = 300; }")
    await expect(ben.page.get_by_role("button", name="To the newest")).to_be_visible()
    before = await view.evaluate(_FIRST_IN_VIEW)
    for text in ("news", "more news"):
        await school.say(ada.token, room, text)
    await expect(ben.page.get_by_role("button", name="2 new")).to_be_visible()
    assert await view.evaluate(_FIRST_IN_VIEW) == before
    await ben.page.get_by_role("button", name="2 new").click()
    await expect(ben.message("more news")).to_be_in_viewport()
    await expect(ben.rooms.get_by_role("link", name="Algebra")).not_to_contain_text("unread")


async def test_a_found_message_is_shown_in_its_place(sit_down: Arrive, school: School) -> None:
    ada = await sit_down("ada", role="instructor")
    room = await school.room(ada.token, "Algebra")
    for number in range(250):
        await school.say(ada.token, room, "The needle is here" if number == 10 else f"hay {number:03}")
    await ada.open_room(room)
    await ada.page.get_by_role("button", name="Search").click()
    await ada.page.get_by_role("searchbox").fill("needle")
    await ada.page.get_by_role("list", name="Results").get_by_role("link").click()
    await expect(ada.message("The needle is here")).to_be_in_viewport()
    await expect(ada.message("hay 011")).to_be_in_viewport()
    await expect(ada.message("hay 249")).to_have_count(0)
    await ada.page.reload()
    await expect(ada.message("The needle is here")).to_be_in_viewport()

    await ada.page.get_by_role("button", name="To the newest").click()
    await expect(ada.message("hay 249")).to_be_in_viewport()
    await ada.page.get_by_role("searchbox").fill("nothing of the kind")
    await expect(ada.page.get_by_role("heading", name="Nothing found")).to_be_visible()


async def test_a_long_listing_is_folded(sit_down: Arrive, school: School) -> None:
    ada = await sit_down("ada", role="instructor")
    room = await school.room(ada.token, "Programming")
    listing = "\n".join(f"print({number})" for number in range(200))
    await school.say(ada.token, room, f"```python\n{listing}\n```")
    await ada.open_room(room)
    await expect(ada.messages.locator("pre")).not_to_contain_text("print(199)")
    await ada.page.get_by_role("button", name="Show all 200 lines").click()
    await expect(ada.messages.locator("pre")).to_contain_text("print(199)")
